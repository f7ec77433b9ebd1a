import { isObject, type JsonObject } from '../json.ts';
import type { Run } from './run.ts';

const REST_URL = /^https?:\/\/.+\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** R4 bundle.html#bundle-unique: the fullUrl of a resource on a FHIR server ends in its type and id. */
export function checkBundle({ report }: Run, bundle: JsonObject): void {
  if (!Array.isArray(bundle.entry)) return;
  for (const [index, entry] of bundle.entry.entries()) {
    if (!isObject(entry) || typeof entry.fullUrl !== 'string' || !isObject(entry.resource)) continue;
    const [, type, id] = REST_URL.exec(entry.fullUrl) ?? [];
    const { resource } = entry;
    if (type === undefined || type !== resource.resourceType || resource.id === undefined) continue;
    if (id !== resource.id)
      report.error('value', 'must end in the id of the resource', `entry[${index}].fullUrl`);
  }
}
