import type {
  ChargeItem,
  ChargeItemPerformer,
  CodeableConcept,
  Coding,
  Identifier,
  Money,
  Reference,
} from '@medplum/fhirtypes';
import type { Decimal } from '../../../standards/fhir/index.ts';
import type { Repetition, Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { allOf, choice, type Datatype, each, first, firstOf, listOf, orNothing } from '../convert.ts';
import { codingsOf, cwe } from '../datatypes/cwe.ts';
import { cweOrganization } from '../datatypes/cwe-named.ts';
import { periodOf } from '../datatypes/dr.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { type ExactQuantity, quantityOf } from '../datatypes/nm.ts';
import { text } from '../datatypes/text.ts';
import { xcn } from '../datatypes/xcn.ts';
import { xon } from '../datatypes/xon.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { MODIFIER_SYSTEM } from '../write-back/segments/ft1.ts';

const FUNCTION = 'http://terminology.hl7.org/CodeSystem/v2-0443';

/** FT1-6 CD: what it credits is negative, so that a sum over charges is right. */
export const isCredit = (ft1: Segment): boolean => ft1.field(6).text.trim().toUpperCase() === 'CD';

const signed = (number: string, segment: Segment): string =>
  isCredit(segment) && number !== '' ? `-${number.replace(/^[+-]/, '')}` : number;

/** FT1-7 with FT1-8 in words; FT1-25 where it says it in other codes, and FT1-26, the modifiers, for which R4 has no element. */
function chargeCode(segment: Segment, context: MapContext, place: string): CodeableConcept | undefined {
  const transaction = firstOf(segment.field(7), cwe('0132'), context);
  const procedure = firstOf(segment.field(25), cwe('0088'), context);
  const modifiers = allOf(segment.field(26), modifier, { context, place });
  const coding = unique([...(transaction?.coding ?? []), ...(procedure?.coding ?? []), ...modifiers]);
  const words = transaction?.text ?? orNothing(segment.field(8).wholeText.trim()) ?? procedure?.text;
  if (coding.length === 0 && words === undefined) return undefined;
  return {
    ...(coding.length > 0 ? { coding } : {}),
    ...(words === undefined ? {} : { text: words }),
  };
}

const modifier: Datatype<Coding> = (value, context) => {
  const [sent] = codingsOf(value, context);
  return sent?.code === undefined ? undefined : { system: MODIFIER_SYSTEM, code: sent.code };
};

function unique(codings: readonly Coding[]): Coding[] {
  const seen = new Map<string, Coding>();
  for (const coding of codings) {
    const key = `${coding.system ?? ''}|${coding.code ?? ''}`;
    if (!seen.has(key)) seen.set(key, coding);
  }
  return [...seen.values()];
}

const codeOfCharge: Convert = (_field, context, { segment, place }) => chargeCode(segment, context, place);
/** Where FT1-7 is empty. */
const otherCode: Convert = (field, context, at) =>
  at.segment.field(7).state === 'valued' ? undefined : codeOfCharge(field, context, at);

/** FT1-4 is a DR, and before 2.5 a TS, whose second component is no time. */
const occurrence: Datatype<object> = (value, context) => {
  if (value.component(2).length <= 1) {
    const moment = dateTime(value, context);
    return moment === undefined ? undefined : { DateTime: moment };
  }
  const period = periodOf(value, context, { start: [1], end: [2] });
  return period && { Period: period };
};

const quantity: Convert = (field, _context, { segment }): ExactQuantity | undefined =>
  quantityOf(signed(field.text.trim(), segment), undefined);

/** CP: its first component is MO, an amount and its currency (ISO 4217). Throws HL7_BAD_NUMBER. */
function moneyOf(
  value: Repetition,
  segment: Segment,
): (Omit<Money, 'value'> & { value: Decimal }) | undefined {
  const amount = quantityOf(signed(value.component(1, 1).trim(), segment), undefined)?.value;
  const currency = value.component(1, 2).trim().toUpperCase();
  if (amount === undefined) return undefined;
  return {
    value: amount,
    ...(/^[A-Z]{3}$/.test(currency) ? { currency: currency as NonNullable<Money['currency']> } : {}),
  };
}

/** The total (FT1-11). */
const total: Convert = (field, _context, { segment }) => moneyOf(field.repetition(1), segment);
/** FT1-12, the price of one, is the total where one was charged and no total is said. */
const priceOfOne: Convert = (field, _context, { segment }) => {
  const isOne = /^\+?1?(?:\.0*)?$/.test(segment.field(10).text.trim());
  return isOne && segment.field(11).state !== 'valued' ? moneyOf(field.repetition(1), segment) : undefined;
};

const performer =
  (code?: string): Datatype<ChargeItemPerformer> =>
  (value, context) => {
    const actor = xcn(value, context);
    if (!actor) return undefined;
    return code === undefined ? { actor } : { function: { coding: [{ system: FUNCTION, code }] }, actor };
  };

const number: Datatype<Identifier> = (value, context) => {
  const sent = text(value, context);
  return sent === undefined
    ? undefined
    : { system: `urn:isthmus:transactions:${encodeURIComponent(context.system)}`, value: sent };
};

const order: Datatype<Reference> = (value, context) => {
  const identifier = ei('FILL')(value, context);
  return identifier && { type: 'ServiceRequest', identifier };
};

/** FT1 → ChargeItem. The v2-to-FHIR guide has no table for it; this one is ours. Status and identity: messages/dft.ts. */
export const ft1: SegmentMap<ChargeItem> = {
  segment: 'FT1',
  resource: 'ChargeItem',
  rows: [
    { field: 2, to: 'identifier@FT1-2', as: listOf(first(number)) },
    { field: 4, to: 'occurrence[x]', as: first(occurrence) },
    { field: 5, to: 'enteredDate', as: first(dateTime) },
    { field: 7, to: 'code', as: codeOfCharge, with: [8, 25, 26] },
    { field: 25, to: 'code', as: otherCode, with: [7, 8, 26] },
    { field: 10, to: 'quantity', as: quantity, with: [6] },
    { field: 11, to: 'priceOverride', as: total, with: [6] },
    { field: 12, to: 'priceOverride', as: priceOfOne, with: [6, 10, 11] },
    { field: 13, to: 'costCenter', as: first(cweOrganization) },
    { field: 19, to: 'reason@FT1-19', as: each(cwe('0051')) },
    { field: 20, to: 'performer@FT1-20', as: each(performer()) },
    { field: 21, to: 'performer@FT1-21', as: each(performer('OP')) },
    { field: 23, to: 'supportingInformation@FT1-23', as: listOf(first(order)) },
    { field: 24, to: 'enterer', as: first(xcn) },
    { field: 29, to: 'product[x]', as: choice('CodeableConcept', first(cwe('0549'))) },
    { field: 32, to: 'performingOrganization', as: first(xon) },
    { field: 33, to: 'requestingOrganization', as: first(xon) },
  ],
  elsewhere: [1, 6],
};
