import type {
  ChargeItem,
  CodeableConcept,
  Condition,
  DocumentReference,
  Encounter,
  Patient,
  Practitioner,
  Resource,
} from '@medplum/fhirtypes';
import { cxOfType } from './datatypes/cx.ts';
import { dtm } from './datatypes/dtm.ts';
import { legalName } from './datatypes/name.ts';
import { xcn } from './datatypes/person.ts';
import { xad } from './datatypes/xad.ts';
import { from, needed } from './fields.ts';
import { one } from './profile.ts';
import { sex } from './segments/pid.ts';

/** A finished visit as FHIR, the facts of the note and the charges. */
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
  readonly related?: readonly Resource[];
}

/** PID: the number that the receiver gave, and what else is known. */
export const pid = one<VisitFacts>('PID', {
  1: 1,
  3: needed(from('Patient.identifier', ({ patient }) => patient.identifier?.[0], cxOfType('MR'))),
  5: { from: 'Patient.name', write: ({ patient }, context) => legalName(patient.name?.[0], context) },
  7: from('Patient.birthDate', ({ patient }) => patient.birthDate, dtm),
  8: from('Patient.gender', ({ patient }) => patient.gender, sex),
  11: from('Patient.address', ({ patient }) => patient.address?.[0], xad),
});

/** PV1: outpatient, because table 0004 has no virtual class; that it was virtual is told by the place of service. */
export const pv1 = one<VisitFacts>('PV1', {
  1: 1,
  2: 'O',
  7: from('Encounter.participant', ({ performer }) => performer, xcn),
  19: from('Encounter.identifier', ({ encounter }) => encounter.identifier?.[0], cxOfType('VN')),
  44: from('Encounter.period.start', ({ encounter }) => encounter.period?.start, dtm),
  45: from('Encounter.period.end', ({ encounter }) => encounter.period?.end, dtm),
});

export const diagnosesOf = (facts: VisitFacts): readonly CodeableConcept[] =>
  facts.conditions.flatMap(({ code }) => code ?? []);
