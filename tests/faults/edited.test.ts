import { afterEach, describe, expect, test } from 'vitest';
import { listQueues } from '../../src/exchange/queue/index.ts';
import { type Database, sql } from '../../src/foundation/database/index.ts';
import { assertKept, type Report } from './support/checker.ts';
import { claimsOf } from './support/claims.ts';
import { testMessage } from './support/messages.ts';
import { startNode } from './support/node.ts';
import { mllpReceiver, type Receiver } from './support/receiver.ts';
import { Cleanup, drained, History, judged, newDatabase } from './support/rig.ts';
import { LockstepSender } from './support/sender.ts';
import { alteredDatabase } from './support/variants.ts';

/** Reliability A15: a channel is edited while the engine is down. What was pinned at acceptance counts, in both directions. */

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

type Name = 'ward' | 'lab' | 'archive';

interface Scene {
  readonly history: History;
  readonly url: string;
  readonly database: Database;
  /** Runs with these destinations, accepts so many messages, and stops again. */
  session(
    destinations: readonly Name[],
    options: { accept: number; plan: boolean; drain?: boolean },
  ): Promise<void>;
}

async function setScene(alter: (database: Database) => Database = (database) => database): Promise<Scene> {
  const history = new History();
  const { url, database: real } = await newDatabase(cleanup, 8);
  const database = alter(real);
  const peers: Partial<Record<Name, Receiver>> = {};
  for (const name of ['ward', 'lab', 'archive'] as const)
    peers[name] = cleanup.add(await mllpReceiver(history, name), (one) => one.stop());
  let sent = 0;
  return {
    history,
    url,
    database: real,
    async session(destinations, { accept, plan, drain = true }) {
      const node = await startNode(
        {
          node: 'node',
          channels: [
            {
              name: 'adt',
              order: 'key',
              destinations: destinations.map((name) => ({
                name,
                kind: 'mllp',
                port: peers[name]?.port ?? 0,
                order: 'key',
                lanes: 4,
              })),
            },
          ],
        },
        { database, ...(plan ? {} : { planner: null }) },
      );
      const sender = new LockstepSender({
        history,
        channel: 'adt',
        port: () => node.ports.adt ?? 1,
        destinations: () => destinations,
      });
      for (let n = 0; n < accept; n += 1) {
        sent += 1;
        await sender.send(testMessage({ uid: `M${sent}`, keys: [`P${sent % 5}`] }));
      }
      sender.stop();
      if (plan && drain) await drained(url, { openMayBe: await removedEntries(real) });
      await node.stop();
    },
  };
}

async function removedEntries(database: Database): Promise<number> {
  const queues = await listQueues(database);
  return queues.filter((queue) => queue.removed).reduce((sum, queue) => sum + queue.depth, 0);
}

/** Accepted for ward and lab, none of it planned; then lab is taken out and archive is put in. */
async function editWhileDown(scene: Scene): Promise<Report> {
  await scene.session(['ward', 'lab'], { accept: 50, plan: false });
  await scene.session(['ward', 'archive'], { accept: 30, plan: true, drain: false });
  await scene.session(['ward', 'archive'], { accept: 0, plan: true, drain: false });
  return judged(scene.history, scene.url);
}

test('[A15] a destination added later gets nothing from before; a removed one keeps what it has, visibly, and gets it when it comes back', async () => {
  const scene = await setScene();
  await scene.session(['ward', 'lab'], { accept: 50, plan: false });
  await scene.session(['ward', 'archive'], { accept: 30, plan: true, drain: false });
  await scene.session(['ward', 'archive'], { accept: 0, plan: true, drain: true });

  assertKept(await judged(scene.history, scene.url));
  expect(scene.history.deliveredTo('ward')).toBe(80);
  expect(scene.history.deliveredTo('archive')).toBe(30);
  const lab = (await listQueues(scene.database)).find((queue) => queue.name === 'adt>lab');
  expect(lab).toMatchObject({ removed: true, depth: 50 });
  expect((await claimsOf(scene.url)).open.filter(({ destination }) => destination === 'lab')).toHaveLength(
    50,
  );

  await scene.session(['ward', 'lab', 'archive'], { accept: 20, plan: true });
  const report = await judged(scene.history, scene.url);
  assertKept(report);
  expect(scene.history.deliveredTo('lab')).toBe(70);
  expect(scene.history.deliveredTo('archive')).toBe(50);
  expect(report.repeats).toBe(0);
});

describe('the checker catches', () => {
  test('a new destination that receives history', async () => {
    const scene = await setScene((database) =>
      alteredDatabase(database, (statement) =>
        statement.name === 'route_all'
          ? sql(
              'route_all',
              `select id, channel, (select array_agg(q.id) from queue q where q.leg = 'outgoing') as queue_ids from route`,
            )
          : statement,
      ),
    );
    const report = await editWhileDown(scene);
    expect(report.counts.foreign).toBeGreaterThan(0);
    expect(() => assertKept(report)).toThrow('foreign');
  });

  test('a removed destination whose messages are forgotten', async () => {
    const scene = await setScene((database) =>
      alteredDatabase(database, (statement) =>
        statement.name === 'route_all'
          ? sql(
              'route_all',
              `select id, channel, array(select q.id from queue q where q.id = any(queue_ids) and q.removed_at is null) as queue_ids from route`,
            )
          : statement,
      ),
    );
    const report = await editWhileDown(scene);
    expect(report.counts.lost).toBe(50);
  });
});
