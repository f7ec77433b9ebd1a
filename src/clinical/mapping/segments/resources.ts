import type {
  AppointmentParticipant,
  CodeableConcept,
  Device,
  Location,
  Period,
  Reference,
} from '@medplum/fhirtypes';
import { type Segment, toFhirDateTime, toInstant } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf } from '../convert.ts';
import { codingsOf, cwe, cweText } from '../datatypes/cwe.ts';
import { cweDevice } from '../datatypes/cwe-named.ts';
import { readDateTime } from '../datatypes/dtm.ts';
import { pl } from '../datatypes/pl.ts';
import { xcn } from '../datatypes/xcn.ts';
import { mention } from '../mention.ts';
import { placeOf } from '../segment-map.ts';
import { codeTable } from '../tables.ts';
import { minutesOf } from './sch.ts';

/** AIS-3, AIG-3, AIL-3, AIP-3: what is booked, with what, where and with whom (2.5.1 chapter 10). */

type Actor = (segment: Segment, context: MapContext) => Reference | undefined;
const named =
  (datatype: Datatype<Reference>): Actor =>
  (segment, context) =>
    firstOf(segment.field(3), datatype, context);

/** AIG-3 is a device or a place where AIG-4 says so (guide, AIG-3); of others only the name is known. */
const general: Actor = (segment, context) => {
  const kind = [1, 2].map((component) => segment.field(4).component(component)).join(' ');
  if (/equip|device|machine/i.test(kind)) return named(device)(segment, context);
  if (/room|location|place/i.test(kind)) return named(place)(segment, context);
  const display = firstOf(segment.field(3), cweText, context);
  return display === undefined ? undefined : { display };
};
const device: Datatype<Reference<Device>> = cweDevice;

/** A place that is known by a code: within the sender, where no system is named. */
const place: Datatype<Reference<Location>> = (value, context) => {
  const display = cweText(value, context);
  const [coding] = codingsOf(value, context);
  if (display === undefined) return undefined;
  const system = coding?.system ?? `urn:isthmus:resources:${encodeURIComponent(context.system)}`;
  const number = { authority: system, value: coding?.code ?? display };
  const identifier = [{ system, value: number.value }];
  const set = { identifier, name: display, mode: 'instance' };
  return mention(context, { type: 'Location', display, number, set }) as Reference<Location>;
};

export interface ResourceSegment {
  readonly segment: 'AIG' | 'AIL' | 'AIP';
  readonly slot: `participant@${string}`;
  readonly actor: Actor;
  /** Fields of start, its offset and duration, each with its unit behind, of the resource's role, and of whether it is booked. */
  readonly start: number;
  readonly offset: number;
  readonly duration: number;
  readonly role: number;
  readonly status: number;
}

const common = { start: 6, offset: 7, duration: 9, role: 4, status: 12 } as const;
export const resourceSegments: readonly ResourceSegment[] = [
  { segment: 'AIP', slot: 'participant@AIP-3', actor: named(xcn), ...common },
  { segment: 'AIL', slot: 'participant@AIL-3', actor: named(pl), ...common },
  {
    ...{ segment: 'AIG', slot: 'participant@AIG-3', actor: general },
    ...{ start: 8, offset: 9, duration: 11, role: 4, status: 14 },
  },
];
/** AIS: fields of start and duration. */
export const serviceTiming = { segment: 'AIS', start: 4, duration: 7 } as const;

export const serviceOf = (segment: Segment, context: MapContext): CodeableConcept | undefined =>
  attempt(context, placeOf(segment, 3), () => firstOf(segment.field(3), cwe(), context));

/** 0278 Filler status of one resource: what is not sure yet is tentative, what does not take place declined. */
const statuses = codeTable<AppointmentParticipant['status']>({
  PENDING: 'tentative',
  WAITLIST: 'tentative',
  CANCELLED: 'declined',
  CANCELED: 'declined',
  DISCONTINUED: 'declined',
  DELETED: 'declined',
});

/** A segment as a participant; undefined when it names nobody. `base` is the appointment's start, for offsets. */
export function participantOf(
  kind: ResourceSegment,
  segment: Segment,
  context: MapContext,
  base: Date | undefined,
): AppointmentParticipant | undefined {
  const actor = attempt(context, placeOf(segment, 3), () => kind.actor(segment, context));
  if (!actor) return undefined;
  const role = attempt(context, placeOf(segment, kind.role), () =>
    firstOf(segment.field(kind.role), cwe(), context),
  );
  const period = periodOf(kind, segment, context, base);
  return {
    ...(role ? { type: [role] } : {}),
    actor: actor as Reference<never>,
    ...(period ? { period } : {}),
    status: statuses[segment.field(kind.status).text.trim().toUpperCase()] ?? 'accepted',
  };
}

/** From its own start, or the appointment's by the offset, for its duration (guide, AIP-6, 7 and 9). */
function periodOf(
  { start, offset, duration }: ResourceSegment,
  segment: Segment,
  context: MapContext,
  base: Date | undefined,
): Period | undefined {
  const parsed = attempt(context, placeOf(segment, start), () =>
    readDateTime(segment.field(start).repetition(1), context),
  );
  const minutes = minutesOf(segment.field(duration).text, segment.field(duration + 1).text) ?? 0;
  const end = (from: Date) => (minutes > 0 ? { end: later(from, minutes) } : {});
  if (parsed) {
    const moment = parsed.minute === undefined ? undefined : toInstant(parsed);
    return { start: toFhirDateTime(parsed), ...(moment ? end(moment) : {}) };
  }
  const after = minutesOf(segment.field(offset).text, segment.field(offset + 1).text);
  if (!base || after === undefined) return undefined;
  const begin = new Date(base.getTime() + after * 60_000);
  return { start: later(begin, 0), ...end(begin) };
}

const later = (from: Date, minutes: number): string =>
  `${new Date(from.getTime() + minutes * 60_000).toISOString().slice(0, 19)}Z`;
