import type { Appointment } from '@medplum/fhirtypes';
import { type Segment, toFhirDateTime, toInstant } from '../../../standards/hl7v2/index.ts';
import { patientReference, type RecordWrite, resourceId } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { readDateTime } from '../datatypes/dtm.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { notesText } from '../segments/nte.ts';
import { resourceSegments, serviceTiming } from '../segments/resources.ts';
import { minutesOf, sch as schMap } from '../segments/sch.ts';
import { fillerStatus } from '../tables.ts';
import { writeOf } from '../write.ts';
import { diagnosisWrites } from './adt-diagnoses.ts';
import { observationWrites } from './adt-observations.ts';
import { type Passing, passingOf } from './passing.ts';
import { settled } from './patches.ts';
import { ordersOfAppointment } from './siu-orders.ts';
import { setResources } from './siu-resources.ts';

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

/**
 * SIU: one Appointment, however often it is rescheduled. Patient, visit, diagnoses and the orders it is for are mentioned in passing; what was
 * observed is stated.
 */
export function mapSiu(context: MapContext): RecordWrite[] {
  const { message } = context;
  const passing = passingOf(context);
  if (!passing) return [];
  const sch = message.segment('SCH');
  const key = sch && appointmentKey(sch);
  const diagnoses = diagnosisWrites(message.segments('DG1'), passing, context).writes;
  const observations = message.segments('OBX').map((obx) => ({ obx, notes: [] }));
  const writes = [
    ...passing.writes,
    ...diagnoses.filter(({ type }) => type !== 'List').map((write) => ({ ...write, copy: true })),
    ...observationWrites(observations, passing, context),
  ];
  if (!sch || !key) {
    context.findings.push({ place: 'SCH^1^2', rule: 'a filler or placer appointment id is needed' });
    return writes;
  }
  const orders = ordersOfAppointment(sch, passing, context);
  return [...writes, ...orders, appointment(sch, context, { passing, key, orders })];
}

/** SCH-2, the filler's id, which every later event carries; SCH-1 while there is none. */
function appointmentKey(sch: Segment): string | undefined {
  const filler = sch.field(2).component(1).trim();
  if (filler !== '') return `filler|${filler}`;
  const placer = sch.field(1).component(1).trim();
  return placer === '' ? undefined : `placer|${placer}`;
}

interface Of {
  readonly passing: Passing;
  readonly key: string;
  readonly orders: readonly RecordWrite[];
}

function appointment(sch: Segment, context: MapContext, { passing, key, orders }: Of): RecordWrite {
  const { message } = context;
  const { patient } = passing;
  const patch = mapSegment(schMap, sch, context);
  const status = events[message.header.triggerEvent] ?? statusOfService(patch, context);
  if (status) patch.set.status = status;
  if (status === 'cancelled') setReason(sch, context, patch);
  setResources(context, patch, setTimes(sch, context, patch));
  patch.set['participant@PID-3'] = [{ actor: { reference: patientReference(patient) }, status: 'accepted' }];
  if (orders.length > 0) patch.set.basedOn = orders.map(({ id }) => ({ reference: `ServiceRequest/${id}` }));
  const comment = notesText(message.segments('NTE'), context);
  if (comment !== undefined) patch.set.comment = comment;
  return writeOf(context, {
    type: 'Appointment',
    id: resourceId('Appointment', context.system, key),
    key,
    patient,
    patch: settled(patch),
    initial: { status: 'booked' },
  });
}

/** AIS-10, where the appointment itself has no status (guide, AIS-10). */
function statusOfService(patch: Patch, { message }: MapContext): Appointment['status'] | undefined {
  if (patch.set.status !== undefined) return undefined;
  const [ais, ...others] = message.segments('AIS');
  const code = ais?.field(10).text.trim().toUpperCase() ?? '';
  return others.length === 0 ? (fillerStatus[code] as Appointment['status'] | undefined) : undefined;
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

/** Returns when it begins. */
function setTimes(sch: Segment, context: MapContext, patch: Patch): Date | undefined {
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
    return start.instant;
  }
  return undefined;
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
