import type { EncounterDiagnosis } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { dg1Condition } from '../segments/dg1-condition.ts';
import { encounterDiagnosis } from '../segments/dg1-encounter.ts';
import { type About, codeKeyOf, ownWrite, scopeOf } from './about.ts';
import { actionOf, isSnapshot, referenceTo, snapshotOf } from './snapshot.ts';

/** Writes, and what they make of the visit. */
export interface Diagnoses {
  readonly writes: RecordWrite[];
  readonly visit: Patch;
}

const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category';

/** DG1 as Conditions of the visit, or of the patient, and as its diagnoses. One diagnosis in two roles is one Condition. */
export function diagnosisWrites(segments: readonly Segment[], about: About, context: MapContext): Diagnoses {
  const visit: Patch = { set: {}, remove: [] };
  if (segments.length === 0) return { writes: [], visit };
  const conditions = new Map<string, RecordWrite>();
  const diagnoses: EncounterDiagnosis[] = [];
  const isWhole = isSnapshot(segments, 21);
  for (const segment of segments) {
    if (segment.field(3).state === 'null') continue;
    const key = codeKeyOf(segment.field(3)) || segment.field(4).text.trim().toLowerCase();
    if (key === '') {
      context.findings.push({ place: placeOf(segment, 3), rule: 'a diagnosis has a code or a description' });
      continue;
    }
    const write = condition(segment, key, { about, context });
    const known = conditions.get(write.id);
    conditions.set(write.id, known ? { ...write, set: { ...known.set, ...write.set } } : write);
    const diagnosis = encounterDiagnosis(segment, referenceTo(write), context);
    if (isWhole) diagnoses.push(diagnosis);
    else single(diagnosis, actionOf(segment, 21) === 'D', visit);
  }
  if (isWhole && diagnoses.length > 0) visit.set.diagnosis = diagnoses;
  else if (isWhole) visit.remove.push('diagnosis');
  const writes = [...conditions.values()];
  const { patient, encounter } = about;
  const members = writes.map(referenceTo);
  if (isWhole) writes.push(snapshotOf(context, { group: 'diagnoses', patient, encounter, members }));
  return { writes, visit };
}

function single(diagnosis: EncounterDiagnosis, isDeleted: boolean, visit: Patch): void {
  const slot = `diagnosis[condition.reference=${diagnosis.condition.reference}]`;
  if (isDeleted) visit.remove.push(slot);
  else visit.set[slot] = [diagnosis];
}

interface In {
  readonly about: About;
  readonly context: MapContext;
}

function condition(segment: Segment, key: string, { about, context }: In): RecordWrite {
  const patch = mapSegment(dg1Condition, segment, context);
  const { patient, encounter } = about;
  patch.set.category = [{ coding: [{ system: CATEGORY, code: 'encounter-diagnosis' }] }];
  if (encounter) patch.set.encounter = { reference: encounter };
  // Whether it is still active no field says; that it is listed takes back that it was not (snapshot.ts).
  patch.remove.push('clinicalStatus');
  if (actionOf(segment, 21) === 'D')
    patch.set.verificationStatus = { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] };
  return ownWrite(context, {
    type: 'Condition',
    key: `${scopeOf(about)}|${key}`,
    patient,
    patch,
    subject: 'subject',
  });
}
