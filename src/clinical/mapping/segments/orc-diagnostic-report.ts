import type { DiagnosticReport, Extension, Identifier } from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/ei.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';

const STATUS_REASON = 'http://hl7.org/fhir/StructureDefinition/event-statusReason';

const statusReason: Datatype<Extension> = (value, context) => {
  const reason = cwe()(value, context);
  return reason && { url: STATUS_REASON, valueCodeableConcept: reason };
};

/** ORC-4 is EI, and EIP in 2.8.2: a number of the placer's group, and of the filler's where it names one. */
const groups: Convert = (field, context) => {
  const [value] = field.repetitions;
  const placer = value && ei('PGN')(value, context);
  return placer ? ([placer] satisfies Identifier[]) : undefined;
};

/** ORC → DiagnosticReport (v2-to-FHIR guide, ORC[DiagnosticReport]). Its numbers stand in the slots of OBR-2 and OBR-3, which say the same. */
export const orcDiagnosticReport: SegmentMap<DiagnosticReport> = {
  segment: 'ORC',
  resource: 'DiagnosticReport',
  rows: [
    { field: 2, to: 'identifier@OBR-2', as: listOf(first(ei('PLAC'))) },
    { field: 3, to: 'identifier@OBR-3', as: listOf(first(ei('FILL'))) },
    { field: 4, to: 'identifier@ORC-4', as: groups },
    { field: 16, to: `extension[url=${STATUS_REASON}]`, as: each(statusReason) },
  ],
  elsewhere: [1],
};
