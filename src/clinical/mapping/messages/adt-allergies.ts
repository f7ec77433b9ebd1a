import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { al1 } from '../segments/al1.ts';
import { iam } from '../segments/iam.ts';
import { type About, codeKeyOf, ownWrite, patientScope } from './about.ts';
import { referenceTo, snapshotOf } from './snapshot.ts';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const clinical = (code: string) => ({ coding: [{ system: CLINICAL, code }] });

/** AL1 as the patient's allergies, as a whole: those of an earlier message that are not among them become inactive. */
export function allergyWrites(
  segments: readonly Segment[],
  about: About,
  context: MapContext,
): RecordWrite[] {
  if (segments.length === 0) return [];
  const found = new Map<string, Patch>();
  for (const segment of segments) {
    if (segment.field(3).state === 'null') continue;
    const patch = mapSegment(al1, segment, context);
    patch.set.clinicalStatus = clinical('active');
    collect(found, segment, { patch, context });
  }
  const writes = [...found].map(([key, patch]) => allergyWrite(key, patch, { about, context }));
  const { patient } = about;
  return [...writes, snapshotOf(context, { group: 'allergies', patient, members: writes.map(referenceTo) })];
}

/** IAM speaks of one allergy each (IAM-6: A add, U update, D delete), and says nothing of the others. */
export function reactionWrites(
  segments: readonly Segment[],
  about: About,
  context: MapContext,
): RecordWrite[] {
  const found = new Map<string, Patch>();
  for (const segment of segments) {
    const patch = mapSegment(iam, segment, context);
    act(patch, segment);
    collect(found, segment, { patch, context });
  }
  return [...found].map(([key, patch]) => allergyWrite(key, patch, { about, context }));
}

const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

/** What is in error has no clinical status (R4 ait-2). */
function act(patch: Patch, segment: Segment): void {
  const status = segment.field(17).text.trim().toUpperCase();
  const isDeleted = segment.field(6).text.trim().toUpperCase() === 'D';
  if (isDeleted)
    patch.set.verificationStatus = { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] };
  if (isDeleted || status === 'E') patch.remove.push('clinicalStatus');
  else patch.set.clinicalStatus = clinical(status === 'I' ? 'inactive' : 'active');
}

/** Reactions to one substance that are told in several segments are reactions of one allergy. */
function collect(
  found: Map<string, Patch>,
  segment: Segment,
  { patch, context }: { patch: Patch; context: MapContext },
): void {
  const key = codeKeyOf(segment.field(3));
  if (key === '') {
    context.findings.push({ place: placeOf(segment, 3), rule: 'an allergy is known by what it is to' });
    return;
  }
  const before = found.get(key);
  const reactions = [before?.set.reaction, patch.set.reaction].filter(Array.isArray).flat();
  const set = { ...before?.set, ...patch.set, ...(reactions.length > 0 ? { reaction: reactions } : {}) };
  found.set(key, { set, remove: patch.remove });
}

const allergyWrite = (
  key: string,
  patch: Patch,
  { about: { patient }, context }: { about: About; context: MapContext },
): RecordWrite =>
  ownWrite(context, {
    type: 'AllergyIntolerance',
    key: `${patientScope(patient)}|${key}`,
    patient,
    patch,
    subject: 'patient',
  });
