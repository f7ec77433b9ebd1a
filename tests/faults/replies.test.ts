import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/index.ts';
import { type BreakingProxy, breakingProxy, type LossMode } from './support/breaking-proxy.ts';
import { assertKept, type Report } from './support/checker.ts';
import type { Variant } from './support/engine-config.ts';
import { type Random, withSeed } from './support/random.ts';
import {
  Cleanup,
  drained,
  EngineHost,
  History,
  judged,
  mllpReceiver,
  newDatabase,
  startSenders,
  webhookReceiver,
} from './support/rig.ts';

/** Reliability A7: the reply to a commit is lost, our acknowledgment is lost. FAULTS_LOSSES=1000 for the large run. */

const losses = Number(process.env.FAULTS_LOSSES ?? 90);
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Scene {
  readonly proxy: BreakingProxy;
  run(): Promise<Report>;
}

async function setScene(
  random: Random,
  options: { messages: number; losesAnswer?: () => boolean; variant?: Variant; prepare?: string },
): Promise<Scene> {
  const history = new History();
  const { url } = await newDatabase(cleanup);
  if (options.prepare) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(options.prepare);
    await client.end();
  }
  const proxy = cleanup.add(await breakingProxy(url), (one) => one.stop());
  const ward = cleanup.add(await mllpReceiver(history, 'ward'), (one) => one.stop());
  const hook = cleanup.add(await webhookReceiver(history, 'hook'), (one) => one.stop());
  const host = new EngineHost(() => ({
    url: proxy.url,
    node: 'node',
    ...(options.variant ? { variant: options.variant } : {}),
    channels: [
      {
        name: 'adt',
        order: 'key',
        destinations: [
          { name: 'ward', kind: 'mllp', port: ward.port, order: 'strict', lanes: 1 },
          { name: 'hook', kind: 'webhook', port: hook.port, order: 'key', lanes: 8 },
        ],
      },
    ],
  }));
  await host.start();
  const run = async () => {
    const senders = startSenders(history, host, {
      load: { channel: 'adt', messages: options.messages, keys: 32, connections: 8 },
      random,
      destinations: () => ['ward', 'hook'],
      ...(options.losesAnswer ? { losesAnswer: options.losesAnswer } : {}),
    });
    cleanup.add(senders, (started) => started.stop());
    await senders.done;
    await drained(url);
    return judged(history, url);
  };
  return { proxy, run };
}

/** Breaks one commit after the other, as fast as they come. */
async function breakCommits(
  scene: Scene,
  random: Random,
  modes: readonly LossMode[],
  times: number,
): Promise<Report> {
  let isOver = false;
  const running = scene.run().finally(() => {
    isOver = true;
  });
  const total = () => scene.proxy.lost.reply + scene.proxy.lost.request + scene.proxy.lost.late;
  for (let loss = 1; loss <= times && !isOver; loss += 1) {
    scene.proxy.breakNext(random.pick(modes));
    await eventually(() => total() >= loss || isOver, { deadlineMs: 20_000, what: 'a commit to break' });
  }
  return running;
}

test(
  `[A7] ${losses} commits whose reply, request or connection is lost: one entry each, the same answer to every repeat`,
  {
    timeout: 60_000 + losses * 1_000,
  },
  () =>
    withSeed(async (random) => {
      const scene = await setScene(random, { messages: losses * 30 });
      const report = await breakCommits(scene, random, ['reply', 'request', 'late'], losses);
      console.log(JSON.stringify({ lostCommits: scene.proxy.lost, ...report }));
      assertKept(report);
      expect(scene.proxy.lost.reply).toBeGreaterThan(losses / 6);
      expect(scene.proxy.lost.late).toBeGreaterThan(losses / 6);
    }),
);

test('[A7] 1,000 acknowledgments lost: the repeat is the same message and gets the same bytes', () =>
  withSeed(async (random) => {
    let lost = 0;
    const losesAnswer = () => {
      const loses = random.chance(0.35);
      if (loses) lost += 1;
      return loses;
    };
    const scene = await setScene(random, { messages: 2_000, losesAnswer });
    const report = await scene.run();
    console.log(JSON.stringify({ lostAcknowledgments: lost, ...report }));
    assertKept(report);
    expect(lost).toBeGreaterThan(900);
    expect(report.repeats).toBe(0);
  }));

describe('the checker catches', () => {
  test('an intake that does not know what it has', () =>
    withSeed(async (random) => {
      const scene = await setScene(random, {
        messages: 100,
        losesAnswer: () => random.chance(0.3),
        variant: 'no-duplicates-known',
        prepare:
          'drop index message_control; create index message_control on message (control_hash, content_prefix)',
      });
      const report = await scene.run();
      expect(report.counts.duplicated).toBeGreaterThan(0);
      expect(report.counts.unbalanced).toBeGreaterThan(0);
      expect(() => assertKept(report)).toThrow('duplicated');
    }));
});
