import type { CodeableConcept, Condition, Extension } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { choice, type Datatype, first, firstOf, listOf, orNothing } from '../convert.ts';
import { codeSystemUri, cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { xcn } from '../datatypes/xcn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const ASSERTED = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate';

/** DG1-3, whose coding system may stand in DG1-2 (before 2.4); DG1-4 is what it is called. */
function diagnosisCode(dg1: Segment, context: MapContext): CodeableConcept | undefined {
  const concept = firstOf(dg1.field(3), cwe(), context);
  const method = codeSystemUri(dg1.field(2).text.trim(), context);
  const description = orNothing(dg1.field(4).text.trim());
  if (!concept) return description === undefined ? undefined : { text: description };
  const coding = concept.coding?.map((one) =>
    one.system === undefined && method !== undefined ? { ...one, system: method } : one,
  );
  return {
    ...concept,
    ...(coding ? { coding } : {}),
    ...(description === undefined ? {} : { text: description }),
  };
}

const codeOfDiagnosis: Convert = (_field, context, { segment }) => diagnosisCode(segment, context);
const codeByDescription: Convert = (_field, context, { segment }) =>
  segment.field(3).state === 'valued' ? undefined : diagnosisCode(segment, context);

/** 0052 Diagnosis type, as far as it says how sure one is; what it is to the visit is Encounter.diagnosis.use. */
const certainties = codeTable({ W: 'provisional', F: 'confirmed' });
const certainty: Datatype<CodeableConcept> = (value) => {
  const code = certainties[value.text.trim().toUpperCase()];
  return code === undefined ? undefined : { coding: [{ system: VERIFICATION, code }] };
};

const asserted: Datatype<Extension> = (value, context) => {
  const at = dateTime(value, context);
  return at === undefined ? undefined : { url: ASSERTED, valueDateTime: at };
};

/** DG1 → Condition (v2-to-FHIR guide, DG1[Condition]). */
export const dg1Condition: SegmentMap<Condition> = {
  segment: 'DG1',
  resource: 'Condition',
  rows: [
    { field: 3, to: 'code', as: codeOfDiagnosis, with: [2, 4] },
    { field: 4, to: 'code', as: codeByDescription, with: [3] },
    { field: 5, to: 'onset[x]', as: choice('DateTime', first(dateTime)) },
    { field: 6, to: 'verificationStatus', as: first(certainty) },
    { field: 16, to: 'asserter', as: first(xcn) },
    { field: 19, to: 'recordedDate', as: first(dateTime) },
    { field: 19, to: `extension[url=${ASSERTED}]`, as: listOf(first(asserted)) },
    { field: 20, to: 'identifier@DG1-20', as: listOf(first(ei())) },
  ],
  // DG1-6 and 15 stand in the visit as well; DG1-21 acts.
  elsewhere: [1, 15, 21],
};
