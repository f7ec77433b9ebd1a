import { stringifyExact } from '../../fhir/index.ts';

export type Elements = Readonly<Record<string, unknown>>;

/** A JSON object; what is of another shape than its definition says is skipped, never an error. */
export const isElements = (value: unknown): value is Elements =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string with something in it. Where a number stands instead, its mark (a NUL in front) gives it away. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.charCodeAt(0) !== 0 ? value : undefined;

export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** Digits and exponent that a database's numeric takes without effort; a number beyond is stored, but not searched for. */
const MAX_DIGITS = 100;
const MAX_EXPONENT = 300;
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** The text of a number, digit by digit as it was given. */
export function numberOf(value: unknown): string | undefined {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && value.charCodeAt(0) === 0);
  if (!isNumber) return undefined;
  const text = typeof value === 'number' ? String(value) : stringifyExact(value);
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const fits = whole.length + fraction.length <= MAX_DIGITS && Math.abs(Number(exponent)) <= MAX_EXPONENT;
  return fits ? text : undefined;
}
