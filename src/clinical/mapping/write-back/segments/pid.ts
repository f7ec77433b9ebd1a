import type {
  Account,
  CodeableConcept,
  Extension,
  Identifier,
  Patient,
  RelatedPerson,
} from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { RELIGIOUS_AFFILIATION, religions } from '../../segments/religion.ts';
import { maritalStatus } from '../../tables.ts';
import type { Writer } from '../context.ts';
import { components } from '../context.ts';
import { coded, cwe, cweOfTable, inverse, language } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xpn } from '../datatypes/name.ts';
import { xcnOf, xonOf } from '../datatypes/person.ts';
import { xad } from '../datatypes/xad.ts';
import { xtn, xtnOf } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each, one } from '../profile.ts';
import { ethnicity, race } from './us-core-person.ts';

export interface PatientFacts {
  /** With the identifiers that the receiver knows them by. */
  readonly patient: Patient;
  /** The mother of a newborn is among them. */
  readonly relatedPersons?: readonly RelatedPerson[];
  readonly account?: Account;
}

/** The mother by her number, as she is named beside a newborn. */
const mother = ({ relatedPersons = [] }: PatientFacts): RelatedPerson | undefined =>
  relatedPersons.find(({ identifier }) => ofField(identifier, 'PID-21').length > 0);

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
/** 0001 Administrative sex. */
export const sex = coded('0001', { female: 'F', male: 'M', other: 'O', unknown: 'U' });

/** The value of the first extension of that URL. */
const extensionOf = ({ extension = [] }: Patient, url: string): Extension | undefined =>
  extension.find((one) => one.url === url);
const conceptsOf = ({ extension = [] }: Patient, url: string): CodeableConcept[] =>
  extension.flatMap((one) => {
    if (one.url !== url) return [];
    const inner = one.extension?.find(({ url: name }) => name === 'code')?.valueCodeableConcept;
    return one.valueCodeableConcept ?? inner ?? [];
  });

/** A part of the animal extension. */
const animal = (patient: Patient, part: 'species' | 'breed'): CodeableConcept | undefined =>
  extensionOf(patient, `${FHIR}/patient-animal`)?.extension?.find(({ url }) => url === part)
    ?.valueCodeableConcept;

const TRIBE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-tribal-affiliation';
const tribes = ({ extension = [] }: Patient): CodeableConcept[] =>
  extension
    .filter(({ url }) => url === TRIBE)
    .flatMap((one) => one.extension?.flatMap(({ valueCodeableConcept }) => valueCodeableConcept ?? []) ?? []);

/** The time of birth where it is known, or else the date. */
function birth(
  patient: Patient & { readonly _birthDate?: { readonly extension?: Extension[] } },
): string | undefined {
  const time = patient._birthDate?.extension?.find(({ url }) => url === `${FHIR}/patient-birthTime`);
  return time?.valueDateTime ?? patient.birthDate;
}

const NOT_PID_3 = ['PID-19', 'PID-20'];
const numbers = (patient: Patient): Identifier[] =>
  (patient.identifier ?? []).filter(({ id = '' }) => !NOT_PID_3.includes(id.replace(/\.\d+$/, '')));

/** DLN: number, who gave it, until when. */
const licence: Writer<Identifier> = ({ value, system = '', period }, context) =>
  components([
    value,
    system.startsWith('urn:isthmus:drivers-license:')
      ? decodeURIComponent(system.split(':').at(-1) ?? '')
      : system,
    period?.end && (dtm(period.end, context) as string),
  ]);

/** The family name, and the given ones where the mother's own name ends with it. */
function maidenName(facts: PatientFacts): readonly string[] | undefined {
  const family = extensionOf(facts.patient, `${FHIR}/patient-mothersMaidenName`)?.valueString;
  if (family === undefined) return undefined;
  const whole = ofField(mother(facts)?.name, 'PID-6')[0]?.text ?? family;
  return whole.endsWith(` ${family}`) ? [family, whole.slice(0, -family.length - 1)] : [family];
}
const yes: Writer<boolean> = (value) => (value ? 'Y' : 'N');
const number: Writer<number> = (value): RepetitionValue => value;
const MARITAL = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';
const married = cweOfTable('0002', { [MARITAL]: inverse(maritalStatus) });
const believer = cweOfTable('0006', { [RELIGIOUS_AFFILIATION]: inverse(religions) });

/** Who they are. */
const names = <F extends PatientFacts>(): Fields<F> => ({
  1: 1,
  3: needed(fromEach('Patient.identifier', ({ patient }: F) => numbers(patient), cx)),
  5: needed(
    fromEach(
      'Patient.name',
      ({ patient }: F) => patient.name ?? [{}],
      (name, context) => xpn(name, context) ?? ['', '', '', '', '', '', 'U'],
    ),
  ),
  6: from('Patient.extension(patient-mothersMaidenName)', maidenName, (parts) => [...parts]),
  7: from('Patient.birthDate', ({ patient }: F) => birth(patient), dtm),
  8: from('Patient.gender', ({ patient }: F) => patient.gender, sex),
  10: fromEach('Patient.extension(us-core-race)', ({ patient }: F) => race(patient), cwe),
  11: fromEach('Patient.address', ({ patient }: F) => patient.address, xad),
  13: fromEach(
    'Patient.telecom of home, mobile and e-mail',
    ({ patient }: F) => ofField(patient.telecom, 'PID-13', ({ use }) => use !== 'work'),
    xtnOf('home'),
  ),
  14: fromEach(
    'Patient.telecom of work',
    ({ patient }: F) => ofField(patient.telecom, 'PID-14', ({ use }) => use === 'work'),
    xtnOf('work'),
  ),
});

