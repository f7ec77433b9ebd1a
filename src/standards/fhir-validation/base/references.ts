import { isKnownResourceType } from '../../fhir/index.ts';
import type { Environment } from '../invariants/invariants.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { ResourceScope, Run } from './run.ts';

const REST =
  /^(https?:\/\/[^\s?#]+\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/;
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?/;

/** Bundles that hold whatever a urn in them refers to. */
const WHOLE: readonly string[] = ['document', 'message', 'transaction'];

/** A literal reference, `type`, and the types that the element admits (R4 references.html). */
export function checkReference(
  run: Run,
  scope: ResourceScope,
  reference: JsonObject,
  targets: ReadonlySet<string> | undefined,
): void {
  const { report } = run;
  const literal =
    typeof reference.reference === 'string' ? literalType(run, scope, reference.reference) : undefined;
  const declared = declaredType(run, reference.type);
  if (literal && declared && literal !== declared)
    report.error('invalid', 'must be the type that the reference names', 'type');
  const type = literal ?? declared;
  if (type && targets && !targets.has(type))
    report.error('invalid', 'must refer to a type that the element admits');
}

function declaredType({ report }: Run, type: unknown): string | undefined {
  if (typeof type !== 'string' || type.includes(':')) return undefined;
  if (isKnownResourceType(type)) return type;
  report.error('value', 'must be a resource type of R4', 'type');
  return undefined;
}

/** The type that a literal reference names or leads to; undefined when it can't be known. */
function literalType({ report }: Run, scope: ResourceScope, literal: string): string | undefined {
  if (literal.startsWith('#')) return internalType(report.error.bind(report), scope, literal.slice(1));
  const inBundle = scope.bundle?.types.get(literal);
  if (inBundle) return inBundle;
  const conditional = CONDITIONAL.exec(literal);
  const [, base, named] = REST.exec(literal) ?? [];
  const type = named ?? conditional?.[1];
  if (type === undefined) {
    if (scope.bundle && /^urn:(?:uuid|oid):/.test(literal)) {
      const whole = WHOLE.includes(String(scope.bundle.resource.type));
      report.add(
        whole ? 'error' : 'warning',
        'not-found',
        'must be the fullUrl of an entry of the Bundle',
        'reference',
      );
    }
    return undefined;
  }
  if (isKnownResourceType(type)) return type;
  if (base === undefined) report.error('value', 'must name a resource type of R4', 'reference');
  return undefined;
}

function internalType(
  error: (code: string, rule: string, element: string) => void,
  scope: ResourceScope,
  id: string,
): string | undefined {
  if (id === '') return typeName(scope.root);
  const type = scope.contained.get(id);
  if (type === undefined) error('not-found', 'ref-1: must be the id of a contained resource', 'reference');
  return type;
}

/** The type that a Reference leads to, as far as it, its container and its Bundle tell; checks nothing. */
export function referencedType(
  { reference, type }: JsonObject,
  { resolve }: Pick<Environment, 'resolve'>,
): string | undefined {
  if (typeof reference !== 'string') return typeof type === 'string' ? type : undefined;
  const resource = /^(?:#|urn:)/.test(reference) ? resolve(reference) : undefined;
  if (isObject(resource)) return typeName(resource);
  const named = REST.exec(reference)?.[2] ?? CONDITIONAL.exec(reference)?.[1];
  return named !== undefined && isKnownResourceType(named) ? named : undefined;
}

/** Remembers that something refers to a contained resource, or to the resource that contains it. */
export function noteInternal(scope: ResourceScope, type: string, text: string): void {
  if (type !== 'string' && type !== 'canonical' && type !== 'uri' && type !== 'url') return;
  if (text === '#') scope.refersToContainer = true;
  else scope.mentioned.add(text.slice(1));
}

/** A narrative shows contained images, and links to contained resources. */
export function noteImages(scope: ResourceScope, html: string): void {
  for (const [, id] of html.matchAll(/\s(?:src|href)\s*=\s*["']#([^"']+)["']/g))
    if (id) scope.mentioned.add(id);
}

/** Type of each contained resource by its id. */
export function containedTypes(resource: JsonObject): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  if (!Array.isArray(resource.contained)) return types;
  for (const contained of resource.contained) {
    const type = isObject(contained) ? typeName(contained) : undefined;
    if (isObject(contained) && typeof contained.id === 'string' && type) types.set(contained.id, type);
  }
  return types;
}

/** fullUrl of each entry → the type of its resource. */
export function bundledTypes(bundle: JsonObject): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  if (!Array.isArray(bundle.entry)) return types;
  for (const entry of bundle.entry) {
    if (!isObject(entry) || typeof entry.fullUrl !== 'string' || !isObject(entry.resource)) continue;
    const type = typeName(entry.resource);
    if (type) types.set(entry.fullUrl, type);
  }
  return types;
}

const typeName = ({ resourceType }: JsonObject): string | undefined =>
  typeof resourceType === 'string' ? resourceType : undefined;
