import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyWrites,
  type Json,
  migrations,
  newResourceId,
  type ResourceWrite,
  resourceId,
  type WriteOutcome,
  writeResources,
} from '../../src/clinical/record/index.ts';
import { classifyFailure, sql } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { observation } from './fixtures.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations, poolSize: 8 });
  // Connections made from now on end a deadlock sooner.
  const sooner = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''20ms''', current_database()); END $$`;
  await db.database.query(sql('test.deadlocks', sooner));
});
afterAll(() => db.drop());

const options = { origin: { system: 'api' }, scope: { kind: 'everything' } } as const;
const basic = (id: string, value: number): Json => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: `value ${value}` },
  valueInteger: value,
});

/** What is asked for, by the number of a resource. */
type Step =
  | {
      readonly op: 'create' | 'update';
      readonly n: number;
      readonly value: number;
      readonly ifMatch?: number;
    }
  | { readonly op: 'delete'; readonly n: number; readonly ifMatch?: number };

const RESOURCES = 4;
const n = fc.nat(RESOURCES - 1);
const value = fc.nat(2);
const ifMatch = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 });
const matching = (match: number | undefined) => (match === undefined ? {} : { ifMatch: match });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ n, value }).map((parts) => ({ op: 'create', ...parts }) as const),
  fc.tuple(n, value, ifMatch).map(
    ([which, content, match]): Step => ({
      op: 'update',
      n: which,
      value: content,
      ...matching(match),
    }),
  ),
  fc.tuple(n, ifMatch).map(([which, match]): Step => ({ op: 'delete', n: which, ...matching(match) })),
);

function writeOf(one: Step, ids: readonly string[]): ResourceWrite {
  const id = ids[one.n] ?? '';
  const match = matching(one.ifMatch);
  if (one.op === 'delete') return { op: 'delete', type: 'Observation', id, ...match };
  const resource = basic(id, one.value);
  return one.op === 'create'
    ? { op: 'create', method: 'PUT', resource }
    : { op: 'update', method: 'PUT', resource, ...match };
}

/** What ought to come of it, told without a database. */
class Model {
  readonly #standing = new Map<number, { version: number; value: number | undefined }>();

  take(one: Step): string {
    const { version, value: content } = this.#standing.get(one.n) ?? { version: 0, value: undefined };
    const become = (next: number | undefined) =>
      this.#standing.set(one.n, { version: version + 1, value: next });
    const match = 'ifMatch' in one ? one.ifMatch : undefined;
    if (one.op === 'create') {
      if (content !== undefined) return `conflict ${version}`;
      become(one.value);
      return `created ${version + 1}`;
    }
    if (content === undefined && (one.op === 'delete' || match !== undefined)) return `absent ${version}`;
    if (content !== undefined && match !== undefined && match !== version) return `conflict ${version}`;
    if (one.op === 'delete') {
      become(undefined);
      return `deleted ${version + 1}`;
    }
    if (content === one.value) return `unchanged ${version}`;
    become(one.value);
    return `${content === undefined ? 'created' : 'updated'} ${version + 1}`;
  }
}

const told = ({ kind, version }: WriteOutcome) => `${kind} ${version}`;

test('[R15] [R16] [R17] any batches come to what a model says, write by write', async () => {
  const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const ids = Array.from({ length: RESOURCES }, () => newResourceId());
      const model = new Model();
      for (const batch of all) {
        const outcomes = await db.database.transaction((transaction) =>
          writeResources(
            transaction,
            batch.map((one) => writeOf(one, ids)),
            options,
          ),
        );
        expect(outcomes.map(told)).toEqual(batch.map((one) => model.take(one)));
        expect(outcomes.map(({ id }) => id)).toEqual(batch.map((one) => ids[one.n]));
      }
      await expectVersionsAndFeed(ids);
    }),
    { numRuns: 60 },
  );
});

test('[R17] [R18] [R25] whatever API and messages write at once, versions have no gap and the feed tells each once, in order', async () => {
  const writers = fc.array(
    fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
    {
      minLength: 3,
      maxLength: 6,
    },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(writers, async (all) => {
      run += 1;
      const keys = Array.from({ length: RESOURCES }, (_, each) => `model-${run}-${each}`);
      const ids = keys.map((key) => resourceId('Observation', 'lab', key));
      await Promise.all(
        all.map(async (batches, writer) => {
          for (const batch of batches) await (writer % 2 ? byMessage(batch, keys) : byApi(batch, ids));
        }),
      );
      await expectVersionsAndFeed(ids);
    }),
    { numRuns: 25 },
  );
});

const byApi = (batch: readonly Step[], ids: readonly string[]) =>
  again(() =>
    db.database.transaction((transaction) =>
      writeResources(
        transaction,
        batch.map((one) => writeOf(one, ids)),
        options,
      ),
    ),
  );

const byMessage = (batch: readonly Step[], keys: readonly string[]) =>
  again(() =>
    db.database.transaction((transaction) =>
      applyWrites(
        transaction,
        batch.map((one) => {
          const write = observation(keys[one.n] ?? '', {
            set: { valueInteger: 10 + one.n + ('value' in one ? one.value : 5) },
          });
          return { ...write, origin: { ...write.origin, eventTime: new Date(Date.now() + 60_000) } };
        }),
      ),
    ),
  );

/** As callers do: what another transaction got in between of is done again. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (classifyFailure(error) !== 'conflict' || attempt === 10) throw error;
    }
  }
}

interface VersionRow {
  readonly id: string;
  readonly version: number;
  readonly kind: string;
}

async function expectVersionsAndFeed(ids: readonly string[]): Promise<void> {
  const versions = await db.database.query<VersionRow>(
    sql(
      'test.versions',
      `SELECT id, version, method AS kind FROM resource WHERE id = ANY($1::text[])
       UNION ALL SELECT id, version, method FROM resource_history WHERE id = ANY($1::text[]) ORDER BY id, version`,
    ),
    [ids],
  );
  const feed = await db.database.query<VersionRow>(
    sql(
      'test.feed-of',
      `SELECT resource_id AS id, version, kind FROM change_feed f WHERE resource_id = ANY($1::text[]) ORDER BY f.xid, f.id`,
    ),
    [ids],
  );
  for (const id of ids) {
    const own = versions.filter((row) => row.id === id);
    expect(own.map(({ version }) => version)).toEqual(own.map((_, index) => index + 1));
    const kinds = own.map(({ kind }, index) => {
      if (kind === 'DELETE') return 'deleted';
      return index === 0 || own[index - 1]?.kind === 'DELETE' ? 'created' : 'updated';
    });
    const heard = feed.filter((row) => row.id === id).toSorted((one, other) => one.version - other.version);
    expect(heard.map(({ version }) => version)).toEqual(own.map(({ version }) => version));
    expect(heard.map(({ kind }) => kind)).toEqual(kinds);
  }
  const [orphans] = await db.database.query<{ n: number }>(
    sql(
      'test.orphans',
      `SELECT count(*) AS n FROM (SELECT rid FROM resource_string UNION ALL SELECT rid FROM resource_date UNION ALL SELECT rid FROM resource_quantity) s
        WHERE NOT EXISTS (SELECT FROM resource r WHERE r.rid = s.rid)`,
    ),
  );
  expect(orphans?.n).toBe(0);
}
