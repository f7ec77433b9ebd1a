import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { emptyPatch, mapSegment, type Patch } from '../segment-map.ts';
import { pd1 } from '../segments/pd1.ts';
import { pv1Patient } from '../segments/pv1-patient.ts';
import type { About } from './about.ts';
import { accountWrites } from './adt-account.ts';
import { allergyWrites, reactionWrites } from './adt-allergies.ts';
import { diagnosisWrites } from './adt-diagnoses.ts';
import { type AdtEvent, adtEvents, events } from './adt-events.ts';
import { type AdtGroup, adtGroups } from './adt-groups.ts';
import { insuranceWrites } from './adt-insurance.ts';
import { observationWrites } from './adt-observations.ts';
import { kinWrites, motherWrites } from './adt-people.ts';
import { procedureWrites } from './adt-procedures.ts';
import { encounterWriteOf, noVisitKey, type VisitKey, visitKeyOf } from './encounter.ts';
import { patientOf, patientWriteOf } from './patient.ts';
import { lookAfter, takePart } from './roles.ts';

export { adtEvents };

/** ADT: the patient as stated by who registers them, the visit, and what comes with them. */
export function mapAdt(context: MapContext): RecordWrite[] {
  const groups = adtGroups(context.message, context);
  if (groups.length === 0) patientOf(undefined, context);
  return groups.flatMap((group) => groupWrites(group, context));
}

function groupWrites(group: AdtGroup, context: MapContext): RecordWrite[] {
  const { pid, pv1 } = group;
  const patient = patientOf(pid, context);
  if (!patient) return [];
  const event = events[context.message.header.triggerEvent] ?? {};
  const personOnly = event.personOnly === true;
  const visit = pv1 && !personOnly ? visitKeyOf({ pid, pv1 }, patient, context) : undefined;
  if (pv1 && !personOnly && !visit) noVisitKey(pv1, context);
  const encounter = visit && `Encounter/${visit.id}`;
  const about: About = { patient, encounter, personOnly };
  const kin = asWhole(context, 'NK1', () => kinWrites(group.nextOfKin, about, context)) ?? noKin();
  const insured =
    asWhole(context, 'IN1', () => insuranceWrites(group.insurances, about, context)) ?? noInsurance;
  const { coverages } = insured;
  const account =
    asWhole(context, 'GT1', () => accountWrites({ ...group, coverages }, about, context)) ?? noAccount;
  const diagnoses =
    asWhole(context, 'DG1', () => diagnosisWrites(group.diagnoses, about, context)) ?? noDiagnoses();
  const writes = patientWrites(group, { about, context, contact: kin.contact });
  if (visit)
    writes.push(...visitWrites(group, { about, context, visit, event, account, diagnoses: diagnoses.visit }));
  return [
    ...writes,
    ...account.writes,
    ...kin.writes,
    ...(asWhole(context, 'PID', () => motherWrites(pid, about, context)) ?? []),
    ...(asWhole(context, 'OBX', () => observationWrites(group.observations, about, context)) ?? []),
    ...(asWhole(context, 'AL1', () => allergyWrites(group.allergies, about, context)) ?? []),
    ...(asWhole(context, 'IAM', () => reactionWrites(group.reactions, about, context)) ?? []),
    ...diagnoses.writes,
    ...(asWhole(context, 'PR1', () =>
      procedureWrites(group.procedures, { ...about, roles: group.procedureRoles }, context),
    ) ?? []),
    ...insured.writes,
  ];
}

/**
 * A group of segments is taken as a whole or not at all: if one can't be read so far as to tell what it is, ending what it may have listed
 * would be a guess. The other groups are taken.
 */
const asWhole = attempt;
const noKin = (): ReturnType<typeof kinWrites> => ({ writes: [], contact: emptyPatch() });
const noDiagnoses = (): ReturnType<typeof diagnosisWrites> => ({ writes: [], visit: emptyPatch() });
const noInsurance: ReturnType<typeof insuranceWrites> = { writes: [], coverages: [] };
const noAccount: ReturnType<typeof accountWrites> = { writes: [], account: undefined };

/** PID and PD1 as the patient; ROL and PRT behind them as who looks after them. */
function patientWrites(
  { pid, pd1: additional, pv1, patientRoles }: AdtGroup,
  { about: { patient, personOnly }, context, contact }: { about: About; context: MapContext; contact: Patch },
): RecordWrite[] {
  const more: Patch = { set: { ...contact.set }, remove: [...contact.remove] };
  if (additional) mapSegment(pd1, additional, context, more);
  if (pv1 && !personOnly) mapSegment(pv1Patient, pv1, context, more);
  const team = lookAfter(patientRoles, context, { patient, more });
  return [patientWriteOf(pid, context, { patient, copy: false, more }), ...team];
}

interface VisitParts {
  readonly about: About;
  readonly context: MapContext;
  readonly visit: VisitKey;
  readonly event: AdtEvent;
  readonly account: { readonly account: string | undefined };
  readonly diagnoses: Patch;
}

/** PV1 and PV2 as the visit, with its diagnoses, its account, and who takes part by ROL or PRT. */
function visitWrites({ pid, pv1, pv2, visitRoles }: AdtGroup, parts: VisitParts): RecordWrite[] {
  if (!pv1) return [];
  const { about, context, visit, event, account, diagnoses } = parts;
  const { set, remove } = patchOf(event, pv1);
  takePart(visitRoles, context, set);
  Object.assign(set, diagnoses.set);
  remove.push(...diagnoses.remove);
  if (account.account) set.account = [{ reference: account.account }];
  const { patient } = about;
  return [
    encounterWriteOf({ pid, pv1, pv2 }, context, { patient, visit, copy: false, event: { set, remove } }),
  ];
}

/** Inpatients, emergencies and obstetrics (0004) are in the house already when they are tracked in it. */
const STAYING: ReadonlySet<string> = new Set(['I', 'E', 'B']);

/** A discharge time (PV1-45) says that a visit is over even where the event does not. */
function patchOf(event: AdtEvent, pv1: Segment): Patch {
  const patch = emptyPatch();
  patch.remove.push(...(event.removes ?? []));
  const discharged = pv1.field(45).state === 'valued';
  const isStaying = STAYING.has(pv1.field(2).text.trim().toUpperCase());
  const tracked = isStaying ? undefined : event.outpatientStatus;
  const status = event.status ?? (discharged ? 'finished' : tracked);
  if (status) patch.set.status = status;
  return patch;
}