/** What else is known of them. */
const demographics = <F extends PatientFacts>(): Fields<F> => ({
  15: from(
    'Patient.communication.language',
    ({ patient }: F) => patient.communication?.[0]?.language,
    language,
  ),
  16: from('Patient.maritalStatus', ({ patient }: F) => patient.maritalStatus, married),
  17: fromEach(
    'Patient.extension(patient-religion)',
    ({ patient }: F) => conceptsOf(patient, `${FHIR}/patient-religion`),
    believer,
  ),
  18: from('Account.identifier', ({ account }: F) => account?.identifier?.[0], cx),
  19: from(
    'Patient.identifier from PID-19',
    ({ patient }: F) => ofField(patient.identifier, 'PID-19')[0]?.value,
    (value) => value,
  ),
  20: fromEach(
    'Patient.identifier from PID-20',
    ({ patient }: F) => ofField(patient.identifier, 'PID-20'),
    licence,
  ),
  21: fromEach('RelatedPerson.identifier of the mother', (facts: F) => mother(facts)?.identifier, cx),
  22: fromEach('Patient.extension(us-core-ethnicity)', ({ patient }: F) => ethnicity(patient), cwe),
  23: from(
    'Patient.extension(patient-birthPlace)',
    ({ patient }: F) => extensionOf(patient, `${FHIR}/patient-birthPlace`)?.valueAddress?.text,
    (text) => text,
  ),
  24: from('Patient.multipleBirthBoolean', ({ patient }: F) => patient.multipleBirthBoolean, yes),
  25: from('Patient.multipleBirthInteger', ({ patient }: F) => patient.multipleBirthInteger, number),
  26: fromEach(
    'Patient.extension(patient-citizenship)',
    ({ patient }: F) => conceptsOf(patient, `${FHIR}/patient-citizenship`),
    cwe,
  ),
  28: fromEach(
    'Patient.extension(patient-nationality)',
    ({ patient }: F) => conceptsOf(patient, `${FHIR}/patient-nationality`),
    cwe,
  ),
  29: from('Patient.deceasedDateTime', ({ patient }: F) => patient.deceasedDateTime, dtm),
  30: from(
    'Patient.deceased',
    ({ patient }: F) => patient.deceasedBoolean ?? (patient.deceasedDateTime ? true : undefined),
    yes,
  ),
  35: from('Patient.extension(patient-animal).species', ({ patient }: F) => animal(patient, 'species'), cwe),
  36: from('Patient.extension(patient-animal).breed', ({ patient }: F) => animal(patient, 'breed'), cwe),
  39: fromEach('Patient.extension(us-core-tribal-affiliation)', ({ patient }: F) => tribes(patient), cwe),
  40: fromEach('Patient.telecom from PID-40', ({ patient }: F) => ofField(patient.telecom, 'PID-40'), xtn),
});

/** PID from the Patient. */
export const pid = <F extends PatientFacts>(): SegmentPart<F, F> =>
  one<F>('PID', { ...names<F>(), ...demographics<F>() });

const DISABILITY = `${FHIR}/patient-disability`;
const CONGREGATION = `${FHIR}/patient-congregation`;
const hasPd1 = ({ patient }: PatientFacts): boolean =>
  (patient.generalPractitioner ?? []).some(({ id = '' }) => !id.startsWith('ROL-')) ||
  [DISABILITY, CONGREGATION].some((url) => extensionOf(patient, url));

/** PD1 from Patient.generalPractitioner, and what else it is for; no segment when there is nothing. */
export const pd1 = <F extends PatientFacts>(): SegmentPart<F, F> =>
  each<F, F>('PD1', (facts) => (hasPd1(facts) ? [facts] : []), {
    1: () => undefined,
    6: from(
      'Patient.extension(patient-disability)',
      ({ patient }: F) => extensionOf(patient, DISABILITY)?.valueCodeableConcept,
      cwe,
    ),
    14: fromEach(
      'Patient.extension(patient-congregation)',
      ({ patient: { extension = [] } }: F) =>
        extension.flatMap(({ url, valueString }) =>
          url === CONGREGATION && valueString ? [valueString] : [],
        ),
      (name) => [name],
    ),
    3: fromEach(
      'Patient.generalPractitioner of organizations',
      ({ patient }: F) =>
        ofField(patient.generalPractitioner, 'PD1-3', ({ reference = '' }) =>
          reference.startsWith('Organization/'),
        ),
      xonOf,
    ),
    4: fromEach(
      'Patient.generalPractitioner of people',
      ({ patient }: F) =>
        ofField(patient.generalPractitioner, 'PD1-4', ({ reference = '' }) =>
          reference.startsWith('Practitioner'),
        ),
      xcnOf,
    ),
  });
