import { type Elements, patientReference, type RecordWrite } from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { emptyPatch, mapSegment } from '../segment-map.ts';
import { pv1Patient } from '../segments/pv1-patient.ts';
import { encounterWriteOf, visitKeyOf } from './encounter.ts';
import { namedWithPatient } from './order-people.ts';
import type { PatientGroup } from './oru-groups.ts';
import { patientOf, patientWriteOf } from './patient.ts';
import { lookAfter, takePart } from './roles.ts';

/** Whom orders and results are about. */
export interface About {
  readonly patient: SourcePatient;
  /** What every resource of the group carries. */
  readonly common: Elements;
}

/** Patient and visit of orders and results: named in passing, so copies. Undefined when nothing can be filed. */
export function aboutOf(
  { pid, pv1, pv2, others = [], roles = [], visit: { roles: visitRoles = [] } = {} }: PatientGroup,
  context: MapContext,
): { readonly about: About; readonly writes: readonly RecordWrite[] } | undefined {
  const patient = patientOf(pid, context);
  if (!pid || !patient) return undefined;
  const visit = visitKeyOf({ pid, pv1 }, patient, context);
  const encounter = visit && `Encounter/${visit.id}`;
  const named = namedWithPatient(others, { pid, patient, encounter, personOnly: false }, context);
  if (pv1) mapSegment(pv1Patient, pv1, context, named.more);
  const team = lookAfter(roles, context, { patient, more: named.more });
  const writes = [patientWriteOf(pid, context, { patient, copy: true, more: named.more })];
  if (pv1 && visit) {
    const event = emptyPatch();
    takePart(visitRoles, context, event.set);
    writes.push(encounterWriteOf({ pid, pv1, pv2 }, context, { patient, visit, copy: true, event }));
  }
  writes.push(...named.writes, ...team.map((write) => ({ ...write, copy: true })));
  const common = {
    subject: { reference: patientReference(patient) },
    ...(encounter ? { encounter: { reference: encounter } } : {}),
  };
  return { about: { patient, common }, writes };
}
