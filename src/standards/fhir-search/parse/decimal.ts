/** A decimal as its digits and a power of ten: 7.0 is 70 × 10^-1. */
interface Scaled {
  readonly digits: bigint;
  readonly exponent: number;
}

export interface ImpliedRange {
  readonly value: string;
  readonly low: string;
  readonly high: string;
}

const DECIMAL = /^(-?)(0|[1-9]\d{0,49})(?:\.(\d{1,50}))?(?:[eE]([+-]?\d{1,3}))?$/;
const MAX_EXPONENT = 300;

/**
 * The range that the precision of a number implies (search.html#number): 100 is [99.5, 100.5), 100.00 is [99.995, 100.005), 1e2 is [95, 105);
 * with `approximate` 10 % to either side, but no less than that. Exact, on digits. Undefined for what is no FHIR decimal, or beyond 50 digits or
 * 10^300.
 */
export function impliedRange(text: string, approximate: boolean): ImpliedRange | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  const power = Number(exponent ?? 0);
  if (Math.abs(power) > MAX_EXPONENT) return undefined;
  const value = { digits: BigInt(`${sign}${whole}${fraction}`), exponent: power - fraction.length };
  // The specification's own example: one digit with an exponent counts as if a zero followed (1e2 as 1.0e2).
  const oneDigit = exponent !== undefined && whole.length + fraction.length === 1;
  const half = { digits: 5n, exponent: value.exponent - (oneDigit ? 2 : 1) };
  const around = approximate ? larger(half, tenth(value)) : half;
  return {
    value: textOf(value),
    low: textOf(add(value, negative(around))),
    high: textOf(add(value, around)),
  };
}

const negative = ({ digits, exponent }: Scaled): Scaled => ({ digits: -digits, exponent });

const tenth = ({ digits, exponent }: Scaled): Scaled => ({
  digits: digits < 0n ? -digits : digits,
  exponent: exponent - 1,
});

function add(one: Scaled, other: Scaled): Scaled {
  const exponent = Math.min(one.exponent, other.exponent);
  return { digits: atExponent(one, exponent) + atExponent(other, exponent), exponent };
}

function larger(one: Scaled, other: Scaled): Scaled {
  const exponent = Math.min(one.exponent, other.exponent);
  return atExponent(one, exponent) > atExponent(other, exponent) ? one : other;
}

const atExponent = ({ digits, exponent }: Scaled, lower: number): bigint =>
  digits * 10n ** BigInt(exponent - lower);

/** Without exponent: `-0.005`, `9500`. */
function textOf({ digits, exponent }: Scaled): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString();
  if (exponent >= 0) return digits === 0n ? '0' : `${sign}${text}${'0'.repeat(exponent)}`;
  const padded = text.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
