import type { ContactPoint, Organization, Patient, PatientContact, RelatedPerson } from '@medplum/fhirtypes';
import { codeTable } from '../../tables.ts';
import { resolve, type WriteContext } from '../context.ts';
import { cwe, cweOfTable, language } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xpn } from '../datatypes/name.ts';
import { xonOf } from '../datatypes/person.ts';
import { xad } from '../datatypes/xad.ts';
import { xtn, xtnOf } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { sex } from './pid.ts';
import { personStands } from './standing.ts';

/** v3-RoleCode to 0063, for relations that nobody sent. */
const ROLES = codeTable({
  ONESELF: 'SEL',
  SPS: 'SPO',
  SIGOTHR: 'DOM',
  CHILD: 'CHD',
  GRNDCHILD: 'GCH',
  NCHILD: 'NCH',
  STPCHLD: 'SCH',
  CHLDFOST: 'FCH',
  PRN: 'PAR',
  MTH: 'MTH',
  FTH: 'FTH',
  GRPRN: 'GRP',
  EXT: 'EXF',
  SIB: 'SIB',
  BRO: 'BRO',
  SIS: 'SIS',
  FRND: 'FND',
});
const ROLE_CODE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const SUBSCRIBER = 'http://terminology.hl7.org/CodeSystem/subscriber-relationship';
const CONTACT_ROLE = 'http://terminology.hl7.org/CodeSystem/v2-0131';
const CONTACTS = codeTable({ E: 'EMR', C: 'EMC', U: 'UNK', O: 'OTH' });
const INSURED = codeTable({
  self: 'SEL',
  spouse: 'SPO',
  child: 'CHD',
  parent: 'PAR',
  common: 'DOM',
  other: 'OTH',
});

/** 0063: what was sent, or else what FHIR's code stands for. */
export const relationship = cweOfTable('0063', {
  [ROLE_CODE]: ROLES,
  [SUBSCRIBER]: INSURED,
  [CONTACT_ROLE]: CONTACTS,
});

/** One segment: somebody as a relative, as a contact, or as both. */
interface Kin {
  readonly person: RelatedPerson | undefined;
  readonly contact: PatientContact | undefined;
}

/** Who speaks for an organization has no name in NK1-2. */
const speaks = ({ person }: Kin): boolean => ofField(person?.name, 'NK1-30').length > 0;
const nameOf = ({ person, contact }: Kin) =>
  person ? ofField(person.name, 'NK1-2', () => true) : contact?.name ? [contact.name] : undefined;
const telecomOf = ({ person, contact }: Kin): readonly ContactPoint[] | undefined =>
  person?.telecom ?? contact?.telecom;
const relationOf = ({ person, contact }: Kin) => person?.relationship ?? contact?.relationship;
const periodOf = ({ person, contact }: Kin) => person?.period ?? contact?.period;

/** The fields of one. A contact alone, such as an employer, has fewer. */
const nk1: Fields<Kin> = {
  2: fromEach('RelatedPerson.name', nameOf, xpn),
  3: from(
    'RelatedPerson.relationship',
    (kin) => ofField(relationOf(kin), 'NK1-3', () => true)[0],
    relationship,
  ),
  4: fromEach(
    'RelatedPerson.address',
    ({ person, contact }) =>
      person ? ofField(person.address, 'NK1-4', () => true) : contact?.address && [contact.address],
    xad,
  ),
  5: fromEach(
    'RelatedPerson.telecom of home',
    (kin) =>
      ofField(
        telecomOf(kin),
        'NK1-5',
        ({ use }) => use !== 'work' && (use !== undefined || kin.person !== undefined),
      ),
    xtnOf('home'),
  ),
  6: fromEach(
    'RelatedPerson.telecom of work',
    (kin) => ofField(telecomOf(kin), 'NK1-6', ({ use }) => use === 'work'),
    xtnOf('work'),
  ),
  7: from('RelatedPerson.relationship from NK1-7', (kin) => ofField(relationOf(kin), 'NK1-7')[0], cwe),
  8: from('RelatedPerson.period.start', (kin) => periodOf(kin)?.start, dtm),
  9: from('RelatedPerson.period.end', (kin) => periodOf(kin)?.end, dtm),
  12: fromEach(
    'RelatedPerson.identifier from NK1-12',
    ({ person }) => ofField(person?.identifier, 'NK1-12'),
    cx,
  ),
  13: from('Patient.contact.organization', ({ contact }) => contact?.organization, xonOf),
  15: from('RelatedPerson.gender', ({ person, contact }) => person?.gender ?? contact?.gender, sex),
  16: from('RelatedPerson.birthDate', ({ person }) => person?.birthDate, dtm),
  20: from(
    'RelatedPerson.communication.language',
    ({ person }) => person?.communication?.[0]?.language,
    language,
  ),
  30: fromEach('Organization.contact.name', speakersName, xpn),
  31: fromEach('Organization.contact.telecom', speakersTelecom, xtnOf('work')),
  32: fromEach('Organization.contact.address', speakersAddress, xad),
  33: fromEach(
    'RelatedPerson.identifier',
    ({ person }) => ofField(person?.identifier, 'NK1-33', () => true),
    cx,
  ),
  37: from(
    'RelatedPerson.identifier from NK1-37',
    ({ person }) => ofField(person?.identifier, 'NK1-37')[0]?.value,
    (value) => value,
  ),
  40: fromEach(
    'RelatedPerson.telecom of no use',
    (kin) => ofField(telecomOf(kin), 'NK1-40', ({ use }) => use === undefined && kin.person === undefined),
    xtn,
  ),
  41: fromEach('Patient.contact.telecom beside the person', besidePerson, xtn),
};

