import type { CodeableConcept, EncounterDiagnosis } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, firstOf, present } from '../convert.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';

const ROLE = 'http://terminology.hl7.org/CodeSystem/diagnosis-role';

/** 0052 Diagnosis type, to diagnosis-role: only A has one. */
const use: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0052')(value, context);
  if (!concept || value.text.trim().toUpperCase() !== 'A') return concept;
  return withCoding(concept, { system: ROLE, code: 'AD' });
};

/** DG1 → Encounter.diagnosis (v2-to-FHIR guide, DG1[Encounter]): DG1-6 its role, DG1-15 its rank, which begins at 1. */
export function encounterDiagnosis(dg1: Segment, condition: string, context: MapContext): EncounterDiagnosis {
  const rank = /^[1-9]\d{0,3}$/.exec(dg1.field(15).text.trim())?.[0];
  return {
    condition: { reference: condition },
    ...present<EncounterDiagnosis>({
      use: firstOf(dg1.field(6), use, context),
      rank: rank === undefined ? undefined : Number(rank),
    }),
  };
}
