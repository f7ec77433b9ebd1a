import type { SearchParameterType, SearchValue } from '../types.ts';
import { dateTime, period, timing } from './date.ts';
import { money, plainNumber, quantity, range } from './quantity.ts';
import { canonical, canonicalUri, reference, resourceOf, uri } from './reference.ts';
import { address, humanName, plainString } from './text.ts';
import { codeableConcept, codeOf, coding, contactPoint, identifier, plainCode, truth } from './token.ts';

/** Search values of one element; nothing when it is not of its shape. */
export type Reader = (value: unknown) => readonly SearchValue[];

export interface ReaderOptions {
  /** Of a `code`. */
  readonly systems: readonly string[];
  /** Of a resource in the element itself. */
  readonly targets: readonly string[];
}

type Readers = Readonly<Record<string, Reader>>;

const TOKENS: Readers = {
  Coding: coding,
  CodeableConcept: codeableConcept,
  Identifier: identifier,
  ContactPoint: contactPoint,
  boolean: truth,
  string: plainCode,
  id: plainCode,
  uri: plainCode,
  url: plainCode,
  oid: plainCode,
  canonical: plainCode,
};
const STRINGS: Readers = {
  string: plainString,
  markdown: plainString,
  HumanName: humanName,
  Address: address,
};
const DATES: Readers = { date: dateTime, dateTime, instant: dateTime, Period: period, Timing: timing };
const QUANTITIES: Readers = {
  Quantity: quantity,
  SimpleQuantity: quantity,
  Age: quantity,
  Duration: quantity,
  Count: quantity,
  Distance: quantity,
  Money: money,
  Range: range,
};
const NUMBERS: Readers = {
  integer: plainNumber,
  positiveInt: plainNumber,
  unsignedInt: plainNumber,
  decimal: plainNumber,
  Range: range,
};
const REFERENCES: Readers = { Reference: reference, canonical, uri: canonical, url: canonical };
const URIS: Readers = { uri, url: uri, oid: uri, canonical: canonicalUri };

const BY_TYPE: Readonly<Record<SearchParameterType, Readers>> = {
  token: TOKENS,
  string: STRINGS,
  date: DATES,
  quantity: QUANTITIES,
  number: NUMBERS,
  reference: REFERENCES,
  uri: URIS,
  composite: {},
  special: {},
};

/** R4 search.html: which values a parameter of this type takes from an element of that type. */
export function readerOf(type: SearchParameterType, element: string, options: ReaderOptions): Reader {
  if (type === 'token' && element === 'code') return codeOf(options.systems);
  if (type === 'reference' && element === 'Resource') return resourceOf(options.targets);
  const reader = BY_TYPE[type][element];
  if (!reader) throw new TypeError(`search definitions: a ${type} is not read from ${element}`);
  return reader;
}
