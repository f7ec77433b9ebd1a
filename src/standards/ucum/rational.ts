/** An exact fraction: reduced, the sign above, `bottom` above zero. */
export interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** Thrown where a number leaves what is computed with (about 10 to the ±600); the door turns it into an answer. */
export class OutOfRange extends Error {
  override readonly name = 'OutOfRange';
}

const LIMIT = 1n << 2048n;
/** Digits that an exact result may have; longer ones, and those without an end, are rounded to `ROUNDED_DIGITS`. */
const EXACT_DIGITS = 80;
const ROUNDED_DIGITS = 34;
const MAX_TEXT = 128;
const MAX_EXPONENT = 400;

export const ONE: Rational = { top: 1n, bottom: 1n };

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

function fraction(top: bigint, bottom: bigint): Rational {
  if (bottom === 0n || absolute(top) > LIMIT || absolute(bottom) > LIMIT) throw new OutOfRange();
  let [a, b] = [absolute(top), absolute(bottom)];
  while (b !== 0n) [a, b] = [b, a % b];
  const sign = bottom < 0n ? -1n : 1n;
  const common = a === 0n ? 1n : a;
  return { top: (sign * top) / common, bottom: absolute(bottom) / common };
}

export const times = (a: Rational, b: Rational): Rational => fraction(a.top * b.top, a.bottom * b.bottom);
export const over = (a: Rational, b: Rational): Rational => fraction(a.top * b.bottom, a.bottom * b.top);
export const plus = (a: Rational, b: Rational): Rational =>
  fraction(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
export const minus = (a: Rational, b: Rational): Rational => plus(a, { top: -b.top, bottom: b.bottom });

export function power(base: Rational, exponent: number): Rational {
  let result = ONE;
  for (let step = Math.abs(exponent); step > 0; step--) result = times(result, base);
  return exponent < 0 ? over(ONE, result) : result;
}

/** -1, 0 or 1. */
export function order(a: Rational, b: Rational): number {
  const [left, right] = [a.top * b.bottom, b.top * a.bottom];
  return left === right ? 0 : left < right ? -1 : 1;
}

const DECIMAL = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?$/;

/** The number that a decimal text says, digit by digit; undefined when it says none, or one out of bounds. */
export function fromDecimal(text: string): Rational | undefined {
  const match = text.length > MAX_TEXT ? null : DECIMAL.exec(text);
  const exponent = Number(match?.[3] ?? 0);
  if (!match?.[2] || Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const [whole = '', decimals = ''] = match[2].split('.');
  const digits = BigInt(`${whole}${decimals}`) * (match[1] === '-' ? -1n : 1n);
  const scale = exponent - decimals.length;
  return scale < 0 ? fraction(digits, 10n ** BigInt(-scale)) : fraction(digits * 10n ** BigInt(scale), 1n);
}

export interface DecimalText {
  readonly text: string;
  /** Whether the text is the number itself. */
  readonly exact: boolean;
}

/** The number as a decimal of FHIR: all its digits where they end, else rounded (half away from zero). */
export function toDecimal({ top, bottom }: Rational): DecimalText {
  const sign = top < 0n ? '-' : '';
  const value = absolute(top);
  if (value === 0n) return { text: '0', exact: true };
  const ending = endingScale(bottom);
  if (ending !== undefined) {
    const digits = ((value * 10n ** BigInt(ending)) / bottom).toString();
    if (digits.length <= EXACT_DIGITS || /^\d{1,80}0*$/.test(digits))
      return { text: `${sign}${written(digits, ending)}`, exact: true };
  }
  let scale = ROUNDED_DIGITS - (value.toString().length - bottom.toString().length);
  let digits = rounded(value, bottom, scale);
  if (digits.length > ROUNDED_DIGITS) {
    scale -= digits.length - ROUNDED_DIGITS;
    digits = rounded(value, bottom, scale);
  }
  return { text: `${sign}${written(digits, scale)}`, exact: false };
}

function rounded(top: bigint, bottom: bigint, scale: number): string {
  const [a, b] = scale < 0 ? [top, bottom * 10n ** BigInt(-scale)] : [top * 10n ** BigInt(scale), bottom];
  return ((2n * a + b) / (2n * b)).toString();
}

/** How many decimals the fraction has; undefined when they don't end. */
function endingScale(bottom: bigint): number | undefined {
  let [rest, twos, fives] = [bottom, 0, 0];
  for (; rest % 2n === 0n; twos++) rest /= 2n;
  for (; rest % 5n === 0n; fives++) rest /= 5n;
  return rest === 1n ? Math.max(twos, fives) : undefined;
}

/** `digits` with the point `scale` places from their end; with an exponent where it would be long. */
function written(digits: string, scale: number): string {
  const significant = digits.replace(/0+$/, '');
  const point = digits.length - scale;
  if (point > 21 || point < -9) {
    const mantissa = significant.length === 1 ? significant : `${significant[0]}.${significant.slice(1)}`;
    return `${mantissa}e${point - 1}`;
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${significant}`;
  const whole = significant.slice(0, point).padEnd(point, '0');
  return significant.length > point ? `${whole}.${significant.slice(point)}` : whole;
}

/** The nearest double, for functions that are none of fractions. */
export const toDouble = (value: Rational): number => Number(toDecimal(value).text);

/** A double, by its shortest decimal text. */
export function fromDouble(value: number): Rational {
  const rational = Number.isFinite(value) ? fromDecimal(String(value)) : undefined;
  if (!rational) throw new OutOfRange();
  return rational;
}
