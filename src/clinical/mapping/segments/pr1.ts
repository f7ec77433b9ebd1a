import type { CodeableConcept, Procedure, ProcedurePerformer } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { toFhirDateTime, toInstant } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, each, first, firstOf, listOf, orNothing } from '../convert.ts';
import { codeSystemUri, cwe } from '../datatypes/cwe.ts';
import { readDateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { pl } from '../datatypes/pl.ts';
import { xcn } from '../datatypes/xcn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';

const SNOMED = 'http://snomed.info/sct';
/** As the guide has them. */
const ANESTHETIST = '88189002';
const SURGEON = '304292004';

/** PR1-3, whose coding system may stand in PR1-2 (before 2.4); PR1-4 is what it is called. */
function procedureCode(pr1: Segment, context: MapContext): CodeableConcept | undefined {
  const concept = firstOf(pr1.field(3), cwe(), context);
  const method = codeSystemUri(pr1.field(2).text.trim(), context);
  const description = orNothing(pr1.field(4).text.trim());
  if (!concept) return description === undefined ? undefined : { text: description };
  const coding = concept.coding?.map((one) =>
    one.system === undefined && method !== undefined ? { ...one, system: method } : one,
  );
  const text = orNothing(pr1.field(3).component(9)) ?? description ?? concept.text;
  return { ...concept, ...(coding ? { coding } : {}), ...(text === undefined ? {} : { text }) };
}

const codeOfProcedure: Convert = (_field, context, { segment }) => procedureCode(segment, context);
const codeByDescription: Convert = (_field, context, { segment }) =>
  segment.field(3).state === 'valued' ? undefined : procedureCode(segment, context);

/** PR1-5 is when; with PR1-7, how many minutes it took, and to the minute, it begins a period. */
const performed: Convert = (field, context, { segment }) => {
  const [value] = field.repetitions;
  const begin = value && readDateTime(value, context);
  if (!begin) return undefined;
  const minutes = /^\d{1,5}$/.exec(segment.field(7).text.trim())?.[0];
  const start = toFhirDateTime(begin);
  if (minutes === undefined || begin.minute === undefined) return { DateTime: start };
  const end = new Date((toInstant(begin)?.getTime() ?? 0) + Number(minutes) * 60_000);
  return { Period: { start, end: end.toISOString() } };
};

const performer =
  (role?: string): Datatype<ProcedurePerformer> =>
  (value, context) => {
    const actor = xcn(value, context);
    if (!actor) return undefined;
    return role === undefined ? { actor } : { function: { coding: [{ system: SNOMED, code: role }] }, actor };
  };

/** PR1 → Procedure (v2-to-FHIR guide, PR1[Procedure]). Its status follows from the message. */
export const pr1: SegmentMap<Procedure> = {
  segment: 'PR1',
  resource: 'Procedure',
  rows: [
    { field: 3, to: 'code', as: codeOfProcedure, with: [2, 4] },
    { field: 4, to: 'code', as: codeByDescription, with: [3] },
    { field: 5, to: 'performed[x]', as: performed, with: [7] },
    { field: 6, to: 'category', as: first(cwe('0230')) },
    { field: 8, to: 'performer@PR1-8', as: each(performer(ANESTHETIST)) },
    { field: 11, to: 'performer@PR1-11', as: each(performer(SURGEON)) },
    { field: 12, to: 'performer@PR1-12', as: each(performer()) },
    { field: 15, to: 'reasonCode', as: each(cwe()) },
    { field: 19, to: 'identifier@PR1-19', as: listOf(first(ei())) },
    { field: 23, to: 'location', as: first(pl) },
  ],
  // PR1-20 acts.
  elsewhere: [1, 20],
};
