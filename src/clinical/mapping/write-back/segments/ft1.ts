import type { ChargeItem, ChargeItemPerformer, CodeableConcept, Coding, Reference } from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/cx.ts';
import { dr, dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf, xonOf } from '../datatypes/person.ts';
import { nm } from '../datatypes/quantity.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import { producer } from './obx.ts';

/** CPT modifiers are the further codings of a charge's code, under this system of ours: FHIR R4 has no element for them. */
export const MODIFIER_SYSTEM = 'urn:isthmus:procedure-modifier';

/** A charge with what it takes from the visit. */
export interface SentCharge {
  readonly item: ChargeItem;
}

const isModifier = ({ system }: Coding): boolean => system === MODIFIER_SYSTEM;
const codings = ({ item }: SentCharge): readonly Coding[] => item.code.coding ?? [];
const serviceCodings = (charge: SentCharge) => codings(charge).filter((one) => !isModifier(one));

/** A CWE has three codings: those beyond it stand in FT1-25. */
const service = (charge: SentCharge): CodeableConcept => {
  const { text } = charge.item.code;
  return { coding: serviceCodings(charge).slice(0, 3), ...(text === undefined ? {} : { text }) };
};
const procedure = (charge: SentCharge): CodeableConcept => {
  const all = serviceCodings(charge);
  return { coding: all.length > 3 ? all.slice(3) : all };
};

const isNegative = (value: unknown): boolean => (nm(value) ?? '').startsWith('-');
/** What it credits is negative: the money where it is told, or else the quantity. */
const isCredit = ({ item: { quantity, priceOverride } }: SentCharge): boolean =>
  isNegative((priceOverride ?? quantity)?.value);

/** 0017. */
function kind(charge: SentCharge): string | undefined {
  const { status } = charge.item;
  if (status !== 'billable' && status !== 'billed') return undefined;
  return isCredit(charge) ? 'CD' : 'CG';
}
/** A credit is told by FT1-6. */
const amount = (charge: SentCharge, value: unknown): string | undefined =>
  isCredit(charge) ? nm(value)?.replace(/^-/, '') : nm(value);
/** CP: its first component is an amount and its currency. */
const money = (charge: SentCharge): RepetitionValue => {
  const { value, currency } = charge.item.priceOverride ?? {};
  return components([components([amount(charge, value), currency])]);
};

function occurrence({ item }: SentCharge, context: WriteContext): RepetitionValue {
  const { occurrencePeriod, occurrenceDateTime } = item;
  if (occurrencePeriod) return dr(occurrencePeriod, context);
  return occurrenceDateTime === undefined ? undefined : dtm(occurrenceDateTime, context);
}

const isOrderer = ({ function: role }: ChargeItemPerformer): boolean =>
  (role?.coding ?? []).some(({ code }) => code === 'OP');
const performers =
  (field: string, fits: (one: ChargeItemPerformer) => boolean) =>
  ({ item }: SentCharge): Reference[] =>
    ofField(item.performer, field, fits).map(({ actor }) => actor);

/** The number of the order that was charged. */
function orderNumber({ item }: SentCharge, context: WriteContext) {
  const [order] = ofField(item.supportingInformation, 'FT1-23', ({ reference = '' }) =>
    reference.startsWith('ServiceRequest/'),
  );
  return order?.identifier ?? resolve(context, order, 'ServiceRequest')?.identifier?.[0];
}

/** FT1 from the ChargeItem (2.5.1, 6.5.1). FT1-2 is the charge's own number, by which a receiver knows a repeat. */
export const ft1: Fields<SentCharge> = {
  2: from(
    'ChargeItem.identifier',
    ({ item }) => item.identifier?.[0]?.value,
    (value) => value,
  ),
  4: { from: 'ChargeItem.occurrence[x]', write: occurrence },
  5: from('ChargeItem.enteredDate', ({ item }) => item.enteredDate, dtm),
  6: { from: 'ChargeItem.status', write: kind },
  7: from('ChargeItem.code', service, cwe),
  10: {
    from: 'ChargeItem.quantity.value',
    write: (charge) => amount(charge, charge.item.quantity?.value),
  },
  11: { from: 'ChargeItem.priceOverride', write: money },
  13: from('ChargeItem.costCenter', ({ item }) => item.costCenter, producer),
  19: fromEach('ChargeItem.reason', ({ item }) => ofField(item.reason, 'FT1-19', () => true), cwe),
  20: fromEach(
    'ChargeItem.performer',
    performers('FT1-20', (one) => !isOrderer(one)),
    xcnOf,
  ),
  21: fromEach('ChargeItem.performer who ordered', performers('FT1-21', isOrderer), xcnOf),
  23: from('ChargeItem.supportingInformation of the order', orderNumber, ei),
  24: from('ChargeItem.enterer', ({ item }) => item.enterer, xcnOf),
  25: from('ChargeItem.code', procedure, cwe),
  26: fromEach(
    'ChargeItem.code of modifiers',
    (charge) => codings(charge).filter(isModifier),
    ({ code }) => code,
  ),
  29: from('ChargeItem.productCodeableConcept', ({ item }) => item.productCodeableConcept, cwe),
  32: from('ChargeItem.performingOrganization', ({ item }) => item.performingOrganization, xonOf),
  33: from('ChargeItem.requestingOrganization', ({ item }) => item.requestingOrganization, xonOf),
};
