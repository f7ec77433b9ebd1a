import type { AppointmentParticipant, CodeableConcept, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { pl } from '../datatypes/pl.ts';
import { xcn } from '../datatypes/xcn.ts';
import { placeOf } from '../segment-map.ts';

/** AIS-3, AIG-3, AIL-3, AIP-3: what is booked, with what, where and with whom (2.5.1 chapter 10). */

const general: Datatype<Reference> = (value, context) => {
  const concept = cwe()(value, context);
  const display = concept?.text ?? concept?.coding?.[0]?.code;
  return display === undefined ? undefined : { display };
};

interface ResourceSegment {
  readonly segment: 'AIG' | 'AIL' | 'AIP';
  readonly slot: string;
  readonly actor: Datatype<Reference>;
  /** Fields of start and duration with its unit, and of the resource's role. */
  readonly start: number;
  readonly duration: number;
  readonly role: number;
}

export const resourceSegments: readonly ResourceSegment[] = [
  { segment: 'AIP', slot: 'participant@AIP-3', actor: xcn, start: 6, duration: 9, role: 4 },
  { segment: 'AIL', slot: 'participant@AIL-3', actor: pl, start: 6, duration: 9, role: 4 },
  { segment: 'AIG', slot: 'participant@AIG-3', actor: general, start: 8, duration: 11, role: 4 },
];
/** AIS: fields of start and duration. */
export const serviceTiming = { segment: 'AIS', start: 4, duration: 7 } as const;

/** All services of the appointment. */
export function servicesOf(segments: readonly Segment[], context: MapContext): CodeableConcept[] {
  return segments.flatMap(
    (segment) => attempt(context, placeOf(segment, 3), () => firstOf(segment.field(3), cwe(), context)) ?? [],
  );
}

/** All resources of one kind, as participants. A segment whose action code (field 2) is D takes its resource out. */
export function participantsOf(
  kind: ResourceSegment,
  segments: readonly Segment[],
  context: MapContext,
): AppointmentParticipant[] {
  return segments.flatMap((segment) => {
    if (segment.field(2).text === 'D') return [];
    const actor = attempt(context, placeOf(segment, 3), () => firstOf(segment.field(3), kind.actor, context));
    if (!actor) return [];
    const role = attempt(context, placeOf(segment, kind.role), () =>
      firstOf(segment.field(kind.role), cwe(), context),
    );
    return [
      { ...(role ? { type: [role] } : {}), actor: actor as Reference<never>, status: 'accepted' as const },
    ];
  });
}
