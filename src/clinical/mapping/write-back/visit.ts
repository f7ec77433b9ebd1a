import type {
  ChargeItem,
  CodeableConcept,
  Condition,
  DocumentReference,
  Encounter,
  Patient,
  Practitioner,
} from '@medplum/fhirtypes';
import { cx, dtm, sex, xad, xcn, xpn } from './datatypes.ts';
import { one, type SegmentRule } from './profile.ts';

/** A finished visit as FHIR, the facts of the profiles of this folder. */
export interface VisitFacts {
  /** With the identifier that the receiver knows them by first. */
  readonly patient: Patient;
  readonly encounter: Encounter;
  readonly performer: Practitioner;
  readonly note: DocumentReference;
  readonly noteText: string;
  readonly conditions: readonly Condition[];
  readonly charges: readonly ChargeItem[];
  /** 02 or 10: where the patient was (CMS place of service). */
  readonly placeOfService: string;
}

/** EVN: the event's code, and when it became known here. */
export const evn = (event: string): SegmentRule<VisitFacts> =>
  one('EVN', { 1: event, 2: (_facts, { at, zone }) => dtm(at.toISOString(), zone) });

/** PID: the number that the receiver gave, and what else is known. */
export const pid: SegmentRule<VisitFacts> = one('PID', {
  1: 1,
  3: ({ patient }) => cx(patient.identifier?.[0], 'MR'),
  5: ({ patient }) => xpn(patient.name?.[0]),
  7: ({ patient }, { zone }) => dtm(patient.birthDate, zone),
  8: ({ patient }) => sex(patient.gender),
  11: ({ patient }) => xad(patient.address?.[0]),
});

/** PV1: outpatient, because table 0004 has no virtual class; that it was virtual is told by the place of service. */
export const pv1: SegmentRule<VisitFacts> = one('PV1', {
  1: 1,
  2: 'O',
  7: ({ performer }) => xcn(performer),
  19: ({ encounter }) => cx(encounter.identifier?.[0], 'VN'),
  44: ({ encounter }, { zone }) => dtm(encounter.period?.start, zone),
  45: ({ encounter }, { zone }) => dtm(encounter.period?.end, zone),
});

export const diagnosesOf = (facts: VisitFacts): readonly CodeableConcept[] =>
  facts.conditions.flatMap(({ code }) => code ?? []);
