import { decimalOf } from '../../../standards/fhir/index.ts';
import {
  Hl7Error,
  parseDecimal,
  type Repetition,
  toFhirDate,
  toFhirDateTime,
} from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, orNothing } from '../convert.ts';
import { cq } from '../datatypes/cq.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { readDateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { pl } from '../datatypes/pl.ts';
import { xad } from '../datatypes/xad.ts';
import { xcn } from '../datatypes/xcn.ts';
import { xon } from '../datatypes/xon.ts';
import { xpn } from '../datatypes/xpn.ts';
import { xtn } from '../datatypes/xtn.ts';
import { yesNo } from '../tables.ts';
import type { SiteDatatype, SiteDatatypeName } from './authoring.ts';

interface Reading {
  /** Types of FHIR that the value may stand for, the usual one first. */
  readonly types: readonly [string, ...string[]];
  /** May be of a single component. */
  readonly primitive?: true;
  reader(options: SiteDatatype): Datatype<unknown>;
}

/** What each datatype is read as; those of ours, by their names. */
export const readings: Readonly<Record<SiteDatatypeName, Reading>> = {
  CWE: { types: ['CodeableConcept'], reader: concept },
  CX: { types: ['Identifier'], reader: () => cx },
  EI: { types: ['Identifier'], reader: () => ei() },
  XPN: { types: ['HumanName'], reader: () => xpn },
  XAD: { types: ['Address'], reader: () => xad },
  XTN: { types: ['ContactPoint'], reader: ({ use }) => xtn(use) },
  XCN: { types: ['Reference'], reader: () => xcn },
  XON: { types: ['Reference'], reader: () => xon },
  PL: { types: ['Reference'], reader: () => pl },
  CQ: { types: ['Quantity', 'Age', 'Duration', 'SimpleQuantity'], reader: () => cq },
  NM: {
    types: ['decimal', 'integer', 'positiveInt', 'unsignedInt'],
    primitive: true,
    reader: textAt((text) => decimalOf(parseDecimal(text))),
  },
  ST: { types: ['string', 'markdown', 'uri'], primitive: true, reader: words },
  ID: { types: ['code'], primitive: true, reader: codeOf },
  YN: { types: ['boolean'], primitive: true, reader: textAt((text) => yesNo[text.toUpperCase()]) },
  DTM: {
    types: ['dateTime', 'instant'],
    primitive: true,
    reader: momentAt((moment) => toFhirDateTime(moment)),
  },
  DT: { types: ['date', 'dateTime'], primitive: true, reader: momentAt((moment) => toFhirDate(moment)) },
};

/** The datatype as it is read; within an object, if that is asked for. */
export function readerOf(options: SiteDatatype): Datatype<unknown> {
  const read = readings[options.datatype].reader(options);
  const { within } = options;
  if (!within) return read;
  return (value, context) => {
    const inner = read(value, context);
    return inner === undefined ? undefined : { ...within.beside, [within.element]: inner };
  };
}

function concept({ table, codes = {} }: SiteDatatype): Datatype<unknown> {
  const read = cwe(table);
  return (value, context) => {
    const found = read(value, context);
    const known = found && ownOf(codes, value.component(1).trim());
    return found && typeof known === 'object' ? withCoding(found, known) : found;
  };
}

function codeOf({ codes = {}, component = 1 }: SiteDatatype): Datatype<unknown> {
  return (value) => {
    const text = value.component(component).trim();
    const known = ownOf(codes, text);
    if (text !== '' && known === undefined)
      throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: "the site's table has a code of FHIR for it" });
    return known;
  };
}

/** A table of a configuration: what is inherited by every object is no code. */
const ownOf = <T>(table: { readonly [code: string]: T }, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function words({ component }: SiteDatatype): Datatype<unknown> {
  return (value) =>
    orNothing((component === undefined ? value.wholeText : value.component(component)).trim());
}

function textAt(convert: (text: string) => unknown): Reading['reader'] {
  return ({ component = 1 }) =>
    (value: Repetition) => {
      const text = value.component(component).trim();
      return text === '' ? undefined : convert(text);
    };
}

type Moment = NonNullable<ReturnType<typeof readDateTime>>;

function momentAt(format: (moment: Moment) => string): Reading['reader'] {
  return ({ component = 1 }) =>
    (value: Repetition, context: MapContext) => {
      const moment = readDateTime(value, context, component);
      return moment && format(moment);
    };
}
