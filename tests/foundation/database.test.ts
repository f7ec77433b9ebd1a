import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manualClock } from '../../src/foundation/clock/index.ts';
import { classifyFailure, openDatabase, sql } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually, openDatabaseProxy, openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
const items = {
  create: sql('item.create', 'CREATE TABLE item (id bigint PRIMARY KEY, name text UNIQUE)'),
  add: sql('item.add', 'INSERT INTO item VALUES ($1, $2)'),
  count: sql('item.count', 'SELECT count(*) AS n FROM item'),
};
const terminateOthers = sql(
  'test.terminate',
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
);
const count = async () => (await db.database.query<{ n: number }>(items.count))[0]?.n;

beforeAll(async () => {
  db = await openTestDatabase({ poolSize: 4 });
  await db.database.query(items.create);
});
afterAll(() => db.drop());

describe('values', () => {
  test('bigint is a number, timestamptz a Date, date a text, bytea the bytes that were sent', async () => {
    const at = new Date('2026-11-20T10:00:00.123Z');
    const [row] = await db.database.query(
      sql(
        'test.values',
        'SELECT $1::bigint AS i, $2::timestamptz AS t, $3::date AS d, $4::bytea AS b, ARRAY[1, NULL]::bigint[] AS a',
      ),
      [9_007_199_254_740_991, at, '1949-02-28', new Uint8Array([0, 255, 92])],
    );
    expect(row).toEqual({
      i: 9_007_199_254_740_991,
      t: at,
      d: '1949-02-28',
      b: Buffer.from([0, 255, 92]),
      a: [1, null],
    });
  });
});

describe('transactions', () => {
  test('what throws is rolled back, and the caller gets what was thrown', async () => {
    const before = await count();
    const failure = new Error('mine');
    const work = db.database.transaction(async (transaction) => {
      await transaction.query(items.add, [100, 'a']);
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await count()).toBe(before);
  });

  test('a failure that was swallowed inside does not pass for a commit', async () => {
    const work = db.database.transaction(async (transaction) => {
      await transaction.query(items.add, [101, 'b']);
      await transaction.query(sql('test.zero', 'SELECT 1/0')).catch(() => []);
    });
    await expect(work).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await count()).toBe(0);
  });

  test('a lost COMMIT reply is DATABASE_UNAVAILABLE, and says that the outcome is unknown', async () => {
    const proxy = await openDatabaseProxy(db.url);
    const database = await openDatabase({ url: proxy.url, logger: silentLogger, poolSize: 1 });
    proxy.loseNextCommitReply();
    const work = database.transaction((transaction) => transaction.query(items.add, [102, 'c']));
    await expect(work).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      rule: expect.stringContaining('unknown'),
    });
    expect(await count()).toBe(1);
    expect((await database.query<{ n: number }>(items.count))[0]?.n).toBe(1);
    await database.close();
    await proxy.stop();
  });

  test('a slow transaction that the server ends does not take the pool with it', async () => {
    const own = await openDatabase({
      url: db.url,
      logger: silentLogger,
      poolSize: 1,
      statementTimeoutMs: 50,
    });
    await expect(own.query(sql('test.slow', 'SELECT pg_sleep(5)'))).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    expect(await own.query(items.count)).toHaveLength(1);
    await own.close();
  });
});

