import type { RelatedPerson } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { patientReference, previewElements, type RecordWrite } from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf } from '../convert.ts';
import { cx } from '../datatypes/cx.ts';
import { xpnText } from '../datatypes/xpn.ts';
import { mapSegment, type Patch, placeOf, type SegmentMap } from '../segment-map.ts';
import { nk1Contact } from '../segments/nk1-contact.ts';
import { nk1RelatedPerson } from '../segments/nk1-related-person.ts';
import { type About, nameKeyOf, ownWrite, patientScope } from './about.ts';
import { referenceTo, snapshotOf } from './snapshot.ts';

/** Employers, agencies and insurers are contacts, but nobody's relatives (guide, NK1-3 in ADT_A01). */
const NOT_RELATED: ReadonlySet<string> = new Set(['EMR', 'E', 'F', 'I', 'S']);

/** NK1 as RelatedPersons and as Patient.contact, both as a whole. */
export function kinWrites(
  segments: readonly Segment[],
  { patient }: About,
  context: MapContext,
): { writes: RecordWrite[]; contact: Patch } {
  const contact: Patch = { set: {}, remove: [] };
  if (segments.length === 0) return { writes: [], contact };
  const contacts = segments.flatMap((segment) => contactOf(segment, context) ?? []);
  if (contacts.length > 0) contact.set['contact@NK1-2'] = contacts;
  else contact.remove.push('contact@NK1-2');
  const people = new Map<string, RecordWrite>();
  for (const segment of segments) {
    if (NOT_RELATED.has(segment.field(3).text.trim().toUpperCase())) continue;
    const name = nameOfKin(segment) || placeOfThisMessage(segment, context);
    const key = `next of kin|${patientScope(patient)}|${name}|${segment.field(3).text.trim()}`;
    if (name === '') continue;
    people.set(key, relatedPerson(context, { map: nk1RelatedPerson, segment, key, patient }));
  }
  const writes = [...people.values()];
  writes.push(snapshotOf(context, { group: 'next of kin', patient, members: writes.map(referenceTo) }));
  return { writes, contact };
}

/** NK1-2, or else NK1-30, who speaks for an organization. */
const nameOfKin = (nk1: Segment): string => nameKeyOf(nk1.field(2)) || nameKeyOf(nk1.field(30));

/** See MapOptions.unidentified: otherwise who has no name can't be told from others. */
const placeOfThisMessage = (segment: Segment, { options, message }: MapContext): string =>
  options.unidentified === 'message' ? `${message.header.controlId}.${segment.occurrence}` : '';

/** R4 pat-1: a contact has a name, a number, an address or an organization. */
function contactOf(segment: Segment, context: MapContext): object | undefined {
  const silent = { ...context, findings: [] };
  const { set } = mapSegment(nk1Contact, segment, silent);
  const contact = previewElements(set);
  return ['name', 'telecom', 'address', 'organization'].some((name) => contact[name] !== undefined)
    ? contact
    : undefined;
}

/** Somebody who has to do with the patient, by one segment's table. */
export function relatedPerson(
  context: MapContext,
  parts: {
    readonly map: SegmentMap<RelatedPerson>;
    readonly segment: Segment;
    readonly key: string;
    readonly patient: SourcePatient;
    readonly patch?: Patch;
  },
): RecordWrite {
  const { map, segment, key, patient } = parts;
  const patch = mapSegment(map, segment, context, parts.patch);
  patch.set.active = true;
  return ownWrite(context, { type: 'RelatedPerson', key, patient, patch, subject: 'patient' });
}

const MOTHER = { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' };

/** PID-21 → RelatedPerson (v2-to-FHIR guide, CX[RelatedPerson-Mother]): the mother by her number, for newborns. */
export function motherWrites(pid: Segment, { patient }: About, context: MapContext): RecordWrite[] {
  const field = pid.field(21);
  const identifier = attempt(context, placeOf(pid, 21), () => firstOf(field, cx, context));
  if (!identifier) return [];
  const maiden = attempt(context, placeOf(pid, 6), () => firstOf(pid.field(6), xpnText, context));
  const set = {
    active: true,
    'identifier@PID-21': [identifier],
    relationship: [{ coding: [MOTHER] }],
    ...(maiden === undefined ? {} : { 'name@PID-6': [{ use: 'maiden', text: maiden }] }),
  };
  return [
    ownWrite(context, {
      type: 'RelatedPerson',
      key: `mother|${patientScope(patient)}`,
      patient,
      patch: { set, remove: [] },
      subject: 'patient',
    }),
  ];
}

export const selfReference = (patient: SourcePatient) => ({ reference: patientReference(patient) });
