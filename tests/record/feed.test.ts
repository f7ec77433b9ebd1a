import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type FeedPosition,
  feedStart,
  type Json,
  migrations,
  newResourceId,
  type ResourceWrite,
  readFeed,
  writeResources,
} from '../../src/clinical/record/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';

const WRITERS = 32;

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations, poolSize: WRITERS + 4 });
});
afterAll(() => db.drop());

/** A follower of the feed: asked again and again, it says which rows it has seen, as `Type/id version`. */
interface Follower {
  poll(): Promise<void>;
  readonly seen: readonly string[];
}

function follower(start: FeedPosition): Follower {
  const seen: string[] = [];
  let position = start;
  return {
    seen,
    async poll() {
      for (;;) {
        const rows = await readFeed(db.database, position, 5);
        for (const row of rows) seen.push(`${row.type}/${row.resourceId} ${row.version}`);
        const last = rows.at(-1);
        if (!last) return;
        position = last.position;
      }
    },
  };
}

/** Transactions of other tests on the same server hold the feed back, too: what is to come comes when they are over. */
const untilSeen = (one: Follower, count: number) =>
  eventually(
    async () => {
      await one.poll();
      return one.seen.length >= count;
    },
    { deadlineMs: 20_000, what: `${count} changes seen` },
  );

interface FeedRow {
  readonly cursor: string;
  readonly name: string;
}

/** What one might write instead; each skips rows. */
const broken = {
  'the id alone': `SELECT f.id::text AS cursor, type || '/' || resource_id || ' ' || version AS name FROM change_feed f
     WHERE f.id > coalesce(nullif($1, '')::bigint, 0) ORDER BY f.id LIMIT 5`,
  'the time it was written': `SELECT written_at::text AS cursor, type || '/' || resource_id || ' ' || version AS name FROM change_feed f
     WHERE written_at > coalesce(nullif($1, '')::timestamptz, '-infinity') ORDER BY written_at LIMIT 5`,
  'the transaction, running ones included': `SELECT f.xid::text AS cursor, type || '/' || resource_id || ' ' || version AS name
     FROM change_feed f WHERE f.xid > coalesce(nullif($1, ''), '0')::xid8 ORDER BY f.xid LIMIT 5`,
} as const;

function brokenFollower(name: keyof typeof broken): Follower {
  const seen: string[] = [];
  let cursor = '';
  return {
    seen,
    async poll() {
      for (;;) {
        const rows = await db.database.query<FeedRow>(sql(`test.broken ${name}`, broken[name]), [cursor]);
        for (const row of rows) seen.push(row.name);
        const last = rows.at(-1);
        if (!last) return;
        cursor = last.cursor;
      }
    },
  };
}

interface Writer {
  /** Resolves when its transaction has written, and is open. */
  readonly written: Promise<void>;
  commit(): Promise<void>;
}

const basic = (id: string, n: number): Json => ({
  resourceType: 'Basic',
  id,
  created: `20${10 + (n % 80)}-01-01`,
});

function deferred() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}

/** Each transaction makes two resources and writes one of them again. */
function openWriter(n: number): Writer {
  const [one, other] = [newResourceId(), newResourceId()];
  const writes: ResourceWrite[] = [
    { op: 'create', method: 'POST', resource: basic(one, n) },
    { op: 'create', method: 'POST', resource: basic(other, n) },
    { op: 'update', method: 'PUT', resource: basic(one, n + 1) },
  ];
  const written = deferred();
  const released = deferred();
  const done = db.database.transaction(async (transaction) => {
    await writeResources(transaction, writes, { origin: { system: 'test' }, scope: { kind: 'everything' } });
    written.resolve();
    await released.promise;
  });
  done.catch(written.reject);
  return {
    written: written.promise,
    commit() {
      released.resolve();
      return done;
    },
  };
}

async function feedInOrder(): Promise<string[]> {
  const rows = await db.database.query<{ name: string }>(
    sql(
      'test.feed-in-order',
      `SELECT type || '/' || resource_id || ' ' || version AS name FROM change_feed f ORDER BY f.xid, f.id`,
    ),
  );
  return rows.map(({ name }) => name);
}

describe(`[R25] with ${WRITERS} writers that hold transactions open`, () => {
  let writers: Writer[];
  beforeEach(async () => {
    await db.database.query(sql('test.empty', 'TRUNCATE change_feed'));
    writers = [];
    for (let n = 0; n < WRITERS; n += 1) {
      const writer = openWriter(n);
      await writer.written;
      writers.push(writer);
    }
  });
  afterEach(async () => {
    await Promise.all(writers.map((writer) => writer.commit()));
  });

  test('a follower skips nothing and repeats nothing, in whatever order they end', async () => {
    const right = follower(feedStart);
    await right.poll();
    expect(right.seen).toEqual([]);
    const [order] = fc.sample(fc.shuffledSubarray(writers, { minLength: WRITERS }), 1);
    for (const [n, writer] of (order ?? []).entries()) {
      await writer.commit();
      if (n % 3 === 0) await right.poll();
    }
    await untilSeen(right, WRITERS * 3);
    expect(right.seen).toEqual(await feedInOrder());
  });

  test('what is still open holds back what came after it, and no more', async () => {
    const right = follower(feedStart);
    for (const writer of writers.slice(0, 4)) await writer.commit();
    await untilSeen(right, 12);
    for (const writer of writers.slice(5)) await writer.commit();
    await right.poll();
    expect(right.seen).toHaveLength(12);
    await writers[4]?.commit();
    await untilSeen(right, WRITERS * 3);
    expect(right.seen).toEqual(await feedInOrder());
  });

  test.each(Object.keys(broken) as (keyof typeof broken)[])(
    'this test catches a cursor on %s',
    async (name) => {
      const wrong = brokenFollower(name);
      for (const writer of writers.toReversed()) {
        await writer.commit();
        await wrong.poll();
      }
      await wrong.poll();
      const all = await feedInOrder();
      expect(all).toHaveLength(WRITERS * 3);
      expect(all.filter((row) => !wrong.seen.includes(row)).length).toBeGreaterThan(0);
    },
  );
});

test('[R25] followers that read while writers come and go see every change once, in one order', async () => {
  await db.database.query(sql('test.empty', 'TRUNCATE change_feed'));
  const followers = [follower(feedStart), follower(feedStart)];
  let running = true;
  const following = followers.map(async (one) => {
    while (running) await one.poll();
    await untilSeen(one, 160 * 3);
  });
  const [pauses] = fc.sample(fc.array(fc.nat(3), { minLength: 160, maxLength: 160 }), 1);
  let next = 0;
  await Promise.all(
    Array.from({ length: WRITERS - 2 }, async () => {
      for (let pause = pauses?.[next++]; pause !== undefined; pause = pauses?.[next++]) {
        const writer = openWriter(next);
        await writer.written;
        for (let turns = 0; turns < pause; turns += 1)
          await db.database.query(sql('test.turn', 'SELECT 1 AS one'));
        await writer.commit();
      }
    }),
  );
  running = false;
  await Promise.all(following);
  const all = await feedInOrder();
  expect(all).toHaveLength(160 * 3);
  for (const { seen } of followers) expect(seen).toEqual(all);
});
