import type { SourcePatient } from '../../identity/index.ts';
import { type Elements, patientReference, type RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { encounterWriteOf, visitKeyOf } from './encounter.ts';
import type { PatientGroup } from './oru-groups.ts';
import { patientOf, patientWriteOf } from './patient.ts';

/** Whom orders and results are about. */
export interface About {
  readonly patient: SourcePatient;
  /** What every resource of the group carries. */
  readonly common: Elements;
}

/** Patient and visit of orders and results: named in passing, so copies. Undefined when nothing can be filed. */
export function aboutOf(
  { pid, pv1, pv2 }: PatientGroup,
  context: MapContext,
): { readonly about: About; readonly writes: readonly RecordWrite[] } | undefined {
  const patient = patientOf(pid, context);
  if (!pid || !patient) return undefined;
  const writes = [patientWriteOf(pid, context, { patient, copy: true })];
  const visit = visitKeyOf({ pid, pv1 }, patient, context);
  if (pv1 && visit) writes.push(encounterWriteOf({ pid, pv1, pv2 }, context, { patient, visit, copy: true }));
  const common = {
    subject: { reference: patientReference(patient) },
    ...(visit ? { encounter: { reference: `Encounter/${visit.id}` } } : {}),
  };
  return { about: { patient, common }, writes };
}
