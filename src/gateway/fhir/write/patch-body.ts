import {
  applyFhirPathPatch,
  applyJsonPatch,
  parseJson,
  parseResource,
} from '../../../standards/fhir/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../failure.ts';
import type { FhirRequest } from '../interaction.ts';

/** What a patch may come in; `application/json` says of neither that it is the one. */
export const patchFormats = ['application/json-patch+json', 'application/fhir+json'] as const;

/**
 * The patch in the body, a JSON Patch or Parameters (R4 http.html#patch), to be applied as often as its transaction is tried. Throws FhirError, and what the address is
 * not served with.
 */
export function patchIn({
  body,
  contentType,
}: Pick<FhirRequest, 'body' | 'contentType'>): (resource: Json) => Json {
  if (body.length === 0) throw invalid('body', 'a patch is needed');
  if (contentType === 'application/json-patch+json') {
    const operations = parseJson(body);
    return (resource) => applyJsonPatch(resource, operations);
  }
  if (contentType === 'application/fhir+json') {
    const parameters = parseResource(body);
    return (resource) => applyFhirPathPatch(resource, parameters);
  }
  throw new FhirFailure('UNSUPPORTED_MEDIA_TYPE', {
    place: 'Content-Type',
    rule: patchFormats.join(' or '),
  });
}
