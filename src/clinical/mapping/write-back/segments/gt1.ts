import type { Account, AccountGuarantor, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { resolve, type WriteContext } from '../context.ts';
import { language } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { legalName, xpn } from '../datatypes/name.ts';
import { xonOf } from '../datatypes/person.ts';
import { xad } from '../datatypes/xad.ts';
import { xtnOf } from '../datatypes/xtn.ts';
import { from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { relationship } from './nk1.ts';
import { sex } from './pid.ts';

export interface AccountFacts {
  readonly patient: Patient;
  /** With all of its guarantors: GT1 is a list that replaces the receiver's. */
  readonly account?: Account;
}

/** Who vouches, and for how long. */
interface Guarantor {
  readonly party: AccountGuarantor['party'];
  readonly period: AccountGuarantor['period'];
  readonly patient: Patient;
}

const guarantorsOf = ({ account, patient }: AccountFacts): Guarantor[] =>
  (account?.guarantor ?? []).map(({ party, period }) => ({ party, period, patient }));

const isSelf = ({ party }: Guarantor): boolean => (party.reference ?? '').startsWith('Patient/');
const person = ({ party }: Guarantor, context: WriteContext): RelatedPerson | undefined =>
  resolve(context, party, 'RelatedPerson');

/** GT1 from each guarantor of the Account: the patient, a person, or an organization (2.5.1, 6.5.5). */
export const guarantors = <F extends AccountFacts>(): SegmentPart<F, Guarantor> =>
  each<F, Guarantor>('GT1', guarantorsOf, {
    2: fromEach(
      'RelatedPerson.identifier from GT1-2',
      (one, context) => ofField(person(one, context)?.identifier, 'GT1-2'),
      cx,
    ),
    3: fromEach(
      'Account.guarantor.party, its name',
      (one, context) => (isSelf(one) ? one.patient.name?.slice(0, 1) : person(one, context)?.name),
      (name, context) => xpn(name, context) ?? legalName(undefined, context),
    ),
    5: fromEach('RelatedPerson.address', (one, context) => person(one, context)?.address, xad),
    6: fromEach(
      'RelatedPerson.telecom of home',
      (one, context) => ofField(person(one, context)?.telecom, 'GT1-6', ({ use }) => use !== 'work'),
      xtnOf('home'),
    ),
    7: fromEach(
      'RelatedPerson.telecom of work',
      (one, context) => ofField(person(one, context)?.telecom, 'GT1-7', ({ use }) => use === 'work'),
      xtnOf('work'),
    ),
    8: from('RelatedPerson.birthDate', (one, context) => person(one, context)?.birthDate, dtm),
    9: from('RelatedPerson.gender', (one, context) => person(one, context)?.gender, sex),
    11: from(
      'RelatedPerson.relationship',
      (one, context) => (isSelf(one) ? SELF : person(one, context)?.relationship?.[0]),
      relationship,
    ),
    12: from(
      'RelatedPerson.identifier from GT1-12',
      (one, context) => ofField(person(one, context)?.identifier, 'GT1-12')[0]?.value,
      (value) => value,
    ),
    13: from('Account.guarantor.period.start', ({ period }) => period?.start, dtm),
    14: from('Account.guarantor.period.end', ({ period }) => period?.end, dtm),
    19: fromEach(
      'RelatedPerson.identifier from GT1-19',
      (one, context) => ofField(person(one, context)?.identifier, 'GT1-19'),
      cx,
    ),
    21: from(
      'Account.guarantor.party(Organization)',
      ({ party }) => ((party.reference ?? '').startsWith('Organization/') ? party : undefined),
      xonOf,
    ),
    36: from(
      'RelatedPerson.communication.language',
      (one, context) => person(one, context)?.communication?.[0]?.language,
      language,
    ),
  });

const SELF = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0063', code: 'SEL' }] };
