import type {
  CareTeam,
  CodeableConcept,
  Encounter,
  Patient,
  Period,
  PractitionerRole,
  Reference,
} from '@medplum/fhirtypes';
import { resolve, type WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { practitionerOf, roleOf, xcnOf, xonOf } from '../datatypes/person.ts';
import { plOf } from '../datatypes/pl.ts';
import { xad } from '../datatypes/xad.ts';
import { xtnOf } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';

export interface CareTeamFacts {
  readonly patient: Patient;
  readonly encounter?: Encounter;
  /** Who looks after the patient. */
  readonly careTeam?: CareTeam;
}

/** Somebody in a role. */
export interface Role {
  readonly party: Reference;
  readonly code: CodeableConcept | undefined;
  readonly period: Period | undefined;
}

const inRole = ({ party }: Role, context: WriteContext): PractitionerRole | undefined =>
  roleOf(party, context);

/** ROL (2.5.1, 15.4.7). ROL-2: what is listed goes on (0287 UC). */
export const rol: Fields<Role> = {
  1: () => undefined,
  2: 'UC',
  3: from('PractitionerRole.code', (role, context) => role.code ?? inRole(role, context)?.code?.[0], cwe),
  4: from('PractitionerRole.practitioner', ({ party }) => party, xcnOf),
  5: from(
    'participant.period.start',
    (role, context) => (role.period ?? inRole(role, context)?.period)?.start,
    dtm,
  ),
  6: from(
    'participant.period.end',
    (role, context) => (role.period ?? inRole(role, context)?.period)?.end,
    dtm,
  ),
  9: fromEach('PractitionerRole.specialty', (role, context) => inRole(role, context)?.specialty, cwe),
  10: from(
    'Organization.type',
    (role, context) => resolve(context, inRole(role, context)?.organization, 'Organization')?.type?.[0],
    cwe,
  ),
  11: from('Practitioner.address', ({ party }, context) => practitionerOf(party, context)?.address?.[0], xad),
  12: fromEach('PractitionerRole.telecom', (role, context) => inRole(role, context)?.telecom, xtnOf('work')),
  13: from('PractitionerRole.location', (role, context) => inRole(role, context)?.location?.[0], plOf),
  14: from('PractitionerRole.organization', (role, context) => inRole(role, context)?.organization, xonOf),
};

/** A general practitioner in the role that the sender gave them. */
const primary = ({ generalPractitioner }: Patient): Role[] =>
  ofField(generalPractitioner, 'ROL-4').map((party) => ({ party, code: undefined, period: undefined }));

/** ROL behind PID: the general practitioners that came so, and the care team. */
export const patientRoles = <F extends CareTeamFacts>(): SegmentPart<F, Role> =>
  each<F, Role>(
    'ROL',
    ({ patient, careTeam }) => [
      ...primary(patient),
      ...(careTeam?.participant ?? []).flatMap(({ member, role, period }) =>
        member ? [{ party: member, code: role?.[0], period }] : [],
      ),
    ],
    rol,
  );

/** ROL behind PV1: who takes part in the visit in a role that PV1 has no field for. */
export const visitRoles = <F extends CareTeamFacts>(): SegmentPart<F, Role> =>
  each<F, Role>(
    'ROL',
    ({ encounter }) =>
      ofField(encounter?.participant, 'ROL-4').flatMap(({ individual, type, period }) =>
        individual ? [{ party: individual, code: type?.[0], period }] : [],
      ),
    rol,
  );
