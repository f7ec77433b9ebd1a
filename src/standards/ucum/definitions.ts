import { createRequire } from 'node:module';
import { fromDecimal, ONE, over, power, type Rational } from './rational.ts';

/** A unit symbol of UCUM's table. */
export interface Atom {
  readonly code: string;
  readonly name: string;
  /** Whether prefixes may stand before it. */
  readonly metric: boolean;
  readonly kind: 'base' | 'defined' | 'special' | 'arbitrary';
  /** What one of it is, for `defined`; and for an `arbitrary` one that is another's synonym. */
  readonly factor: Rational;
  readonly unit: string;
  /** Defined as one over factor × unit. */
  readonly inverse: boolean;
}

export interface Prefix {
  readonly code: string;
  readonly name: string;
  readonly factor: Rational;
}

interface Definitions {
  readonly atoms: ReadonlyMap<string, Atom>;
  readonly prefixes: ReadonlyMap<string, Prefix>;
}

interface PublishedTable {
  readonly config: readonly (string | readonly string[])[];
  readonly data: readonly (readonly unknown[])[];
}

/** Where the package words a name otherwise than UCUM does, or leaves it out. */
const names: Readonly<Record<string, string>> = {
  s: 'second',
  sr: 'steradian',
  deg: 'degree',
  K: 'kelvin',
  A: 'ampère',
  L: 'liter',
  '%': 'percent',
};

/** Units whose definition the package gives without its numbers; UCUM 2.1, tables 5, 8 and 20. Its own magnitudes have them. */
const units: Readonly<Record<string, string>> = {
  '[mu_0]': '4.[pi].10*-7.N/A2',
  Oe: '/[pi].A/m',
  '[S]': '10*-13.s',
};

/** Added by the package's makers; no release of UCUM has it. */
const NOT_UCUM: ReadonlySet<unknown> = new Set(['Torr']);

let loaded: Definitions | undefined;

/**
 * UCUM's units and prefixes, as the package @lhncbc/ucum-lhc publishes them: read from there, unchanged, when the first unit is asked for. An import would
 * parse 230 kB at every start.
 */
export function definitions(): Definitions {
  loaded ??= read();
  return loaded;
}

function read(): Definitions {
  const require = createRequire(import.meta.url);
  const file = require.resolve('@lhncbc/ucum-lhc/data/ucumDefs.min.json');
  const published = require(file) as { readonly prefixes: PublishedTable; readonly units: PublishedTable };
  delete require.cache[file];
  const prefixes = rowsOf(published.prefixes).map(prefixOf);
  // The others are combinations that LOINC uses, for lists to choose from.
  const atoms = rowsOf(published.units)
    .filter((row) => row('source_') === 'UCUM' && !NOT_UCUM.has(row('csCode_')))
    .map(atomOf);
  return {
    atoms: new Map(atoms.map((atom) => [atom.code, atom])),
    prefixes: new Map(prefixes.map((prefix) => [prefix.code, prefix])),
  };
}

type Row = (column: string) => unknown;

function rowsOf({ config, data }: PublishedTable): Row[] {
  const columns = new Map(config.map((column, at) => [String(column), at]));
  return data.map((row) => (column) => {
    const at = columns.get(column);
    if (at === undefined) throw new Error(`@lhncbc/ucum-lhc has no column ${column}`);
    return row[at];
  });
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function number(value: unknown): Rational {
  const rational = fromDecimal(String(value));
  if (!rational) throw new Error('@lhncbc/ucum-lhc has a factor that is no decimal');
  return rational;
}

function prefixOf(row: Row): Prefix {
  const exponent = row('exp_');
  const ten = { top: 10n, bottom: 1n };
  return {
    code: text(row('code_')),
    name: text(row('name_')),
    factor: exponent === null ? number(row('value_')) : power(ten, Number(exponent)),
  };
}

function atomOf(row: Row): Atom {
  const code = text(row('csCode_'));
  const base = row('isBase_') === true;
  const inverse = row('cnv_') === 'inv';
  const factor = row('baseFactorStr_');
  return {
    code,
    name: names[code] ?? (text(row('name_')) || code),
    metric: base || row('isMetric_') === true,
    kind: base
      ? 'base'
      : row('isSpecial_') === true
        ? 'special'
        : row('isArbitrary_') === true
          ? 'arbitrary'
          : 'defined',
    factor: text(factor) === '' ? ONE : inverse ? over(ONE, number(factor)) : number(factor),
    unit: units[code] ?? (text(row('csUnitString_')) || '1'),
    inverse,
  };
}
