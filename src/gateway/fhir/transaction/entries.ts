import { isKnownResourceType, isResourceId } from '../../../standards/fhir/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../failure.ts';
import type { Method } from '../interaction.ts';
import type { InteractionRequest } from './types.ts';

/** What an entry is about. */
export type Target =
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'instance'; readonly type: string; readonly id: string }
  | { readonly kind: 'criteria'; readonly type: string; readonly criteria: string };

/** One entry of a transaction or a batch, with its request taken apart. */
export interface Entry {
  readonly index: number;
  /** `Bundle.entry[3]`. */
  readonly place: string;
  readonly fullUrl?: string;
  readonly request: InteractionRequest;
}

export type BundleType = 'transaction' | 'batch';

/** More than this is an import, not a request. */
export const MAX_ENTRIES = 10_000;

const METHODS: ReadonlySet<string> = new Set<Method>(['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD']);
const CONDITIONS = ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist'] as const;
type Fields = Readonly<Record<string, unknown>>;

/** The type of a bundle that is posted to the base; every other kind is refused. */
export function bundleTypeOf(bundle: Json): BundleType {
  if (bundle.resourceType !== 'Bundle') throw invalid('Bundle', 'what is posted to the base is a Bundle');
  const { type } = bundle;
  if (type === 'transaction' || type === 'batch') return type;
  throw invalid(
    'Bundle.type',
    'a bundle posted to the base is a transaction or a batch; a collection or a history is imported',
  );
}

/** The entries as they stand, not looked into yet. */
export function rawEntries(bundle: Json): readonly unknown[] {
  const entries = bundle.entry ?? [];
  if (!Array.isArray(entries)) throw invalid('Bundle.entry', 'a list of entries');
  if (entries.length > MAX_ENTRIES)
    throw new FhirFailure('TOO_LARGE', { place: 'Bundle.entry', rule: `at most ${MAX_ENTRIES} entries` });
  return entries;
}

/** Takes one entry apart. `base` is this server's; addresses below it become relative. */
export function entryOf(raw: unknown, index: number, base: string): Entry {
  const place = `Bundle.entry[${index}]`;
  const { fullUrl, request, resource } = fields(raw, place);
  const asked = fields(request, `${place}.request`);
  const { method, url } = asked;
  if (typeof method !== 'string' || !METHODS.has(method))
    throw invalid(`${place}.request.method`, 'one of GET, HEAD, POST, PUT, PATCH, DELETE');
  if (typeof url !== 'string' || url === '') throw invalid(`${place}.request.url`, 'an address');
  if (fullUrl !== undefined && typeof fullUrl !== 'string')
    throw invalid(`${place}.fullUrl`, 'an absolute address');
  const conditions: Record<string, string> = {};
  for (const name of CONDITIONS) {
    const condition = asked[name];
    if (condition === undefined) continue;
    if (typeof condition !== 'string') throw invalid(`${place}.request.${name}`, 'a text');
    conditions[name] = condition;
  }
  return {
    index,
    place,
    ...(fullUrl === undefined ? {} : { fullUrl }),
    request: {
      method: method as Method,
      url: relativeUrl(url, base, place),
      ...(resource === undefined ? {} : { resource: resourceOf(resource, place) }),
      ...conditions,
    },
  };
}

function fields(value: unknown, place: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid(place, 'is needed');
}

function resourceOf(value: unknown, place: string): Json {
  const resource = fields(value, `${place}.resource`);
  const { resourceType } = resource;
  if (typeof resourceType !== 'string' || !isKnownResourceType(resourceType))
    throw invalid(`${place}.resource.resourceType`, 'a type of resource of R4 4.0.1');
  return resource as Json;
}

/** An address below our base, or relative to it, as what follows the base. */
function relativeUrl(url: string, base: string, place: string): string {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return url.startsWith('/') ? url.slice(1) : url;
  if (URL.canParse(url)) {
    const [ours, asked] = [new URL(`${base}/`), new URL(url)];
    if (ours.origin === asked.origin && asked.pathname.startsWith(ours.pathname))
      return `${asked.pathname.slice(ours.pathname.length)}${asked.search}`;
  }
  throw invalid(`${place}.request.url`, 'relative to the base of this server');
}

/** What a writing request is about; refused when its address is no address of a type, an instance, or of criteria. */
export function targetOf({ request: { method, url }, place }: Entry): Target {
  const at = url.indexOf('?');
  const [path, query] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
  const [type = '', id, ...more] = path.split('/');
  const wrong = (rule: string) => invalid(`${place}.request.url`, rule);
  if (!isKnownResourceType(type) || more.length > 0)
    throw wrong('Type, Type/id or Type?criteria, of a type of R4 4.0.1');
  if (method === 'POST') {
    if (id !== undefined || query !== '') throw wrong('a POST of a transaction is to Type');
    return { kind: 'type', type };
  }
  if (id === undefined) {
    if (query === '') throw wrong(`a ${method} is to Type/id or Type?criteria`);
    return { kind: 'criteria', type, criteria: query };
  }
  if (!isResourceId(id)) throw wrong('an id has 1 to 64 letters, digits, - and .');
  if (query !== '') throw wrong('Type/id takes no parameters here');
  return { kind: 'instance', type, id };
}

/** The entry of a resource that comes without a request: under its id, or new when it has none. */
export function resourceEntry(
  resource: Json,
  { index, fullUrl }: { readonly index: number; readonly fullUrl?: string },
): Entry {
  const { resourceType, id } = resource;
  const request: InteractionRequest =
    id === undefined
      ? { method: 'POST', url: resourceType, resource }
      : { method: 'PUT', url: `${resourceType}/${id}`, resource };
  return { index, place: `Bundle.entry[${index}]`, ...(fullUrl === undefined ? {} : { fullUrl }), request };
}
