import type {
  CareTeamParticipant,
  CodeableConcept,
  EncounterParticipant,
  PractitionerRole,
  ProcedurePerformer,
  Reference,
} from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { allOf, type Datatype, firstOf, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { pl } from '../datatypes/pl.ts';
import { practitionerRole } from '../datatypes/practitioner-role.ts';
import { xad } from '../datatypes/xad.ts';
import { practitioner } from '../datatypes/xcn.ts';
import { organization } from '../datatypes/xon.ts';
import { xtn } from '../datatypes/xtn.ts';
import { placeOf } from '../segment-map.ts';

/** Where ROL and PRT have the same things (2.5.1 15.4.7, 2.7 7.3.4). */
interface RoleFields {
  readonly action: number;
  readonly role: number;
  readonly person: number;
  readonly begin: number;
  readonly end: number;
  readonly place: number;
  readonly organization: number;
  readonly telecom: number;
  readonly address: number;
  /** What kind of unit the organization is. */
  readonly unit: number;
  readonly specialty: number;
}
const fieldsOf: Readonly<Record<string, RoleFields>> = {
  ROL: {
    action: 2,
    role: 3,
    person: 4,
    begin: 5,
    end: 6,
    place: 13,
    organization: 14,
    telecom: 12,
    address: 11,
    unit: 10,
    specialty: 9,
  },
  PRT: {
    action: 2,
    role: 4,
    person: 5,
    begin: 11,
    end: 12,
    place: 9,
    organization: 8,
    telecom: 15,
    address: 14,
    unit: 7,
    specialty: 6,
  },
};
/** 0287: deleted, unlinked. */
const GONE: ReadonlySet<string> = new Set(['DE', 'D', 'UN']);

export interface Role {
  readonly code: CodeableConcept | undefined;
  /** The first code as sent, in capitals: PP, the primary care provider. */
  readonly sent: string;
  readonly party: Reference<PractitionerRole>;
  readonly period: { start?: string; end?: string } | undefined;
}

/** ROL or PRT as somebody in a role; undefined when it names nobody, or takes somebody out. */
export function roleOf(segment: Segment, context: MapContext): Role | undefined {
  const fields = fieldsOf[segment.name];
  if (!fields || GONE.has(segment.field(fields.action).text.trim().toUpperCase())) return undefined;
  const read = <T>(field: number, datatype: Datatype<T>): T | undefined =>
    attempt(context, placeOf(segment, field), () => firstOf(segment.field(field), datatype, context));
  const code = read(fields.role, cwe('0443'));
  const period = present<{ start: string; end: string }>({
    start: read(fields.begin, dateTime),
    end: read(fields.end, dateTime),
  });
  const place = read(fields.place, pl);
  const address = allOf(segment.field(fields.address), xad, {
    context,
    place: placeOf(segment, fields.address),
  });
  const unit = read(fields.unit, cwe('0406'));
  const party = practitionerRole(context, {
    practitioner: read(fields.person, (value) =>
      practitioner(value, context, address.length > 0 ? { address } : {}),
    ),
    organization: read(fields.organization, (value) =>
      organization(value, context, unit ? { type: [unit] } : {}),
    ),
    location: place && [place],
    code,
    period,
    telecom: allOf(segment.field(fields.telecom), xtn('work'), {
      context,
      place: placeOf(segment, fields.telecom),
    }),
    specialty: read(fields.specialty, cwe()),
  });
  const sent = segment.field(fields.role).text.trim().toUpperCase();
  return party && { code, sent, party, period };
}

export const encounterParticipant = ({ code, party, period }: Role): EncounterParticipant => ({
  ...present<EncounterParticipant>({ type: code && [code], period }),
  individual: party,
});

export const procedurePerformer = ({ code, party }: Role): ProcedurePerformer => ({
  ...(code ? { function: code } : {}),
  actor: party,
});

export const careTeamParticipant = ({ code, party, period }: Role): CareTeamParticipant => ({
  ...present<CareTeamParticipant>({ role: code && [code], period }),
  member: party,
});
