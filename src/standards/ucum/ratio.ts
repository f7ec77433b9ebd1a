import type { Atom } from './definitions.ts';
import type { Component, Term, Unit } from './expression.ts';
import { Memo } from './memo.ts';
import { parseUnit } from './parse.ts';
import { fromDecimal, ONE, OutOfRange, over, power, type Rational, times } from './rational.ts';
import { type Scale, scaleOf } from './special.ts';

/**
 * What a unit measures: exponents by key. A base unit has one key. What is counted (mol, eq, osm) or is a unit by agreement only ([iU]) has two,
 * `mol` above and `/mol` below the line, which don't cancel: mmol/mol is no percentage (HbA1c).
 */
type Dimension = ReadonlyMap<string, number>;

interface Ratio {
  readonly factor: Rational;
  readonly dimension: Dimension;
}

/** A unit as it is computed with. */
export interface Reduced extends Ratio {
  /** The dimension as a unit of UCUM, in base units. */
  readonly canonical: string;
  /** For a unit on a scale of its own; its amounts × factor are in base units. */
  readonly scale?: Scale;
  /** What a value is multiplied by before the scale: the prefix. */
  readonly prefix: Rational;
}

/** Not one number alone: what its definition in UCUM says of it is no amount of the analyte. */
const COUNTED: ReadonlySet<string> = new Set(['mol', 'eq', 'osm']);
const BASE = ['g', 'm', 's', 'rad', 'K', 'C', 'cd'] as const;
const NOTHING: Dimension = new Map();
const UNITY: Ratio = { factor: ONE, dimension: NOTHING };

const memo = new Memo<Reduced | 'out-of-range'>(1000);

/** The unit in base units. */
export function reduced(unit: Unit): Reduced | 'out-of-range' {
  const known = memo.get(unit.code);
  if (known) return known;
  try {
    return memo.put(unit.code, reduce(unit));
  } catch (error) {
    if (!(error instanceof OutOfRange)) throw error;
    return memo.put(unit.code, 'out-of-range');
  }
}

function reduce({ term }: Unit): Reduced {
  const component = term[0]?.component;
  if (component?.kind === 'symbol' && component.atom.kind === 'special') {
    const scale = scaleOf(component.atom.code);
    if (!scale) throw new OutOfRange();
    const { factor, dimension } = ratioOf(unitOf(scale.unit).term);
    const prefix = component.prefix?.factor ?? ONE;
    return { factor, dimension, canonical: textOf(dimension), scale, prefix };
  }
  const ratio = ratioOf(term);
  return { ...ratio, canonical: textOf(ratio.dimension), prefix: ONE };
}

/** From left to right: `s/m.g` is `s.g/m`, and `/m.s` is `s/m`, as in the table's own definition of the oersted (`/[pi].A/m`). */
const ratioOf = (term: Term): Ratio =>
  term.reduce(
    (sum, { operator, component }) => joined(sum, partOf(component), operator === '/' ? -1 : 1),
    UNITY,
  );

function partOf(component: Component): Ratio {
  if (component.kind === 'annotation') return UNITY;
  if (component.kind === 'group') return ratioOf(component.term);
  if (component.kind === 'number') {
    const factor = fromDecimal(component.digits);
    if (!factor) throw new OutOfRange();
    return { factor, dimension: NOTHING };
  }
  const { prefix, atom, exponent = 1 } = component;
  const one = atomRatio(atom);
  const each = prefix ? { ...one, factor: times(prefix.factor, one.factor) } : one;
  return joined(UNITY, each, exponent);
}

const atomRatios = new Map<string, Ratio>();

function atomRatio(atom: Atom): Ratio {
  const known = atomRatios.get(atom.code);
  if (known) return known;
  const ratio = definitionOf(atom);
  atomRatios.set(atom.code, ratio);
  return ratio;
}

function definitionOf({ code, kind, factor, unit, inverse }: Atom): Ratio {
  const own = kind === 'base' || COUNTED.has(code) || (kind === 'arbitrary' && unit === '1');
  if (own) return { factor: ONE, dimension: new Map([[code, 1]]) };
  const of = ratioOf(unitOf(unit).term);
  return joined({ factor, dimension: NOTHING }, of, inverse ? -1 : 1);
}

function unitOf(code: string): Unit {
  const unit = parseUnit(code);
  if ('rule' in unit) throw new Error(`the table of units has a definition that is none: ${unit.rule}`);
  return unit;
}

/** a × b^exponent. */
function joined(a: Ratio, b: Ratio, exponent: number): Ratio {
  const dimension = new Map(a.dimension);
  for (const [key, count] of b.dimension) {
    const [to, by] = isBase(key) ? [key, exponent] : [exponent < 0 ? across(key) : key, Math.abs(exponent)];
    const sum = (dimension.get(to) ?? 0) + count * by;
    if (Math.abs(sum) > 99) throw new OutOfRange();
    if (sum === 0) dimension.delete(to);
    else dimension.set(to, sum);
  }
  return { factor: times(a.factor, power(b.factor, exponent)), dimension };
}

const isBase = (key: string): boolean => BASE.some((base) => base === key);
const across = (key: string): string => (key.startsWith('/') ? key.slice(1) : `/${key}`);
const codeOf = (key: string): string => (key.startsWith('/') ? key.slice(1) : key);

/** A unit that reads as the dimension, always the same way: `g.m-1.s-2`, `mol.m-3`, `mol.mol-1`, `1`. */
function textOf(dimension: Dimension): string {
  const own = [...dimension.keys()].filter((key) => !isBase(key));
  const keys = [...own.sort(byCode), ...BASE.filter((key) => dimension.has(key))];
  const parts = keys.map((key) => {
    const exponent = (dimension.get(key) ?? 0) * (key.startsWith('/') ? -1 : 1);
    return exponent === 1 ? codeOf(key) : `${codeOf(key)}${exponent}`;
  });
  return parts.length === 0 ? '1' : parts.join('.');
}

function byCode(a: string, b: string): number {
  if (codeOf(a) === codeOf(b)) return a.startsWith('/') ? 1 : -1;
  return codeOf(a) < codeOf(b) ? -1 : 1;
}

/** Why two dimensions can't be converted into each other. */
export function difference(a: Reduced, b: Reduced): 'different-dimension' | 'needs-analyte' | 'arbitrary' {
  const differing = [...new Set([...a.dimension.keys(), ...b.dimension.keys()])].filter(
    (key) => a.dimension.get(key) !== b.dimension.get(key),
  );
  if (differing.some((key) => !isBase(key) && !COUNTED.has(codeOf(key)))) return 'arbitrary';
  const substance = differing.some((key) => COUNTED.has(codeOf(key)));
  const rest = differing.filter((key) => key !== 'g' && !COUNTED.has(codeOf(key)));
  return substance && rest.length === 0 ? 'needs-analyte' : 'different-dimension';
}

/** A value in base units. */
export function amountOf(value: Rational, { factor, prefix, scale }: Reduced): Rational {
  return times(scale ? scale.amountOf(times(value, prefix)) : value, factor);
}

/** And back. */
export function measureOf(amount: Rational, { factor, prefix, scale }: Reduced): Rational {
  const measured = over(amount, factor);
  return scale ? over(scale.valueOf(measured), prefix) : measured;
}
