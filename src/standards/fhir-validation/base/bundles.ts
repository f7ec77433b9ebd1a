import { isKnownResourceType } from '../../fhir/index.ts';
import { isObject, type JsonObject, listOf } from '../json.ts';
import type { Report } from '../report.ts';
import { checkDocument } from './documents.ts';
import { ABSOLUTE, type Run } from './run.ts';

const REST_URL = /^https?:\/\/.+\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;
const ONCE: readonly string[] = ['self', 'first', 'previous', 'prev', 'next', 'last'];

/** Rules for a Bundle that its invariants don't tell (R4 bundle.html). */
export function checkBundle(
  { report }: Run,
  bundle: JsonObject,
  fullUrls: ReadonlyMap<string, unknown>,
): void {
  if (bundle.type === 'document') checkDocument(report, bundle, fullUrls);
  const seen = new Set<unknown>();
  for (const [index, link] of listOf(bundle.link).entries()) {
    const relation = isObject(link) ? link.relation : undefined;
    if (seen.has(relation) && ONCE.includes(String(relation)))
      report.error('invalid', 'a relation to a page may be given once', `link[${index}]`);
    seen.add(relation);
  }
  for (const [index, entry] of listOf(bundle.entry).entries())
    if (isObject(entry)) checkEntry(report, bundle.type, entry, `entry[${index}]`);
}

function checkEntry(report: Report, type: unknown, entry: JsonObject, place: string): void {
  const { fullUrl, resource } = entry;
  if (typeof fullUrl === 'string' && !ABSOLUTE.test(fullUrl))
    report.error('value', 'must be an absolute URI', `${place}.fullUrl`);
  if (!isObject(resource)) return;
  if (
    typeof fullUrl === 'string' &&
    type !== 'batch' &&
    type !== 'transaction' &&
    !namesResource(fullUrl, resource)
  )
    report.error('value', 'must end in the type and id of the resource', `${place}.fullUrl`);
  if (type === 'searchset') checkFound(report, entry, resource, place);
}

/** bundle.html#bundle-unique: the fullUrl of a resource on a FHIR server ends in its type and id. */
function namesResource(fullUrl: string, { resourceType, id }: JsonObject): boolean {
  const [, type, last] = REST_URL.exec(fullUrl) ?? [];
  return type === undefined || !isKnownResourceType(type) || (type === resourceType && last === id);
}

/** search.html: what is found is there, and so has an id; an outcome tells of the search. */
function checkFound(report: Report, { search }: JsonObject, resource: JsonObject, place: string): void {
  const isOutcome = resource.resourceType === 'OperationOutcome';
  if (resource.id === undefined && !isOutcome)
    report.error('required', 'what a search found has an id', `${place}.resource`);
  if (isObject(search) && search.mode === 'outcome' && !isOutcome)
    report.error('invalid', 'an outcome is an OperationOutcome', `${place}.resource`);
}
