import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, Position } from '../../src/clinical/record/index.ts';
import type { SearchQuery } from '../../src/standards/fhir-search/index.ts';
import { openWorld, parsed, search, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

/** Every page from the first, `count` at a time. */
async function walk(query: SearchQuery): Promise<string[]> {
  const found: string[] = [];
  let after: Position | undefined;
  for (let page = 0; page < 200; page++) {
    const { matches, next } = await world.all.search(query, after ? { after } : {});
    expect(matches.length).toBeLessThanOrEqual(query.count);
    found.push(...matches.map(({ id }) => id));
    if (!next) return found;
    // A cursor outlives the process: plain data.
    after = JSON.parse(JSON.stringify(next)) as Position;
  }
  throw new Error('the pages have no end');
}

interface Person {
  readonly family?: string;
  readonly birth?: string;
  readonly gender?: string;
}

const people: Person[] = [
  { family: 'Berg', birth: '1980-01-01', gender: 'male' },
  { family: 'berg', birth: '1975', gender: 'female' },
  { family: 'Abel', gender: 'female' },
  { birth: '1980-01-01' },
  { family: 'Zorn', birth: '1999-12-31', gender: 'other' },
  { family: 'Ärmel', birth: '1980-01-01', gender: 'male' },
  {},
  { family: 'Abel', birth: '1975', gender: 'female' },
];

const patient = ({ family, birth, gender }: Person, index: number): Json => ({
  resourceType: 'Patient',
  id: `p${index}`,
  ...(family ? { name: [{ family }] } : {}),
  ...(birth ? { birthDate: birth } : {}),
  ...(gender ? { gender } : {}),
  identifier: [{ system: 'urn:page', value: 'yes' }],
});

describe('order and pages', () => {
  beforeAll(() => world.put(...people.map(patient)));

  test('[S51] without an order the newest come first', async () => {
    const found = await walk({ ...parsed('Patient?identifier=urn:page|yes'), count: 3 });
    expect(found).toEqual(['p7', 'p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0']);
  });

  const orders: [string, string[]][] = [
    ['family', ['p7', 'p2', 'p5', 'p1', 'p0', 'p4', 'p6', 'p3']],
    ['-family', ['p4', 'p1', 'p0', 'p5', 'p7', 'p2', 'p6', 'p3']],
    ['birthdate', ['p7', 'p1', 'p5', 'p3', 'p0', 'p4', 'p6', 'p2']],
    ['-birthdate,family', ['p4', 'p5', 'p0', 'p3', 'p7', 'p1', 'p2', 'p6']],
    ['gender,-birthdate', ['p7', 'p1', 'p2', 'p5', 'p0', 'p4', 'p3', 'p6']],
    ['_id', ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']],
    ['-_id', ['p7', 'p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0']],
  ];
  test.each(orders)('[S51] by %s, missing values last, at every size of page', async (sort, expected) => {
    for (const count of [1, 2, 3, 7, 8, 50]) {
      const found = await walk({ ...parsed(`Patient?identifier=urn:page|yes&_sort=${sort}`), count });
      expect(found, `${count} at a time`).toEqual(expected);
    }
  });

  test('[S51] pages neither repeat nor skip, while others write in between', async () => {
    const query = { ...parsed('Patient?identifier=urn:page|yes'), count: 3 };
    const first = await world.all.search(query);
    await world.put({ ...patient({ family: 'New' }, 8) });
    await world.put({ ...patient({ family: 'Changed' }, 2) });
    const second = await world.all.search(query, first.next ? { after: first.next } : {});
    expect([...first.matches, ...second.matches].map(({ id }) => id)).toEqual([
      'p7',
      'p6',
      'p5',
      'p4',
      'p3',
      'p2',
    ]);
    await world.remove('Patient', 'p8');
    await world.put(patient({ family: 'Abel', gender: 'female' }, 2));
  });
});

test('[S51] sorted by random values of each kind, pages are the whole in one order (property)', async () => {
  const value = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
  const rows = fc.array(fc.record({ number: value, day: value, text: value }), {
    minLength: 1,
    maxLength: 12,
  });
  const sorts = fc.shuffledSubarray(['probability', '-probability', 'date', '-date', '-subject', 'method'], {
    minLength: 1,
    maxLength: 3,
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(rows, sorts, fc.integer({ min: 1, max: 5 }), async (values, sort, count) => {
      const tag = `run${run++}`;
      await world.put(
        ...values.map(
          ({ number, day, text }, index): Json => ({
            resourceType: 'RiskAssessment',
            id: `${tag}-${index}`,
            status: 'final',
            identifier: [{ value: tag }],
            subject: { reference: `Patient/${text ?? 0}` },
            ...(number === undefined ? {} : { prediction: [{ probabilityDecimal: number / 10 }] }),
            ...(day === undefined ? {} : { occurrenceDateTime: `2026-01-0${day + 1}` }),
            ...(text === undefined ? {} : { method: { coding: [{ code: `m${text}` }] } }),
          }),
        ),
      );
      const query = parsed(`RiskAssessment?identifier=${tag}&_sort=${sort.join(',')}`);
      const whole = await walk({ ...query, count: 100 });
      expect(whole.length).toBe(values.length);
      expect(await walk({ ...query, count })).toEqual(whole);
    }),
    { numRuns: 15 },
  );
});

describe('totals', () => {
  test('[S53] a page that holds them all tells the total unasked; others only when asked', async () => {
    expect((await search(world.all, 'Patient?identifier=urn:page|yes')).total).toBe(8);
    const query = { ...parsed('Patient?identifier=urn:page|yes'), count: 3 };
    expect((await world.all.search(query)).total).toBeUndefined();
    expect((await world.all.search({ ...query, total: 'accurate' })).total).toBe(8);
    expect((await world.all.search({ ...query, total: 'estimate' })).total).toBe(8);
  });

  test('[S53] a count of 0 asks for the total alone', async () => {
    const page = await world.all.search({
      ...parsed('Patient?identifier=urn:page|yes&gender=female'),
      count: 0,
    });
    expect(page).toEqual({ matches: [], included: [], total: 3 });
  });

  test('[S53] every page tells the same total', async () => {
    const query = { ...parsed('Patient?identifier=urn:page|yes&_total=accurate'), count: 3 };
    const first = await world.all.search(query);
    const second = await world.all.search(query, first.next ? { after: first.next } : {});
    expect([first.total, second.total]).toEqual([8, 8]);
  });
});
