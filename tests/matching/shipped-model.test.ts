import { beforeAll, describe, expect, test } from 'vitest';
import {
  cohesion,
  compare,
  defaultModel,
  estimate,
  type Features,
  type Model,
} from '../../src/clinical/matching/index.ts';
import type { Person } from './support/population.ts';
import { shippedPopulation } from './support/shipped-population.ts';

type Row = { person: Person; features: Features };
let rows: Row[];
let again: Model;

beforeAll(() => {
  rows = shippedPopulation(20260101, 2500);
  again = estimate(
    rows.map(({ features }) => features),
    { seed: 7, version: 'again', basis: defaultModel },
  );
}, 60_000);

/** First and second record of each who has two. */
function pairs(): [Features, Features][] {
  const first = new Map<number, Features>();
  return rows.flatMap(({ person, features }): [Features, Features][] => {
    const before = first.get(person.id);
    if (before === undefined) first.set(person.id, features);
    return before === undefined ? [] : [[before, features]];
  });
}

describe('estimation', () => {
  test('[IM18] the shipped model is what estimation makes of the generated population', () => {
    for (const [field, levels] of Object.entries(defaultModel.fields)) {
      for (const [level, { m }] of Object.entries(levels)) {
        const estimated = Object.entries(again.fields).find(([name]) => name === field)?.[1] as Record<
          string,
          { m: number }
        >;
        if (m > 0.02)
          expect(Math.abs(Math.log2(estimated[level]!.m / m)), `${field} ${level}`).toBeLessThan(0.5);
      }
    }
  });

  test('[IM18] without labels it finds how often fields really agree within one person', () => {
    const counts = new Map<string, number>();
    for (const [a, b] of pairs()) {
      for (const { field, level } of compare(a, b, again).fields) {
        if (level === 'missing' || field === 'household') continue;
        counts.set(`${field} ${level}`, (counts.get(`${field} ${level}`) ?? 0) + 1);
        counts.set(field, (counts.get(field) ?? 0) + 1);
      }
    }
    for (const field of [
      'family',
      'birthDate',
      'sex',
      'ssn',
      'address',
      'place',
      'phone',
      'middle',
      'mother',
    ] as const) {
      const levels = again.fields[field] as Record<string, { m: number }>;
      for (const [level, { m }] of Object.entries(levels))
        expect(m, `${field} ${level}`).toBeCloseTo(
          (counts.get(`${field} ${level}`) ?? 0) / counts.get(field)!,
          1,
        );
    }
  });

  test('[IM18] the same records and seed give the same model; too few records give the basis', () => {
    const some = rows.slice(0, 300).map(({ features }) => features);
    const options = { seed: 3, version: 'v', basis: defaultModel, iterations: 5 };
    expect(estimate(some, options)).toEqual(estimate(some, options));
    expect(estimate([], options)).toEqual({ ...defaultModel, version: 'v' });
  });

  test('[IM6] nobody is linked to a member of the household, and nine of ten second records are linked', () => {
    const homes = new Map<number, Row[]>();
    for (const row of rows)
      homes.set(row.person.household, [...(homes.get(row.person.household) ?? []), row]);
    let linked = 0;
    const wrong: string[] = [];
    for (const members of homes.values()) {
      for (const [at, a] of members.entries()) {
        for (const b of members.slice(at + 1)) {
          if (compare(a.features, b.features, defaultModel).outcome !== 'same') continue;
          if (a.person.id === b.person.id) linked += 1;
          else wrong.push(`${a.person.id} ${b.person.id}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(linked / pairs().length).toBeGreaterThan(0.88);
  });
});

describe('[IM21] cohesion', () => {
  test('a person whose records agree holds together, one with a stranger among them does not, and the stranger is named', () => {
    const [[a, b], [c]] = [
      pairs().find(([one, other]) => compare(one, other, defaultModel).outcome === 'same')!,
      pairs()[40]!,
    ];
    expect(cohesion([a, b], defaultModel).score).toBeGreaterThan(0.99);
    const mixed = cohesion([a, c, b], defaultModel);
    expect(mixed.score).toBeLessThan(0.5);
    expect(mixed.weakest).toContain(1);
    expect(cohesion([a], defaultModel)).toEqual({ score: 1, weakest: [0, 0] });
  });
});
