import { patientCompartment } from '../../../standards/fhir/index.ts';
import { valuesOf } from '../../../standards/fhir-search/index.ts';
import type { Json } from '../types.ts';
import { type IndexEntries, indexEntries } from './extract.ts';
import { VALIDATION_TAG } from './meta.ts';
import type { Content } from './slot.ts';

/** R4 puts no device into a compartment, but US Core finds implants by patient, and nobody else's may be seen. */
const DEVICE = ['patient'];

const compartmentOf = (type: string): readonly string[] =>
  type === 'Device' ? DEVICE : patientCompartment(type);

/** What is stored for searching a resource. `invalid`: it was taken with issues, and is found by the tag that says so. */
export function entriesOf(content: Content, invalid: boolean): IndexEntries {
  const resource = content as Json;
  const type = String(content.resourceType);
  const values = valuesOf(resource);
  return indexEntries({
    type,
    id: String(content.id),
    values: invalid ? [...values, { param: '_tag', value: { kind: 'token', ...VALIDATION_TAG } }] : values,
    compartment: compartmentOf(type),
  });
}
