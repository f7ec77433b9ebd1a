import { createRequire } from 'node:module';
import { expect, describe as suite, test } from 'vitest';
import { canonical, isValidUnit } from '../../src/standards/ucum/index.ts';

const published = createRequire(import.meta.url)('@lhncbc/ucum-lhc/data/ucumDefs.min.json') as {
  units: { config: (string | string[])[]; data: unknown[][] };
  prefixes: { data: [string, ...unknown[]][] };
};
const columns = published.units.config.map(String);
const unitRows = published.units.data.map((row) =>
  Object.fromEntries(columns.map((name, at) => [name, row[at]])),
);
/** Torr is none of UCUM's. */
const own = unitRows.filter(({ source_, csCode_ }) => source_ === 'UCUM' && csCode_ !== 'Torr');

/** m, s, g, rad, K, C, cd: the order of the package's vectors. */
const vectorOf = (unit: string) =>
  ['m', 's', 'g', 'rad', 'K', 'C', 'cd'].map((base) => {
    const part = unit.split('.').find((each) => each.replace(/-?\d+$/, '') === base);
    return part === undefined ? 0 : Number(/-?\d+$/.exec(part)?.[0] ?? 1);
  });

suite('the table of units', () => {
  test('[UC12] every unit of the package is one of ours', () => {
    expect(own.length).toBe(310);
    expect(isValidUnit('Torr')).toBe(false);
    for (const { csCode_ } of own) expect(isValidUnit(String(csCode_)), String(csCode_)).toBe(true);
  });

  test('[UC12] what we compute from definitions is what the package computed, for all that are ratios', () => {
    // Inverses have the dimension of what they invert there; [LPF] is 100 by its definition and 1 by its magnitude.
    const excused = new Set(['[diop]', '[mesh_i]', 'Bd', '[LPF]']);
    let compared = 0;
    for (const { csCode_, magnitude_, isSpecial_, isArbitrary_, ...row } of own) {
      const code = String(csCode_);
      if (isSpecial_ || isArbitrary_ || excused.has(code)) continue;
      const { value = '', unit = '' } = canonical('1', code) ?? {};
      // The package takes a mole for a number.
      const moles = Number(
        /(?:^|\.)(?:mol|eq|osm)(-?\d+)?(?:\.|$)/.exec(unit)?.[1] ?? (/mol|eq|osm/.test(unit) ? 1 : 0),
      );
      const factor = Number(value) * 6.0221367e23 ** moles;
      expect(Math.abs(factor / Number(magnitude_) - 1), code).toBeLessThan(1e-9);
      expect(vectorOf(unit), code).toEqual(row['dim_,dimVec_'] ?? [0, 0, 0, 0, 0, 0, 0]);
      compared++;
    }
    expect(compared).toBeGreaterThan(230);
  });

  test('[UC12] every special unit has its function', () => {
    for (const { csCode_, isSpecial_ } of own)
      if (isSpecial_) expect(canonical('1', String(csCode_)), String(csCode_)).toBeDefined();
  });

  test('[UC3] no code has two readings', () => {
    const readings = new Map<string, string[]>();
    const add = (code: string, reading: string) =>
      readings.set(code, [...(readings.get(code) ?? []), reading]);
    for (const { csCode_, isMetric_, isBase_ } of own) {
      add(String(csCode_), 'symbol');
      if (isMetric_ || isBase_)
        for (const [prefix] of published.prefixes.data) add(`${prefix}${csCode_}`, `${prefix}|${csCode_}`);
    }
    expect([...readings].filter(([, each]) => each.length > 1)).toEqual([]);
    expect(readings.size).toBeGreaterThan(2500);
  });
});
