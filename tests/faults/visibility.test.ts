import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { createQueueEngine, type QueueEngine } from '../../src/exchange/queue/index.ts';
import { createAudit } from '../../src/foundation/audit/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import type { Database } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { assertKept, check, type Report } from './support/checker.ts';
import { testMessage, uidOf } from './support/messages.ts';
import { type Random, withSeed } from './support/random.ts';
import { Cleanup, History, newDatabase } from './support/rig.ts';

/**
 * Reliability A2: many writers append to one queue in transactions that are held open and sometimes aborted, and readers follow it by
 * their position. The writers run the queue's own statement; the store around it holds and aborts.
 */

const writers = 32;
const batches = Number(process.env.FAULTS_BATCHES ?? 20);
const batchMessages = 10;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** As if 32 nodes had one epoch. Holds each append open before the commit for a moment, and aborts one in ten. */
function slowStore(database: Database, random: Random): Database {
  return {
    ...database,
    listen: (channel, onNotify) => database.listen(channel, onNotify),
    close: () => database.close(),
    transaction: (work) => database.transaction(work),
    query: async (statement, parameters) => {
      if (statement.name === 'lease_give_up') return [];
      if (statement.name === 'lease_take' || statement.name === 'lease_renew')
        return database.query({
          name: 'faults_epoch',
          text: `select epoch from lease where name = 'engine'`,
        });
      if (statement.name !== 'queue_accept_batch') return database.query(statement, parameters);
      return database.transaction(async (transaction) => {
        const rows = await transaction.query<never>(statement, parameters);
        await transaction.client.query('select pg_sleep($1)', [
          random.next() * (random.chance(0.02) ? 0.1 : 0.004),
        ]);
        // 40001: what a serialization failure looks like. The intake writes the batch again.
        if (random.chance(0.1)) throw Object.assign(new Error('aborted'), { code: '40001' });
        return rows;
      });
    },
  };
}

const newEngine = (database: Database): QueueEngine =>
  createQueueEngine({
    database,
    clock: systemClock,
    logger: silentLogger,
    audit: createAudit(database),
    // 32 writers stand in one line, and now and then one starts again: on a slow machine that takes its time.
    intake: { patienceMs: 90_000 },
  });

interface Follower {
  /** Reads on until everything was read that `total` says there is, then once more. */
  run(): Promise<void>;
}

/** A reader that knows nothing but where it is. */
function follower(history: History, options: FollowerOptions): Follower {
  const { client, name, read, position: first, isOver } = options;
  let position: unknown = first;
  return {
    async run() {
      for (;;) {
        const last = isOver();
        const { rows } = await client.query<{ position: unknown; body: Buffer }>(read, [position]);
        for (const row of rows) {
          position = row.position;
          const uid = uidOf(row.body);
          history.answered(
            history.arrived({ destination: name, uid, identity: uid, body: row.body }),
            'positive',
          );
        }
        if (last && rows.length === 0) return;
      }
    },
  };
}

interface FollowerOptions {
  readonly client: pg.Client;
  readonly name: string;
  readonly read: string;
  readonly position: unknown;
  readonly isOver: () => boolean;
}

const readers = ['reader1', 'reader2'];

async function follow(
  history: History,
  url: string,
  options: { read: string; position: unknown; write: () => Promise<unknown> },
): Promise<Report> {
  let isOver = false;
  const clients: pg.Client[] = [];
  for (const _ of readers) {
    const client = cleanup.add(new pg.Client({ connectionString: url }), (one) => one.end());
    await client.connect();
    clients.push(client);
  }
  const following = readers.map((name, n) =>
    follower(history, {
      client: clients[n] as pg.Client,
      name,
      read: options.read,
      position: options.position,
      isOver: () => isOver,
    }).run(),
  );
  const writing = options.write().finally(() => {
    isOver = true;
  });
  await Promise.all([writing, ...following]);
  return check(history, { open: [], settled: [] });
}

function newMessage(history: History, writer: number, n: number) {
  // A writer has several appends under way at once, so each message is a key of its own: what counts here is that none is missed.
  const message = testMessage({ uid: `W${writer}-${n}`, keys: [`W${writer}-${n}`] });
  history.offered({ ...message, channel: 'adt', destinations: readers });
  return message;
}

