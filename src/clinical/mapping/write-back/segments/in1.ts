import type {
  Coverage,
  CoverageClass,
  CoverageCostToBeneficiary,
  Identifier,
  Organization,
  RelatedPerson,
} from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xpn } from '../datatypes/name.ts';
import { xonOf } from '../datatypes/person.ts';
import { nm } from '../datatypes/quantity.ts';
import { xad } from '../datatypes/xad.ts';
import { xtnOf } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';
import { type GroupPart, group, type SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { relationship } from './nk1.ts';
import { numbered } from './observed.ts';
import { sex } from './pid.ts';
import { coverageStands } from './standing.ts';

const payorOf = ({ payor: [first] = [] }: Coverage, context: WriteContext): Organization | undefined =>
  resolve(context, first, 'Organization');
const subscriberOf = ({ subscriber }: Coverage, context: WriteContext): RelatedPerson | undefined =>
  resolve(context, subscriber, 'RelatedPerson');

const SELF = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0063', code: 'SEL' }] };
const isSelf = ({ subscriber }: Coverage): boolean => (subscriber?.reference ?? '').startsWith('Patient/');

/** The class of that kind: from its field, or by its type (coverage-class). */
const classOf =
  (field: string, type: string) =>
  ({ class: all }: Coverage): CoverageClass | undefined =>
    ofField(all, field, (one) => one.type?.coding?.[0]?.code === type)[0];
const groupOf = classOf('IN1-8', 'group');
const plan: Writer<CoverageClass> = ({ value, name }) =>
  value === name ? components(['', name]) : components([value, name]);

/** IN1-2 and IN1-3 are required: a coverage without a plan is of its company's. */
const planOf = (coverage: Coverage, context: WriteContext): CoverageClass | undefined => {
  const known = classOf('IN1-2', 'plan')(coverage);
  const name = coverage.type?.text ?? payorOf(coverage, context)?.name;
  return known ?? (name === undefined ? undefined : { type: {}, value: name, name });
};

/** The number of a member, without what came from elsewhere. */
const policy = ({ identifier }: Coverage): string | undefined =>
  ofField(identifier, 'IN1-36', () => true)[0]?.value;

/** IN1 from the Coverage, its payor, and who is insured. */
const in1: Fields<Coverage> = {
  2: needed(from('Coverage.class of the plan', planOf, plan)),
  3: fromEach('Coverage.payor.identifier', (coverage, context) => payorOf(coverage, context)?.identifier, cx),
  4: from(
    'Coverage.payor.name',
    (coverage, context) => payorOf(coverage, context)?.name ?? coverage.payor?.[0]?.display,
    (name) => [name],
  ),
  5: fromEach('Coverage.payor.address', (coverage, context) => payorOf(coverage, context)?.address, xad),
  6: fromEach(
    'Coverage.payor.contact.name',
    (coverage, context) => payorOf(coverage, context)?.contact?.flatMap(({ name }) => name ?? []),
    xpn,
  ),
  7: fromEach(
    'Coverage.payor.telecom',
    (coverage, context) => payorOf(coverage, context)?.telecom,
    xtnOf('work'),
  ),
  8: from(
    'Coverage.class of the group',
    (coverage) => groupOf(coverage)?.value,
    (value) => value,
  ),
  9: from(
    'Coverage.class of the group, its name',
    (coverage) => groupOf(coverage)?.name,
    (name) => [name],
  ),
  10: fromEach('Coverage.identifier from IN1-10, Coverage.policyHolder.identifier', employeeNumbers, cx),
  11: from('Coverage.policyHolder', ({ policyHolder }) => policyHolder, xonOf),
  12: from('Coverage.period.start', ({ period }) => period?.start, dtm),
  13: from('Coverage.period.end', ({ period }) => period?.end, dtm),
  15: from('Coverage.type', ({ type }) => type, cwe),
  16: fromEach('Coverage.subscriber.name', (coverage, context) => subscriberOf(coverage, context)?.name, xpn),
  17: from(
    'Coverage.relationship',
    (coverage) => coverage.relationship ?? (isSelf(coverage) ? SELF : undefined),
    relationship,
  ),
  18: from(
    'Coverage.subscriber.birthDate',
    (coverage, context) => subscriberOf(coverage, context)?.birthDate,
    dtm,
  ),
  19: fromEach(
    'Coverage.subscriber.address',
    (coverage, context) => subscriberOf(coverage, context)?.address,
    xad,
  ),
  22: from(
    'Coverage.order',
    ({ order }) => order,
    (order) => order,
  ),
  36: from('Coverage.identifier', policy, (value) => value),
  37: from('Coverage.costToBeneficiary, the deductible', deductible, price),
  43: from('Coverage.subscriber.gender', (coverage, context) => subscriberOf(coverage, context)?.gender, sex),
  44: fromEach(
    'Coverage.policyHolder.address',
    (coverage, context) => holderOf(coverage, context)?.address,
    xad,
  ),
  49: fromEach('Coverage.subscriberId, Coverage.subscriber.identifier', subscriberNumbers, cx),
};

const SUBSCRIBER_ID = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-subscriberId';

/** The numbers with who gave them, where they are known so. */
function subscriberNumbers(coverage: Coverage, context: WriteContext): Identifier[] {
  const { subscriberId: value, extension } = coverage;
  const told = ofField(extension, 'IN1-49', ({ url }) => url === SUBSCRIBER_ID).flatMap(
    ({ valueIdentifier }) => valueIdentifier ?? [],
  );
  const numbers = told.length > 0 ? told : ofField(subscriberOf(coverage, context)?.identifier, 'IN1-49');
  if (value === undefined || numbers.some((one) => one.value === value)) return numbers;
  return [{ value }, ...numbers];
}

/** The subscriber's number with the employer, and the employer's own beside that of IN1-11. */
function employeeNumbers(coverage: Coverage, context: WriteContext): Identifier[] {
  const [, ...further] = holderOf(coverage, context)?.identifier ?? [];
  return [...ofField(coverage.identifier, 'IN1-10'), ...further];
}
function holderOf({ policyHolder }: Coverage, context: WriteContext): Organization | undefined {
  return resolve(context, policyHolder, 'Organization');
}

/** What the insured pays first, as CP: the amount with its currency, and the kind of price (0205). */
function deductible({ costToBeneficiary = [] }: Coverage): CoverageCostToBeneficiary | undefined {
  return costToBeneficiary.find(({ type }) => type?.coding?.some(({ code }) => code === 'deductible'));
}
function price({ type, valueMoney }: CoverageCostToBeneficiary): RepetitionValue {
  const kind = type?.coding?.find(({ system = '' }) => system.endsWith('/v2-0205'))?.code;
  const amount = nm(valueMoney?.value);
  return amount === undefined ? undefined : components([components([amount, valueMoney?.currency]), kind]);
}

/** IN2: numbers of public payers and of the insured, and their telephone; no segment when there are none. */
const in2: Fields<Coverage> = {
  1: fromEach('Coverage.subscriber.identifier from IN2-1', ofSubscriber('IN2-1'), cx),
  2: from(
    'Coverage.subscriber.identifier from IN2-2',
    (coverage, context) => ofSubscriber('IN2-2')(coverage, context)[0]?.value,
    (value) => value,
  ),
  6: from('Coverage.identifier from IN2-6', ({ identifier }) => ofField(identifier, 'IN2-6')[0], cx),
  8: from('Coverage.identifier from IN2-8', ({ identifier }) => ofField(identifier, 'IN2-8')[0], cx),
  61: fromEach('Coverage.identifier from IN2-61', ({ identifier }) => ofField(identifier, 'IN2-61'), cx),
  63: fromEach(
    'Coverage.subscriber.telecom',
    (coverage, context) => subscriberOf(coverage, context)?.telecom,
    xtnOf('home'),
  ),
};

function ofSubscriber(field: string) {
  return (coverage: Coverage, context: WriteContext): Identifier[] =>
    ofField(subscriberOf(coverage, context)?.identifier, field);
}

const hasIn2 = (coverage: Coverage, context: WriteContext): boolean =>
  (coverage.identifier ?? []).some(({ id = '' }) => id.startsWith('IN2-')) ||
  (subscriberOf(coverage, context)?.identifier ?? []).some(({ id = '' }) => id.startsWith('IN2-')) ||
  subscriberOf(coverage, context)?.telecom !== undefined;

export interface CoverageFacts {
  /** In the order in which they are asked to pay. IN1 is a list that replaces the receiver's, so all of them. */
  readonly coverages?: readonly Coverage[];
}

type Insurance = {
  readonly IN1: SegmentPart<Coverage, Coverage>;
  readonly IN2: SegmentPart<Coverage, Coverage>;
};

/** IN1 and IN2 from each Coverage that stands (2.5.1, 6.5.6). */
export const insurances = <F extends CoverageFacts>(): GroupPart<F, Coverage, Insurance> =>
  group((facts: F) => (facts.coverages ?? []).filter(coverageStands), {
    IN1: each<Coverage, Coverage>('IN1', (coverage) => [coverage], { ...in1, 1: numbered }),
    IN2: each<Coverage, Coverage>(
      'IN2',
      (coverage, context) => (hasIn2(coverage, context) ? [coverage] : []),
      {
        1: () => undefined,
        ...in2,
      },
    ),
  });
