import type { Annotation, ServiceRequest } from '@medplum/fhirtypes';
import { Hl7Error, type Segment, toFhirDateTime } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { allOf, choice, type Datatype, first, firstOf, listOf, present } from '../convert.ts';
import { cq } from '../datatypes/cq.ts';
import { dateTime, readDateTime } from '../datatypes/dtm.ts';
import type { ExactQuantity } from '../datatypes/nm.ts';
import { rptCode, rptRepeat, timeUnit } from '../datatypes/rpt.ts';
import { text } from '../datatypes/text.ts';
import { emptyPatch, type Patch, placeOf, type SegmentMap } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

/** Table 0485, and the words that senders write in its place. P, C, T and PRN have no code of FHIR. */
const priorities = codeTable<ServiceRequest['priority']>({
  S: 'stat',
  STAT: 'stat',
  A: 'asap',
  ASAP: 'asap',
  R: 'routine',
  ROUTINE: 'routine',
  URGENT: 'urgent',
});

function priorityOf(code: string): ServiceRequest['priority'] {
  if (code === '') return undefined;
  const known = priorities[code.toUpperCase()];
  if (!known) throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: 'table 0485 has a code of FHIR for it' });
  return known;
}

/** OBR-5, TQ1-9. Throws HL7_BAD_TABLE_VALUE. */
export const priority: Datatype<ServiceRequest['priority']> = (value) => priorityOf(value.text.trim());

const annotation: Datatype<Annotation> = (value, context) => {
  const words = text(value, context);
  return words === undefined ? undefined : { text: words };
};

/** TQ1 → ServiceRequest (v2-to-FHIR guide, TQ1[ServiceRequest]). When it is to be done: `timingOf`. */
export const tq1ServiceRequest: SegmentMap<ServiceRequest> = {
  segment: 'TQ1',
  resource: 'ServiceRequest',
  rows: [
    { field: 2, to: 'quantity[x]', as: choice('Quantity', first(cq)) },
    { field: 9, to: 'priority', as: first(priority) },
    { field: 10, to: 'asNeeded[x]', as: choice('CodeableConcept', first(annotation)) },
    { field: 11, to: 'note@TQ1-11', as: listOf(first(annotation)) },
  ],
  elsewhere: [1, 3, 4, 6, 7, 8, 13, 14],
};

/** A CQ of time as a Duration; undefined where its unit is none of FHIR's. */
const duration: Datatype<ExactQuantity> = (value, context) => {
  const { value: amount, code, unit } = (cq(value, context) ?? {}) as ExactQuantity;
  const known = timeUnit(code ?? unit ?? '');
  return amount === undefined || known === undefined
    ? undefined
    : { value: amount, unit: unit ?? known, system: 'http://unitsofmeasure.org', code: known };
};

const positive = (digits: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(digits.trim()) ? Number(digits) : undefined;

/** TM without its offset: the hour of the patient's day. */
const timeOfDay: Datatype<string> = (value) => {
  const [, hour, minute, second = '00'] = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)?/.exec(value.text) ?? [];
  return hour === undefined ? undefined : `${hour}:${minute}:${second}`;
};

/** A period that ends before it begins is none (FHIR R4, per-1): the end is found, and the start taken. */
function inOrder(
  { start, end }: { start: string | undefined; end: string | undefined },
  place: string,
  context: MapContext,
): object | undefined {
  if (start === undefined || end === undefined || Date.parse(start) <= Date.parse(end))
    return present<object>({ start, end });
  context.findings.push({ place, rule: 'a period ends after its start' });
  return { start };
}

/**
 * TQ1-3, 4, 6, 7, 8, 13 and 14 → Timing: how often, how long, from when to when. A duration (TQ1-6) is its own bound only where TQ1-7 and 8 say
 * none, because FHIR has one or the other.
 */
export function timingOf(tq1: Segment, context: MapContext): object | undefined {
  const read = <T>(field: number, datatype: Datatype<T>) =>
    attempt(context, placeOf(tq1, field), () => firstOf(tq1.field(field), datatype, context));
  const bounds = inOrder({ start: read(7, dateTime), end: read(8, dateTime) }, placeOf(tq1, 8), context);
  const each = read(13, duration);
  const times = allOf(tq1.field(4), timeOfDay, { context, place: placeOf(tq1, 4) });
  const { when, ...pattern } = read(3, rptRepeat) ?? {};
  const repeat = present<object>({
    ...pattern,
    // An hour of the day or an event of it (FHIR R4, tim-10).
    when: times.length > 0 ? undefined : when,
    offset: times.length > 0 ? undefined : pattern.offset,
    boundsPeriod: bounds,
    boundsDuration: bounds ? undefined : read(6, duration),
    timeOfDay: times.length > 0 ? times : undefined,
    count: positive(tq1.field(14).text),
    duration: each?.value,
    durationUnit: each?.code,
  });
  return present<object>({ repeat, code: read(3, rptCode) });
}

/** TQ of ORC-7 or OBR-27, before TQ1 took its place: TQ-4 and 5 when, TQ-6 priority, TQ-8 text, TQ-12 how often. */
export function quantityTiming(segment: Segment | undefined, field: number, context: MapContext): Patch {
  const patch = emptyPatch();
  const value = segment?.field(field).repetitions[0];
  if (!segment || !value) return patch;
  const read = <T>(work: () => T) => attempt(context, placeOf(segment, field), work);
  const moment = (component: number) =>
    read(() => {
      const parsed = readDateTime(value, context, component);
      return parsed && toFhirDateTime(parsed);
    });
  const [start, end, count] = [moment(4), moment(5), positive(value.component(12))];
  const boundsPeriod = inOrder({ start, end }, placeOf(segment, field), context);
  if (end ?? count) patch.set['occurrence[x]'] = { Timing: { repeat: present({ boundsPeriod, count }) } };
  // Once, at that time.
  else if (start) patch.set['occurrence[x]'] = { DateTime: start };
  const urgency = read(() => priorityOf(value.component(6).trim()));
  if (urgency) patch.set.priority = urgency;
  const words = value.component(8).trim();
  if (words !== '') patch.set['note@TQ1-11'] = [{ text: words }];
  return patch;
}