test(`[A2] ${writers} writers of ${batches * batchMessages} messages each: readers by sequence miss none`, () =>
  withSeed(async (random) => {
    const history = new History();
    const { database, url } = await newDatabase(cleanup, writers + 8);
    const owner = newEngine(database);
    cleanup.add(owner, (engine) => engine.stop());
    const channels = [
      { channel: 'adt', order: 'key' as const, destinations: [{ name: 'ward', order: 'key' as const }] },
    ];
    await owner.start();
    await owner.define(channels);
    const engines: QueueEngine[] = [];
    for (let writer = 0; writer < writers; writer += 1) {
      const engine = cleanup.add(newEngine(slowStore(database, random)), (one) => one.stop());
      await engine.start();
      await engine.define(channels);
      engines.push(engine);
    }
    const write = async (engine: QueueEngine, writer: number) => {
      for (let batch = 0; batch < batches; batch += 1) {
        await Promise.all(
          Array.from({ length: batchMessages }, async (_, n) => {
            const message = newMessage(history, writer, batch * batchMessages + n);
            await engine.intake('adt').accept({
              body: message.body,
              contentType: 'application/hl7-v2',
              type: 'ADT^A08',
              sender: 'FAULTS',
              controlId: message.uid,
              keys: message.keys,
              correlationId: message.uid,
              reuse: 'refuse',
            });
            history.acknowledged(message.uid, Buffer.of());
          }),
        );
      }
    };
    const report = await follow(history, url, {
      read: `select e.sequence::int as position, m.body from entry e join queue q on q.id = e.queue_id and q.name = 'adt'
             join message m on m.id = e.message_id where e.sequence > $1 order by e.sequence`,
      position: 0,
      write: () => Promise.all(engines.map(write)),
    });
    console.log(JSON.stringify(report));
    assertKept(report);
    expect(report).toMatchObject({ acknowledged: writers * batches * batchMessages, repeats: 0 });

    // And the queue's own consumer hands all of them on, in sequence order.
    const planned: number[] = [];
    const all = new Promise<void>((resolve) => {
      owner.events.on('planned', ({ entry }) => {
        planned.push(entry.sequence);
        if (planned.length === report.acknowledged) resolve();
      });
    });
    await owner.plan('adt', { planner: () => ({ outcome: 'filtered', reason: 'counted' }) });
    await all;
    expect(planned).toEqual(Array.from({ length: report.acknowledged }, (_, n) => n + 1));
  }));

describe('the checker catches', () => {
  test.each([
    ['a cursor on an id from a sequence', 'id', 0],
    ['a cursor on created_at', 'created_at', new Date(0)],
  ])('%s', (_, column, position) =>
    withSeed(async (random) => {
      const history = new History();
      const { url } = await newDatabase(cleanup);
      const pool = cleanup.add(new pg.Pool({ connectionString: url, max: writers }), (one) => one.end());
      await pool.query(
        'create table naive (id bigserial primary key, created_at timestamptz(6) not null default now(), body bytea not null)',
      );
      const write = async (writer: number) => {
        const client = await pool.connect();
        for (let n = 0; n < 30; n += 1) {
          const message = newMessage(history, writer, n);
          await client.query('begin');
          await client.query('insert into naive (body) values ($1)', [message.body]);
          await client.query('select pg_sleep($1)', [random.next() * 0.02]);
          const aborts = random.chance(0.1);
          await client.query(aborts ? 'rollback' : 'commit');
          if (!aborts) history.acknowledged(message.uid, Buffer.of());
        }
        client.release();
      };
      const report = await follow(history, url, {
        // Text keeps the microseconds that a JavaScript date would lose.
        read: `select ${column}::text as position, body from naive where ${column} > $1 order by ${column}`,
        position,
        write: () => Promise.all(Array.from({ length: writers }, (_, writer) => write(writer))),
      });
      expect(report.counts.lost).toBeGreaterThan(0);
      expect(() => assertKept(report)).toThrow('lost');
    }),
  );
});
