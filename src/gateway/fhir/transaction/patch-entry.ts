import { parseJson } from '../../../standards/fhir/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import { errorOf } from '../execute.ts';
import { FhirFailure, invalid } from '../failure.ts';
import { atPlace } from './at-place.ts';

/** The JSON Patch that an entry carries as a Binary (R4 http.html#patch), parsed and not looked into. */
export function patchOf(resource: Json | undefined, place: string): unknown {
  if (!resource) throw invalid(place, 'a PATCH carries a Binary with a JSON Patch');
  const { resourceType, contentType, data } = resource;
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || typeof data !== 'string')
    throw unsupported(place);
  const [mediaType = ''] = contentType.split(';');
  if (mediaType.trim() !== 'application/json-patch+json') throw unsupported(`${place}.contentType`);
  try {
    return parseJson(Buffer.from(data, 'base64'));
  } catch (error) {
    throw atPlace(errorOf(error), `${place}.data`);
  }
}

const unsupported = (place: string) =>
  new FhirFailure('UNSUPPORTED_MEDIA_TYPE', { place, rule: 'a Binary of application/json-patch+json' });
