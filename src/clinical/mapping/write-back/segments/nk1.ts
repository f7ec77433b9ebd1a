import type { RelatedPerson } from '@medplum/fhirtypes';
import { codeTable } from '../../tables.ts';
import { cwe, cweOfTable, language } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xpn } from '../datatypes/name.ts';
import { xad } from '../datatypes/xad.ts';
import { xtn } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { sex } from './pid.ts';

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
const INSURED = codeTable({
  self: 'SEL',
  spouse: 'SPO',
  child: 'CHD',
  parent: 'PAR',
  common: 'DOM',
  other: 'OTH',
});

/** 0063: what was sent, or else what FHIR's code stands for. */
export const relationship = cweOfTable('0063', { [ROLE_CODE]: ROLES, [SUBSCRIBER]: INSURED });

/** The fields of one. */
const nk1: Fields<RelatedPerson> = {
  2: fromEach('RelatedPerson.name', ({ name }) => name, xpn),
  3: from(
    'RelatedPerson.relationship',
    ({ relationship: all }) => ofField(all, 'NK1-3', () => true)[0],
    relationship,
  ),
  4: fromEach('RelatedPerson.address', ({ address }) => address, xad),
  5: fromEach(
    'RelatedPerson.telecom of home',
    ({ telecom }) => ofField(telecom, 'NK1-5', ({ use }) => use !== 'work'),
    xtn,
  ),
  6: fromEach(
    'RelatedPerson.telecom of work',
    ({ telecom }) => ofField(telecom, 'NK1-6', ({ use }) => use === 'work'),
    xtn,
  ),
  7: from('RelatedPerson.relationship from NK1-7', ({ relationship: all }) => ofField(all, 'NK1-7')[0], cwe),
  8: from('RelatedPerson.period.start', ({ period }) => period?.start, dtm),
  9: from('RelatedPerson.period.end', ({ period }) => period?.end, dtm),
  12: fromEach('RelatedPerson.identifier from NK1-12', ({ identifier }) => ofField(identifier, 'NK1-12'), cx),
  15: from('RelatedPerson.gender', ({ gender }) => gender, sex),
  16: from('RelatedPerson.birthDate', ({ birthDate }) => birthDate, dtm),
  20: from(
    'RelatedPerson.communication.language',
    ({ communication }) => communication?.[0]?.language,
    language,
  ),
  33: fromEach('RelatedPerson.identifier', ({ identifier }) => ofField(identifier, 'NK1-33', () => true), cx),
  37: from(
    'RelatedPerson.identifier from NK1-37',
    ({ identifier }) => ofField(identifier, 'NK1-37')[0]?.value,
    (value) => value,
  ),
  40: fromEach('RelatedPerson.telecom from NK1-40', ({ telecom }) => ofField(telecom, 'NK1-40'), xtn),
};

export interface KinFacts {
  /** The patient's next of kin; the mother and the insured are named elsewhere, too. */
  readonly relatedPersons?: readonly RelatedPerson[];
}

/** NK1 from each RelatedPerson. */
export const nextOfKin = <F extends KinFacts>(): SegmentPart<F, RelatedPerson> =>
  each<F, RelatedPerson>('NK1', ({ relatedPersons = [] }) => relatedPersons, nk1);
