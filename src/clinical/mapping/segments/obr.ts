import type { CodeableConcept, DiagnosticReport, Reference } from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { cwe, v2Table } from '../datatypes/cwe.ts';
import { dateTime, instant } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { ndl } from '../datatypes/ndl.ts';
import { code } from '../datatypes/text.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { reportStatus } from '../tables.ts';

/** OBR-7 alone is a time; with OBR-8 it begins a period. */
const effective: Convert = (field, context, { segment }) => {
  const start = dateTime(field.repetition(1), context);
  const end = dateTime(segment.field(8).repetition(1), context);
  if (start === undefined) return undefined;
  return end === undefined ? { DateTime: start } : { Period: { start, end } };
};

/** OBR-8 without OBR-7: only when it ended is known. */
const effectiveEnd: Convert = (field, context, { segment }) => {
  const end = segment.field(7).state === 'empty' ? dateTime(field.repetition(1), context) : undefined;
  return end === undefined ? undefined : { Period: { end } };
};

const section: Datatype<CodeableConcept> = (value) =>
  value.text === '' ? undefined : { coding: [{ system: v2Table('0074'), code: value.text }] };

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const FUNCTION = 'http://hl7.org/fhir/StructureDefinition/event-performerFunction';

/** Who had a hand in the report, and in which function. */
const performer =
  (code: string): Datatype<Reference> =>
  (value, context) => {
    const somebody = ndl(value, context);
    const valueCodeableConcept = { coding: [{ system: PARTICIPATION, code }] };
    return somebody && { ...somebody, extension: [{ url: FUNCTION, valueCodeableConcept }] };
  };

/** OBR → DiagnosticReport (v2-to-FHIR guide, OBR[DiagnosticReport]). Its results: messages/oru.ts. */
export const obr: SegmentMap<DiagnosticReport> = {
  segment: 'OBR',
  resource: 'DiagnosticReport',
  rows: [
    { field: 2, to: 'identifier@OBR-2', as: listOf(first(ei('PLAC'))) },
    { field: 3, to: 'identifier@OBR-3', as: listOf(first(ei('FILL'))) },
    { field: 4, to: 'code', as: first(cwe()) },
    { field: 7, to: 'effective[x]', as: effective, with: [8] },
    { field: 8, to: 'effective[x]', as: effectiveEnd, with: [7] },
    { field: 22, to: 'issued', as: first(instant) },
    { field: 24, to: 'category', as: listOf(first(section)) },
    { field: 25, to: 'status', as: first(code('0123', reportStatus)) },
    { field: 32, to: 'resultsInterpreter@OBR-32', as: each(ndl) },
    { field: 33, to: 'resultsInterpreter@OBR-33', as: each(ndl) },
    { field: 34, to: 'performer@OBR-34', as: each(performer('SPRF')) },
    { field: 35, to: 'performer@OBR-35', as: each(performer('TRANS')) },
  ],
  elsewhere: [1],
};
