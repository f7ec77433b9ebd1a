import { stringifyExact } from '../../../standards/fhir/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import { errorOf } from '../execute.ts';
import { invalid } from '../failure.ts';
import { patchIn } from '../write/patch-body.ts';
import { atPlace } from './at-place.ts';

export type Patch = (resource: Json) => Json;

/** The patch that an entry carries: a Binary is the patch itself, in its media type, everything else one in FHIR (R4 http.html#patch). */
export function patchOf(resource: Json | undefined, place: string): Patch {
  if (!resource) throw invalid(place, 'a PATCH carries a Binary with a JSON Patch');
  try {
    return patchIn(bodyOf(resource));
  } catch (error) {
    throw atPlace(errorOf(error), place);
  }
}

export interface PatchBody {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** As it would come over HTTP. */
export function bodyOf(resource: Json): PatchBody {
  const { resourceType, data, contentType } = resource;
  if (resourceType !== 'Binary' || typeof data !== 'string' || typeof contentType !== 'string')
    return { body: Buffer.from(stringifyExact(resource)), contentType: 'application/fhir+json' };
  const [mediaType = ''] = contentType.split(';');
  return { body: Buffer.from(data, 'base64'), contentType: mediaType.trim().toLowerCase() };
}
