import type { Appointment } from '@medplum/fhirtypes';
import { type Segment, toFhirDateTime, toInstant } from '../../../standards/hl7v2/index.ts';
import type { SourcePatient } from '../../identity/index.ts';
import { patientReference, type RecordWrite, resourceId } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { readDateTime } from '../datatypes/dtm.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { notesText } from '../segments/nte.ts';
import { participantsOf, resourceSegments, servicesOf, serviceTiming } from '../segments/resources.ts';
import { minutesOf, sch as schMap } from '../segments/sch.ts';
import { writeOf } from '../write.ts';
import { encounterWriteOf, visitKeyOf } from './encounter.ts';
import { patientOf, patientWriteOf } from './patient.ts';

/** 2.5.1 chapter 10: what the event makes of the appointment. It counts more than SCH-25, which some senders never change. */
const events: Readonly<Record<string, Appointment['status'] | undefined>> = {
  S12: undefined,
  S13: undefined,
  S14: undefined,
  S15: 'cancelled',
  S16: 'cancelled',
  S17: 'entered-in-error',
  S18: undefined,
  S19: undefined,
  S20: undefined,
  S21: undefined,
  S22: undefined,
  S26: 'noshow',
};

export const siuEvents: readonly string[] = Object.keys(events);

/** SIU: one Appointment, however often it is rescheduled. The patient and the visit are mentioned in passing. */
export function mapSiu(context: MapContext): RecordWrite[] {
  const { message } = context;
  const sch = message.segment('SCH');
  const pid = message.segment('PID');
  const patient = patientOf(pid, context);
  if (!pid || !patient) return [];
  const pv1 = message.segment('PV1');
  const visit = visitKeyOf({ pid, pv1 }, patient, context);
  const writes = [patientWriteOf(pid, context, { patient, copy: true })];
  if (pv1 && visit) writes.push(encounterWriteOf({ pid, pv1 }, context, { patient, visit, copy: true }));
  const key = sch && appointmentKey(sch);
  if (sch && key) writes.push(appointment(sch, context, { patient, key }));
  else context.findings.push({ place: 'SCH^1^2', rule: 'a filler or placer appointment id is needed' });
  return writes;
}

/** SCH-2, the filler's id, which every later event carries; SCH-1 while there is none. */
function appointmentKey(sch: Segment): string | undefined {
  const filler = sch.field(2).component(1).trim();
  if (filler !== '') return `filler|${filler}`;
  const placer = sch.field(1).component(1).trim();
  return placer === '' ? undefined : `placer|${placer}`;
}

function appointment(
  sch: Segment,
  context: MapContext,
  about: { patient: SourcePatient; key: string },
): RecordWrite {
  const { message } = context;
  const patch = mapSegment(schMap, sch, context);
  const status = events[message.header.triggerEvent];
  if (status) patch.set.status = status;
  if (status === 'cancelled') setReason(sch, context, patch);
  setTimes(sch, context, patch);
  const services = servicesOf(message.segments('AIS'), context);
  if (services.length > 0) patch.set['serviceType@AIS-3'] = services;
  patch.set['participant@PID-3'] = [
    { actor: { reference: patientReference(about.patient) }, status: 'accepted' },
  ];
  for (const kind of resourceSegments) {
    const segments = message.segments(kind.segment);
    if (segments.length === 0) continue;
    const participants = participantsOf(kind, segments, context);
    if (participants.length > 0) patch.set[kind.slot] = participants;
    else patch.remove.push(kind.slot);
  }
  const comment = notesText(message.segments('NTE'), context);
  if (comment !== undefined) patch.set.comment = comment;
  return writeOf(context, {
    type: 'Appointment',
    id: resourceId('Appointment', context.system, about.key),
    key: about.key,
    patient: about.patient,
    patch,
    initial: { status: 'booked' },
  });
}

function setReason(sch: Segment, context: MapContext, patch: Patch): void {
  const reason = attempt(context, placeOf(sch, 6), () => firstOf(sch.field(6), cwe(), context));
  if (reason) patch.set.cancelationReason = reason;
}

/** Where an appointment's start may stand, best first, each with its end or its duration and unit. */
interface Timing {
  readonly segment: Segment;
  readonly field: number;
  readonly component: number;
  readonly end?: { readonly field: number; readonly component: number };
  readonly duration?: number;
}

function timings(sch: Segment, context: MapContext): Timing[] {
  const { message } = context;
  const found: Timing[] = [
    { segment: sch, field: 11, component: 4, end: { field: 11, component: 5 }, duration: 9 },
  ];
  const tq1 = message.segment('TQ1');
  if (tq1) found.push({ segment: tq1, field: 7, component: 1, end: { field: 8, component: 1 } });
  for (const { segment: name, start, duration } of [serviceTiming, ...resourceSegments]) {
    const segment = message.segment(name);
    if (segment) found.push({ segment, field: start, component: 1, duration });
  }
  return found;
}

function setTimes(sch: Segment, context: MapContext, patch: Patch): void {
  for (const timing of timings(sch, context)) {
    const start = momentAt(timing.segment, timing, context);
    if (!start) continue;
    const minutes = durationOf(timing) ?? minutesOf(sch.field(9).text, sch.field(10).text);
    const end =
      (timing.end && momentAt(timing.segment, timing.end, context)) ??
      (minutes ? later(start, minutes) : undefined);
    patch.set.start = start.text;
    if (end) patch.set.end = end.text;
    if (minutes && patch.set.minutesDuration === undefined) patch.set.minutesDuration = minutes;
    return;
  }
}

function durationOf({ segment, duration }: Timing): number | undefined {
  return duration === undefined
    ? undefined
    : minutesOf(segment.field(duration).text, segment.field(duration + 1).text);
}

interface Moment {
  readonly text: string;
  readonly instant: Date;
  readonly offsetMinutes: number;
}

function momentAt(
  segment: Segment,
  at: { field: number; component: number },
  context: MapContext,
): Moment | undefined {
  return attempt(context, placeOf(segment, at.field), () => {
    const parsed = readDateTime(segment.field(at.field).repetition(1), context, at.component);
    const instant = parsed && toInstant(parsed);
    if (!instant || parsed.offsetMinutes === undefined) return undefined;
    return { text: toFhirDateTime(parsed), instant, offsetMinutes: parsed.offsetMinutes };
  });
}

/** The end in the offset of the start: the moment is what counts. */
function later(start: Moment, minutes: number): Moment {
  const instant = new Date(start.instant.getTime() + minutes * 60_000);
  const local = new Date(instant.getTime() + start.offsetMinutes * 60_000);
  return {
    ...start,
    instant,
    text: `${local.toISOString().slice(0, 19)}${/(?:Z|[+-]\d{2}:\d{2})$/.exec(start.text)?.[0] ?? 'Z'}`,
  };
}
