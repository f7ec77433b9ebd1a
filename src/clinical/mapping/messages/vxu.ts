import type { Segment } from '../../../standards/hl7v2/index.ts';
import { type RecordWrite, resourceId } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf, present } from '../convert.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { mapSegment, placeOf } from '../segment-map.ts';
import { annotationsOf } from '../segments/nte.ts';
import { codeOf, immunizationElements, isElement, REACTION } from '../segments/obx-immunization.ts';
import { NO_NUMBER, orcImmunization } from '../segments/orc-immunization.ts';
import { procedurePerformer } from '../segments/rol.ts';
import { rxa as rxaMap, vaccinationStatus } from '../segments/rxa.ts';
import { rxrImmunization } from '../segments/rxr.ts';
import { writeOf } from '../write.ts';
import { patientScope } from './about.ts';
import { observationWrites } from './adt-observations.ts';
import { observationOf, observationTypeOf, UNKNOWN } from './observations.ts';
import { emptyOrder, type Result } from './oru-groups.ts';
import { identifyResults } from './oru-keys.ts';
import { type Numbered, numberedBy, type Passing, passingOf } from './passing.ts';
import { overlaid, patchOf } from './patches.ts';
import { rolesOf } from './roles.ts';
import { type Vaccination, vaccinationsOf } from './vxu-groups.ts';

/** VXU^V04: each RXA an Immunization, given or not; patient and visit are mentioned in passing. */
export function mapVxu(context: MapContext): RecordWrite[] {
  const passing = passingOf(context);
  if (!passing) return [];
  const { vaccinations, ofPatient } = vaccinationsOf(context.message, context);
  if (vaccinations.length === 0) context.findings.push({ place: 'RXA', rule: 'a vaccination has an RXA' });
  const seen = new Set<string>();
  return [
    ...passing.writes,
    ...observationWrites(
      ofPatient.map(({ obx, notes }) => ({ obx, notes: [...notes] })),
      passing,
      context,
    ),
    ...vaccinations.flatMap((vaccination) => vaccinationWrites(vaccination, context, { passing, seen })),
  ];
}

interface Of {
  readonly passing: Passing;
  /** Keys that the message has used. */
  readonly seen: Set<string>;
}

function vaccinationWrites(vaccination: Vaccination, context: MapContext, of: Of): RecordWrite[] {
  const { passing } = of;
  const { orc, rxa, rxr } = vaccination;
  const results = vaccination.results.filter(({ obx }) => obx.field(11).text.trim() !== 'D');
  const own = results.filter(({ obx }) => isElement(obx));
  const others = results.filter(({ obx }) => !isElement(obx));
  const { scope, key } = keyOf(vaccination, context, of);
  const id = resourceId('Immunization', scope, key);
  const observations = observed(others, context, {
    passing,
    key: `${scope}|${key}`,
    reference: `Immunization/${id}`,
  });
  const performers = rolesOf(vaccination.roles, context).map(procedurePerformer);
  const patch = overlaid([
    patchOf(orcImmunization, orc, context),
    mapSegment(rxaMap, rxa, context),
    patchOf(rxrImmunization, rxr, context),
  ]);
  const notes = annotationsOf(
    own.flatMap((result) => result.notes),
    context,
  );
  Object.assign(
    patch.set,
    statusSlots(rxa, context),
    immunizationElements(
      own.map(({ obx }) => obx),
      context,
    ),
    {
      patient: passing.common.subject,
      ...(passing.common.encounter === undefined ? {} : { encounter: passing.common.encounter }),
      ...present<object>({
        'note@NTE-3': notes,
        reaction: reactions(observations, context),
        'performer@PRT-5': performers.length > 0 ? performers : undefined,
      }),
    },
  );
  const immunization = writeOf(context, {
    type: 'Immunization',
    id,
    key: `${scope}|${key}`,
    patient: passing.patient,
    patch,
    initial: { status: 'completed', vaccineCode: UNKNOWN, 'occurrence[x]': { String: 'unknown' } },
  });
  return [immunization, ...observations.map(({ write }) => write)];
}

function statusSlots(rxa: Segment, context: MapContext): Record<string, unknown> {
  const { status, partial } = vaccinationStatus(rxa, context);
  return {
    ...(status ? { status } : {}),
    ...(partial ? { isSubpotent: true, subpotentReason: [partial] } : {}),
  };
}

/**
 * The filler's number (ORC-3), or the placer's, with its authority; or else what was given to whom on which day, which is what tells vaccinations
 * without a number apart. Several of one number are told apart by their vaccine.
 */
function keyOf({ orc, rxa }: Vaccination, context: MapContext, { passing, seen }: Of): Numbered {
  const code = rxa.field(5).component(1).trim() || rxa.field(5).component(2).trim();
  const hasFiller = orc?.field(3).component(1).trim() !== NO_NUMBER;
  const numbered =
    orc &&
    ((hasFiller ? numberedBy(orc, 3, { kind: 'filler', context }) : undefined) ??
      numberedBy(orc, 2, { kind: 'placer', context }));
  const base = numbered ?? {
    scope: context.system,
    key: `given|${patientScope(passing.patient)}|${code}|${rxa.field(3).text.slice(0, 8)}`,
  };
  for (const key of [base.key, `${base.key}|${code}`]) {
    const full = `${base.scope}|${key}`;
    if (seen.has(full)) continue;
    seen.add(full);
    return { scope: base.scope, key };
  }
  return { scope: base.scope, key: `${base.key}|${code}#${rxa.occurrence}` };
}

interface OfVaccination {
  readonly passing: Passing;
  readonly key: string;
  readonly reference: string;
}

/** What was observed with a vaccination, as part of it. */
function observed(
  results: readonly Result[],
  context: MapContext,
  { passing, key, reference }: OfVaccination,
): Observed[] {
  return identifyResults(results, { key: `vaccination|${key}` }, context).map((result) => {
    const parts = { about: passing, order: emptyOrder(), category: observationTypeOf(result) };
    const write = observationOf(result, context, parts);
    return { obx: result.obx, write: { ...write, set: { ...write.set, partOf: [{ reference }] } } };
  });
}

interface Observed {
  readonly obx: Segment;
  readonly write: RecordWrite;
}

/** 31044-1: what came of it, on the day that OBX-14 says. */
function reactions(observations: readonly Observed[], context: MapContext): object[] | undefined {
  const found = observations
    .filter(({ obx }) => codeOf(obx) === REACTION)
    .map(({ obx, write }) => {
      const date = attempt(context, placeOf(obx, 14), () => firstOf(obx.field(14), dateTime, context));
      return { ...present<object>({ date }), detail: { reference: `Observation/${write.id}` } };
    });
  return found.length > 0 ? found : undefined;
}
