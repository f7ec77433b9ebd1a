import type {
  CodeableConcept,
  Coverage,
  CoverageClass,
  CoverageCostToBeneficiary,
  Extension,
  Identifier,
  Money,
  Organization,
  Reference,
} from '@medplum/fhirtypes';
import { decimalOf } from '../../../standards/fhir/index.ts';
import { parseDecimal, type Repetition } from '../../../standards/hl7v2/index.ts';
import { allOf, type Datatype, each, first, firstOf, listOf, orNothing, present } from '../convert.ts';
import { cwe, v2Table, withCoding } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { xad } from '../datatypes/xad.ts';
import { organization } from '../datatypes/xon.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

const CLASS = 'http://terminology.hl7.org/CodeSystem/coverage-class';
const SUBSCRIBER = 'http://terminology.hl7.org/CodeSystem/subscriber-relationship';

const classOf = (code: string, value: string, name: string | undefined): CoverageClass => ({
  type: { coding: [{ system: CLASS, code }] },
  value,
  ...(name === undefined ? {} : { name }),
});

/** IN1-2: the plan by its id, with its name. */
const plan: Datatype<CoverageClass> = (value) => {
  const id = value.component(1).trim() || value.component(2).trim();
  return id === '' ? undefined : classOf('plan', id, orNothing(value.component(2)));
};

/** IN1-8: the group by its number; IN1-9 is its name. */
const group: Convert = (field, _context, { segment }) => {
  const id = field.text.trim();
  return id === '' ? undefined : [classOf('group', id, orNothing(segment.field(9).text))];
};

/** IN1-36: the policy's number. Its authority is the company, of which IN1-3 is the number, and no system is known. */
const policy: Datatype<Identifier> = (value) => {
  const number = value.text.trim();
  return number === '' ? undefined : { value: number };
};

/** 0063, and X12 1069 as American senders write it, to the relationships that FHIR has for coverages. */
const subscriberRelations = codeTable({
  SEL: 'self',
  SELF: 'self',
  '18': 'self',
  SPO: 'spouse',
  '01': 'spouse',
  DOM: 'common',
  CHD: 'child',
  NCH: 'child',
  SCH: 'child',
  FCH: 'child',
  '19': 'child',
  PAR: 'parent',
  MTH: 'parent',
  FTH: 'parent',
  OTH: 'other',
  G8: 'other',
});

/** IN1-17: FHIR's code where there is one, and what was sent. */
const relation: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0063')(value, context);
  const code = subscriberRelations[value.text.trim().toUpperCase()];
  return concept && code ? withCoding(concept, { system: SUBSCRIBER, code }) : concept;
};

/** IN1-22: 1 is asked to pay first. */
const order: Datatype<number> = (value) =>
  /^[1-9]\d?$/.test(value.text.trim()) ? Number(value.text.trim()) : undefined;

/** The number of a CX, for which FHIR has a text. */
const number: Datatype<string> = (value) => orNothing(value.component(1).trim());

/** R5's Coverage.subscriberId, an Identifier, as the guide has it; R4's own is a text (IN1-49). */
const SUBSCRIBER_ID = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-subscriberId';
const ofSubscriber: Datatype<Extension> = (value, context) => {
  const identifier = cx(value, context);
  return identifier && { url: SUBSCRIBER_ID, valueIdentifier: identifier };
};

/** IN1-10 is the subscriber's number when CX-5 says so (SN), or else the employer's (`policyHolder`). */
const employeeNumber =
  <T>(as: Datatype<T>): Convert =>
  (field, context, { place }) => {
    const ofEmployee: Datatype<T> = (value) => (isSubscriber(value) ? as(value, context) : undefined);
    const found = allOf(field, ofEmployee, { context, place });
    return found.length > 0 ? found : undefined;
  };
const isSubscriber = (value: Repetition): boolean => value.component(5) === 'SN';

/** IN1-11, the employer, with its number (IN1-10) and its address (IN1-44). */
const policyHolder: Convert = (field, context, { segment, place }): Reference<Organization> | undefined => {
  const address = allOf(segment.field(44), xad, { context, place });
  const number = allOf(segment.field(10), (value) => (isSubscriber(value) ? undefined : cx(value, context)), {
    context,
    place,
  });
  const details = {
    ...(address.length > 0 ? { address } : {}),
    ...(number.length > 0 ? { identifier: number } : {}),
  };
  return firstOf(field, (value) => organization(value, context, details), context);
};

const COPAY = 'http://terminology.hl7.org/CodeSystem/coverage-copay-type';

/** IN1-37 (CP): what the insured pays first. The kind of price (table 0205) stands beside it. */
const deductible: Datatype<CoverageCostToBeneficiary> = (value) => {
  const amount = value.component(1, 1).trim();
  if (amount === '') return undefined;
  const currency = value.component(1, 2).trim();
  const kind = value.component(2).trim();
  const coding = [{ system: COPAY, code: 'deductible' }];
  if (kind !== '') coding.push({ system: v2Table('0205'), code: kind });
  const money = { value: decimalOf(parseDecimal(amount)), ...(currency === '' ? {} : { currency }) };
  return { type: { coding }, valueMoney: money as Money };
};

/** IN1 → Coverage (v2-to-FHIR guide, IN1[Coverage]). Payor and subscriber: messages/adt-insurance.ts. */
export const in1Coverage: SegmentMap<Coverage> = {
  segment: 'IN1',
  resource: 'Coverage',
  rows: [
    { field: 2, to: 'class@IN1-2', as: listOf(first(plan)) },
    { field: 8, to: 'class@IN1-8', as: group, with: [9] },
    { field: 10, to: 'identifier@IN1-10', as: employeeNumber(cx) },
    { field: 10, to: 'extension@IN1-10', as: employeeNumber(ofSubscriber) },
    { field: 11, to: 'policyHolder', as: policyHolder, with: [10, 44] },
    { field: 12, to: 'period.start', as: first(dateTime) },
    { field: 13, to: 'period.end', as: first(dateTime) },
    { field: 15, to: 'type', as: first(cwe('0086')) },
    { field: 17, to: 'relationship', as: first(relation) },
    { field: 22, to: 'order', as: first(order) },
    { field: 36, to: 'identifier@IN1-36', as: listOf(first(policy)) },
    { field: 37, to: 'costToBeneficiary', as: listOf(first(deductible)) },
    { field: 49, to: 'subscriberId', as: first(number) },
    { field: 49, to: 'extension@IN1-49', as: each(ofSubscriber) },
  ],
  elsewhere: [1, 3, 4, 5, 6, 7],
};

/** IN2 → Coverage: IN2-6 Medicare number, IN2-8 Medicaid number, IN2-61 the patient's own number with the company. */
export const in2Coverage: SegmentMap<Coverage> = {
  segment: 'IN2',
  resource: 'Coverage',
  rows: [
    { field: 6, to: 'identifier@IN2-6', as: listOf(first(numbered('MC'))) },
    { field: 8, to: 'identifier@IN2-8', as: listOf(first(numbered('MA'))) },
    { field: 61, to: 'identifier@IN2-61', as: each(numbered('MB')) },
  ],
  elsewhere: [],
};

/** A number of a type of table 0203, where CX-5 says no other. */
function numbered(type: string): Datatype<Identifier> {
  return (value, context) => {
    const identifier = cx(value, context);
    return (
      identifier &&
      present<Identifier>({
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: type }] },
        ...identifier,
      })
    );
  };
}
