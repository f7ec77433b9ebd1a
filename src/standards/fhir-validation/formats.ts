import { htmlFault } from './xhtml.ts';

/** Tells which rule a primitive value breaks (R4 datatypes.html#primitive); undefined when it breaks none. */
export type Format = (value: unknown) => string | undefined;

const MAX_INTEGER = 2_147_483_647;
/** R4 datatypes.html#string: at most 1 MB. */
const MAX_STRING = 1_048_576;

/** A decimal that keeps its digits is carried as a text that opens with NUL (`standards/fhir` decimals). */
const isMarkedDecimal = (value: unknown): boolean => typeof value === 'string' && value.charCodeAt(0) === 0;

const NOT_STRING = 'must be a JSON string';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || isMarkedDecimal(value)) return NOT_STRING;
  if (value.length === 0) return 'must not be empty';
  if (CONTROL.test(value)) return 'must not have control characters';
  return value.length > MAX_STRING ? 'must not be longer than 1 MB' : undefined;
}

/** A text of a form; the form says what is allowed, the rule how it is called. */
const textLike =
  (form: RegExp, rule: string): Format =>
  (value) => {
    if (typeof value !== 'string' || isMarkedDecimal(value)) return NOT_STRING;
    return form.test(value) ? undefined : rule;
  };

const integerFrom =
  (least: number, rule: string): Format =>
  (value) => {
    if (typeof value !== 'number') return isMarkedDecimal(value) ? rule : 'must be a JSON number';
    return Number.isInteger(value) && value >= least && value <= MAX_INTEGER ? undefined : rule;
  };

function decimal(value: unknown): string | undefined {
  if (isMarkedDecimal(value)) return undefined;
  return typeof value === 'number' && Number.isFinite(value) ? undefined : 'must be a JSON number';
}

const UUID = /^urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;

function uri(value: unknown): string | undefined {
  if (typeof value !== 'string' || isMarkedDecimal(value)) return NOT_STRING;
  if (!/^\S+$/.test(value)) return 'must be a uri: not empty, without white space';
  if (value.startsWith('urn:uuid:') && !UUID.test(value)) return 'must be a uuid after urn:uuid:';
  if (value.startsWith('urn:oid:') && !OID.test(value)) return 'must be an oid after urn:oid:';
  return undefined;
}

const DATE = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`;
const ZONE = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`;
const DATE_TIME = new RegExp(
  String.raw`^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T${CLOCK}${ZONE})?)?)?$`,
);
const INSTANT = new RegExp(String.raw`^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T${CLOCK}${ZONE}$`);

const dateLike =
  (form: RegExp, rule: string): Format =>
  (value) => {
    if (typeof value !== 'string' || isMarkedDecimal(value)) return NOT_STRING;
    const match = form.exec(value);
    if (!match || match[1] === '0000') return rule;
    return match[3] === undefined || Number(match[3]) <= daysIn(Number(match[1]), Number(match[2]))
      ? undefined
      : 'must be a day that exists';
  };

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const WHITE_SPACE = /[ \t\r\n]+/g;

function base64(value: unknown): string | undefined {
  if (typeof value !== 'string' || isMarkedDecimal(value)) return NOT_STRING;
  const packed = /[ \t\r\n]/.test(value) ? value.replace(WHITE_SPACE, '') : value;
  return packed.length > 0 && packed.length % 4 === 0 && /^[0-9A-Za-z+/]+={0,2}$/.test(packed)
    ? undefined
    : 'must be base64 and not empty';
}

/** By FHIR type. A primitive type that is not here is held to be a string. */
const formats: Readonly<Record<string, Format>> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'must be a JSON boolean'),
  integer: integerFrom(-MAX_INTEGER - 1, 'must be an integer of 32 bits'),
  unsignedInt: integerFrom(0, 'must be an integer from 0 to 2147483647'),
  positiveInt: integerFrom(1, 'must be an integer from 1 to 2147483647'),
  decimal,
  string: text,
  markdown: text,
  code: textLike(/^\S+(?:\s\S+)*$/, 'must be a code: no white space at the ends, single between words'),
  id: textLike(/^[A-Za-z0-9\-.]{1,64}$/, 'must be an id: 1 to 64 letters, digits, "-" and "."'),
  uri,
  url: uri,
  canonical: uri,
  oid: textLike(OID, 'must be an oid: urn:oid: and numbers'),
  uuid: textLike(UUID, 'must be a uuid: urn:uuid: and a UUID'),
  date: dateLike(DATE, 'must be a date: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: dateLike(DATE_TIME, 'must be a dateTime: a date, or with seconds and offset when it has a time'),
  instant: dateLike(INSTANT, 'must be an instant: a date with seconds and offset'),
  time: textLike(new RegExp(`^${CLOCK}$`), 'must be a time: hh:mm:ss'),
  base64Binary: base64,
  xhtml: (value) => (typeof value === 'string' && !isMarkedDecimal(value) ? htmlFault(value) : NOT_STRING),
};

export const formatOf = (type: string): Format => formats[type] ?? text;
