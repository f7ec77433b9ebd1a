import { parseUnit } from './parse.ts';
import { amountOf, difference, measureOf, type Reduced, reduced } from './ratio.ts';
import {
  fromDecimal,
  fromDouble,
  OutOfRange,
  order,
  over,
  type Rational,
  times,
  toDecimal,
  toDouble,
} from './rational.ts';

/** `exact`: all digits stand there. `rounded`: to 34 digits. `approximate`: a logarithm or an angle was computed in doubles. */
export type Exactness = 'exact' | 'rounded' | 'approximate';

/** A number and its unit in UCUM's code. The number is a decimal's text, or a double that is taken by its shortest text. */
export interface Quantity {
  readonly value: string | number;
  readonly unit: string;
}

export interface Converted {
  readonly value: string;
  readonly unit: string;
  readonly exactness: Exactness;
}

/**
 * `unknown-unit`: not UCUM. `different-dimension`: a length is no mass. `needs-analyte`: amounts of
 * substance, equivalents, osmoles and masses differ by what is measured. `arbitrary`: a unit that only its assay defines. `bad-value`: no decimal
 * number. `out-of-range`: beyond what is computed.
 */
export type Refusal =
  | 'unknown-unit'
  | 'different-dimension'
  | 'needs-analyte'
  | 'arbitrary'
  | 'bad-value'
  | 'out-of-range';
export interface Refused {
  readonly why: Refusal;
}

/** The quantity in another unit; the digits are not cut to those that were significant. */
export function convert(value: string | number, from: string, to: string): Converted | Refused {
  return guarded(() => {
    const [source, target] = [usable(from), usable(to)];
    const number = fromDecimal(String(value));
    if (!number) return { why: 'bad-value' };
    if (from === to && source !== 'unknown-unit')
      return { value: String(value), unit: to, exactness: 'exact' };
    if (typeof source === 'string') return { why: source };
    if (typeof target === 'string') return { why: target };
    if (source.canonical !== target.canonical) return { why: difference(source, target) };
    const amount = measureOf(amountOf(number, source), target);
    return written(amount, to, isCurve(source) || isCurve(target));
  });
}

/** The quantity in base units (g, m, s, rad, K, C, cd; mol, eq, osm and arbitrary units as they are). */
export function canonical(value: string | number, unit: string): Converted | undefined {
  const answer = guarded((): Converted | Refused => {
    const source = usable(unit);
    if (typeof source === 'string') return { why: source };
    const number = fromDecimal(String(value));
    if (!number) return { why: 'bad-value' };
    return written(amountOf(number, source), source.canonical, isCurve(source));
  });
  return 'why' in answer ? undefined : answer;
}

/** Whether values can be converted from one into the other. */
export function commensurable(a: string, b: string): boolean {
  const [first, second] = [usable(a), usable(b)];
  return typeof first !== 'string' && typeof second !== 'string' && first.canonical === second.canonical;
}

/** The product, in base units. Values on scales of their own are multiplied as the amounts they stand for. */
export const multiply = (a: Quantity, b: Quantity): Converted | Refused => combined(a, b, '.');

/** The quotient, in base units. */
export const divide = (a: Quantity, b: Quantity): Converted | Refused => combined(a, b, '/');

/** What a double keeps of any decimal. */
const DOUBLE_DIGITS = 15;
/** Differences that come of computing in doubles. */
const NOISE: Rational = { top: 1n, bottom: 10n ** 12n };

/** The first compared with the second; never across analytes or assays. */
export function compareQuantities(a: Quantity, b: Quantity): 'equal' | 'less' | 'greater' | 'incomparable' {
  const [first, second] = [usable(a.unit), usable(b.unit)];
  if (first === 'unknown-unit' || second === 'unknown-unit') return 'incomparable';
  const answer = guarded(() => {
    const [left, right] = [fromDecimal(String(a.value)), fromDecimal(String(b.value))];
    if (!left || !right) return { why: 'bad-value' as const };
    if (a.unit === b.unit) return { order: order(left, right) };
    if (typeof first === 'string' || typeof second === 'string') return { why: 'out-of-range' as const };
    if (first.canonical !== second.canonical) return { why: 'different-dimension' as const };
    const [x, y] = [amountOf(left, first), amountOf(right, second)];
    if ((isCurve(first) || isCurve(second)) && isNoise(x, y)) return { order: 0 };
    return { order: order(x, y) };
  });
  if ('why' in answer) return 'incomparable';
  return answer.order === 0 ? 'equal' : answer.order < 0 ? 'less' : 'greater';
}

function isNoise(x: Rational, y: Rational): boolean {
  if (y.top === 0n) return x.top === 0n;
  const ratio = over(x, y);
  return (
    order(ratio, { top: NOISE.bottom + 1n, bottom: NOISE.bottom }) <= 0 &&
    order(ratio, { top: NOISE.bottom - 1n, bottom: NOISE.bottom }) >= 0
  );
}

function combined(a: Quantity, b: Quantity, operator: '.' | '/'): Converted | Refused {
  return guarded(() => {
    const [first, second] = [usable(a.unit), usable(b.unit)];
    if (typeof first === 'string') return { why: first };
    if (typeof second === 'string') return { why: second };
    const [left, right] = [fromDecimal(String(a.value)), fromDecimal(String(b.value))];
    if (!left || !right) return { why: 'bad-value' };
    const unit = usable(`(${first.canonical})${operator}(${second.canonical})`);
    if (typeof unit === 'string') return { why: unit };
    const [x, y] = [amountOf(left, first), amountOf(right, second)];
    const value = operator === '.' ? times(x, y) : over(x, y);
    return written(value, unit.canonical, isCurve(first) || isCurve(second));
  });
}

function usable(code: string): Reduced | 'unknown-unit' | 'out-of-range' {
  const unit = parseUnit(code);
  return 'rule' in unit ? 'unknown-unit' : reduced(unit);
}

const isCurve = ({ scale }: Reduced): boolean => scale?.exact === false;

function written(amount: Rational, unit: string, approximate: boolean): Converted {
  const { text, exact } = toDecimal(
    approximate ? fromDouble(Number(toDouble(amount).toPrecision(DOUBLE_DIGITS))) : amount,
  );
  if (approximate) return { value: text, unit, exactness: 'approximate' };
  return { value: text, unit, exactness: exact ? 'exact' : 'rounded' };
}

function guarded<T>(work: () => T | Refused): T | Refused {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OutOfRange)) throw error;
    return { why: 'out-of-range' };
  }
}
