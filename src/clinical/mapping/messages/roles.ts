import type { PractitionerRole, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { patientReference, type RecordWrite, resourceId } from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import { attempt, type MapContext } from '../context.ts';
import type { Patch } from '../segment-map.ts';
import { careTeamParticipant, encounterParticipant, type Role, roleOf } from '../segments/rol.ts';
import { writeOf } from '../write.ts';
import { patientScope } from './about.ts';

/** ROL and PRT, as a whole: one that can't be read leaves them all alone. */
export const rolesOf = (segments: readonly Segment[], context: MapContext): Role[] =>
  attempt(context, 'ROL', () => segments.flatMap((segment) => roleOf(segment, context) ?? [])) ?? [];

/** Roles behind PID: the primary care provider (PP) is the general practitioner, the others are the care team, which is returned. */
export function lookAfter(
  segments: readonly Segment[],
  context: MapContext,
  { patient, more }: { patient: SourcePatient; more: Patch },
): RecordWrite[] {
  const roles = rolesOf(segments, context);
  const primary = roles.filter(({ sent }) => sent === 'PP');
  if (primary.length > 0) more.set['generalPractitioner@ROL-4'] = primary.map(({ party }) => party);
  const others = roles.filter(({ sent }) => sent !== 'PP');
  if (others.length === 0) return [];
  const key = `care team|${patientScope(patient)}`;
  const set = {
    subject: { reference: patientReference(patient) },
    status: 'active',
    'participant@ROL-4': others.map(careTeamParticipant),
  };
  const id = resourceId('CareTeam', context.system, key);
  return [writeOf(context, { type: 'CareTeam', id, key, patient, patch: { set, remove: [] } })];
}

/** Roles behind PV1 take part in the visit. */
export function takePart(segments: readonly Segment[], context: MapContext, set: Patch['set']): void {
  const roles = rolesOf(segments, context);
  if (roles.length > 0) set['participant@ROL-4'] = roles.map(encounterParticipant);
}

/** Those of the codes of table 0443 or 0912, among roles behind an order. */
export const partiesIn = (
  segments: readonly Segment[] | undefined,
  codes: ReadonlySet<string>,
  context: MapContext,
): Reference<PractitionerRole>[] =>
  segments === undefined
    ? []
    : rolesOf(
        segments.filter((segment) => codes.has(codeIn(segment))),
        context,
      ).map(({ party }) => party);

const codeIn = (segment: Segment): string =>
  segment
    .field(segment.name === 'PRT' ? 4 : 3)
    .text.trim()
    .toUpperCase();
