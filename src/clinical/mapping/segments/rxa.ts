import type {
  Address,
  Annotation,
  CodeableConcept,
  Immunization,
  ImmunizationPerformer,
  Location,
  Reference,
} from '@medplum/fhirtypes';
import type { Field, Repetition, Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { allOf, choice, type Datatype, each, first, firstOf, orNothing, present } from '../convert.ts';
import { cwe, v2Table } from '../datatypes/cwe.ts';
import { cweOrganization } from '../datatypes/cwe-named.ts';
import { date, dateTime } from '../datatypes/dtm.ts';
import { type ExactQuantity, quantityOf, unitsOf } from '../datatypes/nm.ts';
import { pl, placeOf as placeIn } from '../datatypes/pl.ts';
import { text } from '../datatypes/text.ts';
import { xad } from '../datatypes/xad.ts';
import { xcn } from '../datatypes/xcn.ts';
import { type Convert, placeOf, REMOVE, type SegmentMap } from '../segment-map.ts';

/** RXA-6 where nobody knows how much (CDC immunization guide 1.5, RXA-6). */
const UNKNOWN_AMOUNT = /^0*999(?:\.0*)?$/;

const dose: Convert = (field, context, { segment }): ExactQuantity | undefined => {
  const amount = field.text.trim();
  if (UNKNOWN_AMOUNT.test(amount)) return undefined;
  return quantityOf(amount, unitsOf(segment, 7, context));
};

/** RXA-9 of the CDC's NIP001: 00 is told by who gave it, 01 to 08 are by hearsay, of the kind that the code says. */
const isOrigin = (value: Repetition): boolean =>
  /^0\d$/.test(value.text.trim()) && ['', 'NIP001'].includes(value.component(3).trim().toUpperCase());
const originOf = (field: Field): Repetition | undefined => field.repetitions.find(isOrigin);

const isPrimary: Convert = (field) => {
  const origin = originOf(field);
  return origin && origin.text.trim() === '00';
};
const reportOrigin: Convert = (field, context) => {
  const origin = originOf(field);
  if (!origin) return undefined;
  return origin.text.trim() === '00' ? REMOVE : cwe('NIP001')(origin, context);
};

/** Its other repetitions, in words with their code. */
const remark: Datatype<Annotation> = (value) => {
  if (isOrigin(value)) return undefined;
  const [code, words] = [value.component(1).trim(), value.component(9).trim() || value.component(2).trim()];
  const said = words === '' || code === '' ? words || code : `${words} (${code})`;
  return said === '' ? undefined : { text: said };
};
const remarks: Convert = (field, context, { place }) => {
  const notes = allOf(field, remark, { context, place });
  return notes.length > 0 ? notes : undefined;
};

const givenBy: Datatype<ImmunizationPerformer> = (value, context) => {
  const actor = xcn(value, context);
  return actor && { function: { coding: [{ system: v2Table('0443'), code: 'AP' }] }, actor };
};

/** LA2, its levels as in PL; its address stands behind them. */
const LA2 = { poc: 1, room: 2, bed: 3, facility: 4, building: 7, floor: 8 } as const;

const givenAt: Convert = (field, context, { segment }) => {
  if (segment.field(27).state === 'valued') return undefined;
  const value = field.repetition(1);
  return addressed(placeIn(value, context, LA2), addressOfLa2(value), context);
};
const givenAtPlace: Convert = (field, context, { segment }) => {
  const address = attempt(context, placeOf(segment, 28), () => firstOf(segment.field(28), xad, context));
  return addressed(pl(field.repetition(1), context), address, context);
};

function addressOfLa2(value: Repetition): Address | undefined {
  const line = [value.component(9), value.component(10)].filter((part) => part !== '');
  return present<Address>({
    line: line.length > 0 ? line : undefined,
    city: orNothing(value.component(11)),
    state: orNothing(value.component(12)),
    postalCode: orNothing(value.component(13)),
    country: orNothing(value.component(14)),
  });
}

/** The address of a place that was just named. */
function addressed(
  place: Reference<Location> | undefined,
  address: Address | undefined,
  { mentions: { writes } }: MapContext,
): Reference<Location> | undefined {
  const named = place?.reference && writes.get(place.reference);
  if (named && address) writes.set(`${named.type}/${named.id}`, { ...named, set: { address, ...named.set } });
  return place;
}

/** RXA-22 is when an added record was entered (RXA-21 A); of an update it is when that was. */
const entered: Convert = (field, context, at) =>
  at.segment.field(21).text.trim().toUpperCase() === 'A' ? first(dateTime)(field, context, at) : undefined;

/** RXA → Immunization (v2-to-FHIR guide, RXA[Immunization]). Status: `vaccinationStatus`. */
export const rxa: SegmentMap<Immunization> = {
  segment: 'RXA',
  resource: 'Immunization',
  rows: [
    { field: 3, to: 'occurrence[x]', as: choice('DateTime', first(dateTime)) },
    { field: 5, to: 'vaccineCode', as: first(cwe('0292')) },
    { field: 6, to: 'doseQuantity', as: dose, with: [7] },
    { field: 9, to: 'primarySource', as: isPrimary },
    { field: 9, to: 'reportOrigin', as: reportOrigin },
    { field: 9, to: 'note@RXA-9', as: remarks },
    { field: 10, to: 'performer@RXA-10', as: each(givenBy) },
    { field: 11, to: 'location', as: givenAt, with: [27] },
    { field: 15, to: 'lotNumber', as: first(text) },
    { field: 16, to: 'expirationDate', as: first(date) },
    { field: 17, to: 'manufacturer', as: first(cweOrganization) },
    { field: 18, to: 'statusReason', as: first(cwe()) },
    { field: 19, to: 'reasonCode', as: each(cwe()) },
    { field: 22, to: 'recorded', as: entered, with: [21] },
    { field: 27, to: 'location', as: givenAtPlace, with: [28] },
  ],
  elsewhere: [1, 2, 20, 21],
};

const SUBPOTENT = 'http://terminology.hl7.org/CodeSystem/immunization-subpotent-reason';

interface VaccinationStatus {
  /** Undefined when the message does not say. */
  readonly status: Immunization['status'] | undefined;
  /** PA: given in part only, which may not count. */
  readonly partial?: CodeableConcept;
}

/**
 * RXA-20 (0322) and RXA-21 (0323). A refusal (RXA-18) without RXA-20 was not given, nor was CVX 998, «no vaccine administered», whatever
 * RXA-20 says: a vaccine that was not given must not look like one that was.
 */
export function vaccinationStatus(segment: Segment, context: MapContext): VaccinationStatus {
  const action = segment.field(21).text.trim().toUpperCase();
  const sent = segment.field(20).text.trim().toUpperCase();
  if (action === 'D') return { status: 'entered-in-error' };
  if (segment.field(5).text.trim() === '998' || sent === 'RE' || sent === 'NA') return { status: 'not-done' };
  if (sent === 'CP') return { status: 'completed' };
  if (sent === 'PA')
    return { status: 'completed', partial: { coding: [{ system: SUBPOTENT, code: 'partialdose' }] } };
  if (sent !== '')
    context.findings.push({ place: placeOf(segment, 20), rule: 'a code of table 0322 is needed' });
  else if (segment.field(18).state === 'valued') return { status: 'not-done' };
  return { status: sent === '' && action !== '' ? 'completed' : undefined };
}