describe('outages', () => {
  test('connections that are cut are DATABASE_UNAVAILABLE for who uses them and replaced for the next', async () => {
    const own = await openDatabase({ url: db.url, logger: silentLogger, poolSize: 3 });
    const sleeping = own.query(sql('test.sleep', 'SELECT pg_sleep(20)'));
    sleeping.catch(() => undefined);
    const isSleeping = sql(
      'test.sleeps',
      `SELECT 1 AS yes FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(20)' AND datname = current_database()`,
    );
    await eventually(async () => (await db.database.query(isSleeping)).length > 0);
    await db.database.query(terminateOthers);
    await expect(sleeping).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await eventually(() => own.query(items.count))).toHaveLength(1);
    await own.close();
  });

  test('a server that is not there is DATABASE_UNAVAILABLE after the patience, without the password in the error', async () => {
    const opening = openDatabase({
      url: 'postgresql://u:s3cret@127.0.0.1:9/x',
      logger: silentLogger,
      patienceMs: 0,
    });
    await expect(opening).rejects.toSatisfy(
      (error) =>
        error instanceof IsthmusError &&
        error.code === 'DATABASE_UNAVAILABLE' &&
        !error.message.includes('s3cret'),
    );
  });

  test('a network that is cut and comes back: statements fail meanwhile, then work, and listening goes on', async () => {
    const proxy = await openDatabaseProxy(db.url);
    const own = await openDatabase({ url: proxy.url, logger: silentLogger, poolSize: 2 });
    const heard: string[] = [];
    await own.listen('item_network', (payload) => heard.push(payload));
    proxy.cut();
    await expect(own.query(items.count)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(own.transaction(async () => 1)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    proxy.restore();
    expect(await own.query(items.count)).toHaveLength(1);
    await eventually(() => heard.includes(''));
    await db.database.query(sql('test.notify_network', `SELECT pg_notify('item_network', 'after')`));
    await eventually(() => heard.includes('after'));
    await own.close();
    await proxy.stop();
  });

  test('one statement after an ALTER TABLE may fail on its old plan, the next does not', async () => {
    const all = sql('item.all', 'SELECT * FROM item');
    const own = await openDatabase({ url: db.url, logger: silentLogger, poolSize: 1 });
    await own.query(all);
    await db.database.query(sql('item.alter', 'ALTER TABLE item ADD COLUMN note text'));
    await expect(own.query(all)).rejects.toMatchObject({ code: '0A000' });
    expect(await own.query(all)).toBeInstanceOf(Array);
    await own.close();
  });
});

describe('refusal of unsafe settings', () => {
  test('synchronous_commit off is refused wherever it was set, naming it', async () => {
    const own = await openTestDatabase();
    const name = new URL(own.url).pathname.slice(1);
    await own.database.query(sql('test.unsafe', `ALTER DATABASE ${name} SET synchronous_commit = off`));
    const opening = openDatabase({ url: own.url, logger: silentLogger });
    await expect(opening).rejects.toMatchObject({
      code: 'DATABASE_UNSAFE',
      rule: 'synchronous_commit is off, set by database',
    });
    await own.drop();
  });

  test('a pool that was opened before the setting was turned off gets no new connection', async () => {
    const own = await openTestDatabase();
    const name = new URL(own.url).pathname.slice(1);
    await own.database.query(sql('test.unsafe', `ALTER DATABASE ${name} SET synchronous_commit = off`));
    await db.database.query(
      sql('test.cut', 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1'),
      [name],
    );
    await eventually(() =>
      own.database.query(items.count).then(
        () => false,
        (error: IsthmusError) => error.code === 'DATABASE_UNSAFE',
      ),
    );
    await own.drop();
  });
});

describe('classification', () => {
  test.each([
    [{ code: '57P01' }, 'unavailable'],
    [{ code: '57P03' }, 'unavailable'],
    [{ code: '08006' }, 'unavailable'],
    [{ code: '53300' }, 'unavailable'],
    [{ code: '25006' }, 'unavailable'],
    [{ code: 'ECONNREFUSED' }, 'unavailable'],
    [{ code: 'ENOENT' }, 'unavailable'],
    [new IsthmusError('DATABASE_UNAVAILABLE'), 'unavailable'],
    [{ code: '53100' }, 'full'],
    [{ code: '58030' }, 'full'],
    [new IsthmusError('DATABASE_FULL'), 'full'],
    [{ code: '40001' }, 'conflict'],
    [{ code: '40P01' }, 'conflict'],
    [{ code: '23505' }, 'conflict'],
    [{ code: '23514' }, 'rejected'],
    [{ code: '22P02' }, 'rejected'],
    [new IsthmusError('QUEUE_FULL'), 'rejected'],
    [new TypeError('x is not a function'), 'rejected'],
    [undefined, 'rejected'],
  ])('%o is %s', (error, expected) => {
    expect(classifyFailure(error)).toBe(expected);
  });

  test('a unique key and a deadlock of the real server are conflicts, a bad value is rejected', async () => {
    const failureOf = (work: Promise<unknown>) => work.then(() => 'none', classifyFailure);
    await db.database.query(items.add, [200, 'x']);
    expect(await failureOf(db.database.query(items.add, [200, 'y']))).toBe('conflict');
    expect(await failureOf(db.database.query(sql('test.cast', `SELECT 'x'::int`)))).toBe('rejected');
  });
});

describe('a server that falls silent', () => {
  test('holds a close up only for a while: its statements fail', async () => {
    const proxy = await openDatabaseProxy(db.url);
    const clock = manualClock();
    const own = await openDatabase({ url: proxy.url, logger: silentLogger, clock, poolSize: 2 });
    try {
      await own.listen('item_silent', () => undefined);
      proxy.silence();
      const hung = own.query(items.count).catch((error: unknown) => error);
      let closed = false;
      const closing = own.close().then(() => {
        closed = true;
      });
      await eventually(() => {
        clock.advance(1_000);
        return closed;
      });
      await closing;
      expect(await hung).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    } finally {
      await proxy.stop();
    }
  });

  test('is not waited for when its settings are looked at', { timeout: 15_000 }, async () => {
    const proxy = await openDatabaseProxy(db.url);
    try {
      proxy.silenceAfterLogin();
      const opening = openDatabase({ url: proxy.url, logger: silentLogger, patienceMs: 0 });
      await expect(opening).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    } finally {
      await proxy.stop();
    }
  });
});

describe('notifications', () => {
  test('reach the listener, also after its connection was cut, with one empty call for what was missed', async () => {
    const own = await openDatabase({ url: db.url, logger: silentLogger, poolSize: 2 });
    const heard: string[] = [];
    const listening = await own.listen('item_changed', (payload) => heard.push(payload));
    const notify = (payload: string) =>
      db.database.query(sql('test.notify', `SELECT pg_notify('item_changed', $1)`), [payload]);
    await notify('one');
    await eventually(() => heard.includes('one'));
    await db.database.query(terminateOthers);
    await eventually(() => heard.includes(''));
    await notify('two');
    await eventually(() => heard.includes('two'));
    expect(heard).toEqual(['one', '', 'two']);
    await listening.stop();
    await own.close();
  });

  test('a listener that throws does not harm the others', async () => {
    const heard: string[] = [];
    const bad = await db.database.listen('item_bad', () => {
      throw new Error('mine');
    });
    const good = await db.database.listen('item_bad', (payload) => heard.push(payload));
    await db.database.query(sql('test.notify_bad', `SELECT pg_notify('item_bad', 'x')`));
    await eventually(() => heard.length === 1);
    await bad.stop();
    await good.stop();
  });
});
