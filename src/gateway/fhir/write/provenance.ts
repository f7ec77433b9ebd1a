import { randomId } from '../../../foundation/crypto/index.ts';
import { parseResource } from '../../../standards/fhir/index.ts';
import type { Json, RecordTransaction, ResourceWrite, WriteOutcome } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import type { FhirRequest, Services } from '../interaction.ts';
import { done } from './answers.ts';
import { validated } from './prepare.ts';

/** The Provenance of the header X-Provenance (provenance.html#header), whose target is what the request writes. */
export function provenanceIn({ header }: FhirRequest, services: Services): Json | undefined {
  const text = header('x-provenance');
  if (text === undefined) return undefined;
  const resource = parseResource(text);
  if (resource.resourceType !== 'Provenance') throw invalid('X-Provenance', 'a Provenance');
  if (resource.target !== undefined)
    throw invalid('X-Provenance', 'a Provenance without target, which is filled in');
  // As it will be, but for the id that is not known yet.
  validated(about(resource, 'urn:isthmus:target'), services);
  return resource;
}

/**
 * Writes, and with it the Provenance when there is one and something changed. An outcome that means that nothing was written is the
 * caller's to judge.
 */
export async function writeWith(
  record: RecordTransaction,
  write: ResourceWrite,
  provenance: Json | undefined,
): Promise<WriteOutcome> {
  const [outcome] = await record.write([write]);
  if (!outcome) throw new TypeError('a write has an outcome');
  const isChanged = outcome.kind === 'created' || outcome.kind === 'updated';
  if (provenance === undefined || !isChanged) return outcome;
  const { type, id, version } = outcome;
  const resource = { ...about(provenance, `${type}/${id}/_history/${version}`), id: randomId() };
  const [stored] = await record.write([{ op: 'create', method: 'POST', resource }]);
  if (!stored) throw new TypeError('a write has an outcome');
  done(stored, { exists: false });
  return outcome;
}

const about = (provenance: Json, reference: string): Json => ({ ...provenance, target: [{ reference }] });
