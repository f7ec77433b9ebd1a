import {
  fromDecimal,
  fromDouble,
  minus,
  ONE,
  OutOfRange,
  over,
  plus,
  type Rational,
  times,
  toDouble,
} from './rational.ts';

/**
 * A scale without a zero or a ratio of its own (UCUM 2.1, sections 21-22): a value on it stands for an amount of `unit`, and back. The table names
 * the functions; what they are stands in the specification's text only (sections 30, 42, 44-46), so it stands here.
 */
export interface Scale {
  readonly unit: string;
  /** Whether amounts are computed exactly, and grow as the values grow. */
  readonly exact: boolean;
  amountOf(value: Rational): Rational;
  valueOf(amount: Rational): Rational;
}

const decimal = (text: string): Rational => {
  const value = fromDecimal(text);
  if (!value) throw new OutOfRange();
  return value;
};

/** amount = (value + offset) × factor. */
function linear(unit: string, offset: string, factor: Rational): Scale {
  const zero = decimal(offset);
  return {
    unit,
    exact: true,
    amountOf: (value) => times(plus(value, zero), factor),
    valueOf: (amount) => minus(over(amount, factor), zero),
  };
}

interface Curve {
  readonly unit: string;
  readonly factor?: string;
  readonly amount: (value: number) => number;
  readonly value: (amount: number) => number;
}

function curve({ unit, factor = '1', amount, value }: Curve): Scale {
  const scale = decimal(factor);
  return {
    unit,
    exact: false,
    amountOf: (on) => times(fromDouble(amount(toDouble(on))), scale),
    valueOf: (of) => fromDouble(value(toDouble(over(of, scale)))),
  };
}

/** A logarithm's amount that has become zero is too small to be told from none. */
function nonZero(amount: number): number {
  if (amount === 0) throw new OutOfRange();
  return amount;
}

/** value = per × log(amount), to a base; negative `per` for the scales that count downwards. */
const logarithm = (unit: string, base: number, { per = 1, factor = '1' } = {}): Scale =>
  curve({
    unit,
    factor,
    amount: (value) => nonZero(base ** (value / per)),
    value: (amount) => per * (base === 10 ? Math.log10(amount) : Math.log(amount) / Math.log(base)),
  });

/** value = 100 × tan(angle). */
const slope = (): Scale =>
  curve({
    unit: 'rad',
    amount: (value) => Math.atan(value / 100),
    value: (angle) => 100 * Math.tan(angle),
  });

const squareRoot: Scale = {
  unit: 'm2/s4/Hz',
  exact: true,
  amountOf: (value) => {
    if (value.top < 0n) throw new OutOfRange();
    return times(value, value);
  },
  valueOf: (amount) => fromDouble(Math.sqrt(toDouble(amount))),
};

/** By code. Made when first asked for, since few units are special. */
const makers: Readonly<Record<string, () => Scale>> = {
  Cel: () => linear('K', '273.15', ONE),
  '[degF]': () => linear('K', '459.67', { top: 5n, bottom: 9n }),
  '[degRe]': () => linear('K', '218.52', { top: 5n, bottom: 4n }),
  '[pH]': () => logarithm('mol/l', 10, { per: -1 }),
  Np: () => logarithm('1', Math.E),
  B: () => logarithm('1', 10),
  'B[SPL]': () => logarithm('Pa', 10, { per: 2, factor: '2e-5' }),
  'B[V]': () => logarithm('V', 10, { per: 2 }),
  'B[mV]': () => logarithm('mV', 10, { per: 2 }),
  'B[uV]': () => logarithm('uV', 10, { per: 2 }),
  'B[10.nV]': () => logarithm('nV', 10, { per: 2, factor: '10' }),
  'B[W]': () => logarithm('W', 10),
  'B[kW]': () => logarithm('kW', 10),
  bit_s: () => logarithm('1', 2),
  "[hp'_X]": () => logarithm('1', 10, { per: -1 }),
  "[hp'_C]": () => logarithm('1', 100, { per: -1 }),
  "[hp'_M]": () => logarithm('1', 1000, { per: -1 }),
  "[hp'_Q]": () => logarithm('1', 50000, { per: -1 }),
  "[p'diop]": slope,
  '%[slope]': slope,
  '[m/s2/Hz^(1/2)]': () => squareRoot,
};

const made = new Map<string, Scale>();

/** The scale behind a special unit; undefined for one whose function is not known. */
export function scaleOf(code: string): Scale | undefined {
  const known = made.get(code);
  if (known) return known;
  const scale = Object.hasOwn(makers, code) ? makers[code]?.() : undefined;
  if (scale) made.set(code, scale);
  return scale;
}
