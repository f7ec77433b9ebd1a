import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Database, Transaction } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { bundle, create, patient, practitioner, pulse, startImport, type TestImport } from './support.ts';

/** Where a run is killed: at its n-th transaction, before its commit or after it, before anybody hears of it. */
interface Kill {
  readonly at: number;
  readonly after: boolean;
}

class Killed extends IsthmusError {
  constructor() {
    super('DATABASE_UNAVAILABLE');
  }
}

function killing(database: Database, kill: Kill | undefined, apart: boolean): Database {
  let count = 0;
  let isDead = false;
  return {
    ...database,
    async transaction(work) {
      if (isDead) throw new Killed();
      count += 1;
      const isLast = count === kill?.at;
      const result = await database.transaction(async (transaction) => {
        const done = await work(apart ? positionsApart(transaction, database) : transaction);
        if (isLast && !kill?.after) {
          isDead = true;
          throw new Killed();
        }
        return done;
      });
      if (isLast) {
        isDead = true;
        throw new Killed();
      }
      return result;
    },
  };
}

/** The broken variant: positions are committed, but not with the data. */
const positionsApart = (transaction: Transaction, database: Database): Transaction => ({
  ...transaction,
  query: (statement, parameters) =>
    /^import\.(hold-position|advance|add-refusals)$/.test(statement.name)
      ? database.query(statement, parameters)
      : transaction.query(statement, parameters),
});

function files(world: TestImport): void {
  const line = (n: number) =>
    n % 97 === 5
      ? { ...pulse(`o${n}`), status: 'no' }
      : pulse(`o${n % 1_100}`, { issued: `20${10 + (n % 80)}-01-01T00:00:00Z` });
  world.file(
    'Observation.ndjson',
    Array.from({ length: 1_300 }, (_, n) => line(n)),
  );
  world.file(
    'Patient.ndjson.gz',
    Array.from({ length: 600 }, (_, n) => patient(n % 3 === 0 ? undefined : `p${n}`)),
  );
  world.file(
    'practitionerInformation.json',
    bundle(
      'batch',
      Array.from({ length: 250 }, (_, n) =>
        create(practitioner(String(n)), { ifNoneExist: `identifier=urn:npi|${n}` }),
      ),
    ),
  );
  for (const n of [1, 2, 3])
    world.file(
      `visit${n}.json`,
      bundle('transaction', [
        create(
          pulse(undefined, {
            performer: [{ reference: `Practitioner?identifier=urn:npi|${n}` }],
            note: [{ text: String(n) }],
          }),
        ),
        create(patient(undefined, { multipleBirthInteger: n })),
      ]),
    );
}

/** What is in the record after runs that were killed so, and one to the end. */
async function outcome(kills: readonly Kill[], apart = false) {
  const world = await startImport();
  try {
    files(world);
    for (const kill of [...kills, undefined]) {
      const database = killing(world.db.database, kill, apart);
      try {
        await world.run(world.folder, { database });
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
    const report = await world.run(world.folder);
    const refused: string[] = [];
    for (const file of report.files)
      for await (const { item, place } of file.refusals())
        refused.push(`${file.path.split('/').at(-1)} ${item} ${place}`);
    return {
      contents: await world.contents(),
      counts: Object.fromEntries(report.files.map(({ path, counts }) => [path.split('/').at(-1), counts])),
      refused,
    };
  } finally {
    await world.stop();
  }
}

describe('[T24] an import that is killed goes on where it was', () => {
  let whole: Awaited<ReturnType<typeof outcome>>;
  beforeAll(async () => {
    whole = await outcome([]);
  });

  test('the whole of it is there', () => {
    expect(whole.refused).toHaveLength(14);
    expect(whole.contents.length).toBeGreaterThan(4_000);
  });

  test('wherever it is killed, and however often: nothing twice, nothing skipped', {
    timeout: 60_000,
  }, async () => {
    const kill = fc.record({ at: fc.integer({ min: 1, max: 24 }), after: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(kill, { minLength: 1, maxLength: 3 }), async (kills) => {
        expect(await outcome(kills)).toEqual(whole);
      }),
      { numRuns: 5, seed: 7 },
    );
  });

  test('positions that are committed apart from the data do not stand this test', {
    timeout: 60_000,
  }, async () => {
    const kills = [6, 8, 10].map((at) => ({ at, after: false }));
    expect(await outcome(kills, true)).not.toEqual(whole);
  });

  test('a second import of the same file at the same time writes nothing twice', {
    timeout: 30_000,
  }, async () => {
    const world = await startImport();
    try {
      files(world);
      await Promise.allSettled([world.run(world.folder), world.run(world.folder)]);
      await world.run(world.folder);
      expect(await world.contents()).toEqual(whole.contents);
    } finally {
      await world.stop();
    }
  });

  test('a stop ends it after what is being written, and says so', async () => {
    const world = await startImport();
    try {
      files(world);
      const stopping = new AbortController();
      const stopped = await world.run(world.folder, {
        signal: stopping.signal,
        onProgress: ({ counts }) => counts.written > 0 && stopping.abort(),
      });
      expect(stopped.stopped).toBe(true);
      expect(stopped.files.some(({ state }) => state === 'stopped')).toBe(true);
      expect((await world.run(world.folder)).stopped).toBe(false);
      expect(await world.contents()).toEqual(whole.contents);
    } finally {
      await world.stop();
    }
  });
});
