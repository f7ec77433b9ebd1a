import type { Json } from '../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../failure.ts';

const MAX_OPERATIONS = 1_000;

/** The operations of a JSON Patch that an entry carries as a Binary (R4 http.html#patch). */
export function patchOf(resource: Json | undefined, place: string): readonly unknown[] {
  if (!resource) throw invalid(place, 'a PATCH carries a Binary with a JSON Patch');
  const { resourceType, contentType, data } = resource;
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || typeof data !== 'string')
    throw unsupported(place);
  const [mediaType = ''] = contentType.split(';');
  if (mediaType.trim() !== 'application/json-patch+json') throw unsupported(`${place}.contentType`);
  const operations = parsed(Buffer.from(data, 'base64').toString('utf8'));
  if (!Array.isArray(operations)) throw invalid(`${place}.data`, 'a list of operations, as RFC 6902 has it');
  if (operations.length > MAX_OPERATIONS)
    throw invalid(`${place}.data`, `at most ${MAX_OPERATIONS} operations`);
  return operations;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by the caller: what is no JSON is no list either.
    return undefined;
  }
}

const unsupported = (place: string) =>
  new FhirFailure('UNSUPPORTED_MEDIA_TYPE', { place, rule: 'a Binary of application/json-patch+json' });
