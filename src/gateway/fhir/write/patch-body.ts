import { applyJsonPatch, parseJson } from '../../../standards/fhir/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../failure.ts';
import type { FhirRequest } from '../interaction.ts';

/** The patch in the body, to be applied as often as its transaction is tried. Throws FhirError, and what the address is not served with. */
export function patchIn({
  body,
  contentType,
}: Pick<FhirRequest, 'body' | 'contentType'>): (resource: Json) => Json {
  if (body.length === 0) throw invalid('body', 'a patch is needed');
  if (contentType !== 'application/json-patch+json')
    throw new FhirFailure('UNSUPPORTED_MEDIA_TYPE', {
      place: 'Content-Type',
      rule: 'application/json-patch+json',
    });
  const operations = parseJson(body);
  return (resource) => applyJsonPatch(resource, operations);
}