/** Numbers that only the contact has: of who speaks for the organization. */
function besidePerson({ person, contact }: Kin): ContactPoint[] {
  const own = (person?.telecom ?? []).map(({ value }) => value);
  return person ? (contact?.telecom ?? []).filter(({ value }) => !own.includes(value)) : [];
}

/** NK1-30 to 32: who speaks for the organization, who is a relative where NK1-2 names nobody. */
const speakerOf = ({ contact }: Kin, context: WriteContext) =>
  resolve<'Organization'>(context, contact?.organization, 'Organization')?.contact?.[0] satisfies
    | NonNullable<Organization['contact']>[0]
    | undefined;
function speakersName(kin: Kin, context: WriteContext) {
  const name = speakerOf(kin, context)?.name;
  return speaks(kin) ? kin.person?.name : name && [name];
}
function speakersTelecom(kin: Kin, context: WriteContext) {
  return speaks(kin) ? ofField(kin.person?.telecom, 'NK1-31') : speakerOf(kin, context)?.telecom;
}
function speakersAddress(kin: Kin, context: WriteContext) {
  const address = speakerOf(kin, context)?.address;
  return speaks(kin) ? ofField(kin.person?.address, 'NK1-32') : address && [address];
}

export interface KinFacts {
  readonly patient: Patient;
  /** The patient's next of kin; the mother and the insured are named elsewhere, too. */
  readonly relatedPersons?: readonly RelatedPerson[];
}

/** Each relative with the contact that is the same person, and contacts that are no relatives. */
function kinOf({ patient, relatedPersons = [] }: KinFacts): Kin[] {
  const left = [...(patient.contact ?? [])];
  const kin = relatedPersons.filter(isKin).map((person): Kin => {
    const at = left.findIndex((contact) => isSame(person, contact));
    return { person, contact: at < 0 ? undefined : left.splice(at, 1)[0] };
  });
  return [...kin, ...left.map((contact) => ({ person: undefined, contact }))];
}

const isKin = (person: RelatedPerson): boolean =>
  personStands(person) && ofField(person.identifier, 'PID-21').length === 0;

/** The same name in the same relation; who has no name is known by the telephone. */
function isSame({ name, relationship: relation, telecom }: RelatedPerson, contact: PatientContact): boolean {
  const alike = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const spoken = name?.[0]?.id?.startsWith('NK1-30') ?? false;
  const called = ({ family, given = [] }: { family?: string; given?: string[] } = {}) => [family, ...given];
  const codes = (concepts: typeof relation) =>
    (concepts ?? []).flatMap(({ coding = [], text }) => [text, ...coding.map(({ code }) => code)]);
  if (!alike(codes(relation), codes(contact.relationship))) return false;
  if (contact.name && !spoken) return alike(called(name?.[0]), called(contact.name));
  return contact.name === undefined && (spoken || alike(telecom?.[0]?.value, contact.telecom?.[0]?.value));
}

/** NK1 from each relative that stands, and from each contact of the patient (2.5.1, 3.4.5). */
export const nextOfKin = <F extends KinFacts>(): SegmentPart<F, Kin> => each<F, Kin>('NK1', kinOf, nk1);
