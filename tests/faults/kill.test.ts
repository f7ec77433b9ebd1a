import { afterEach, describe, expect, test } from 'vitest';
import { assertKept } from './support/checker.ts';
import type { ChannelConfig, EngineConfig, Variant } from './support/engine-config.ts';
import { testMessage } from './support/messages.ts';
import { type Random, withSeed } from './support/random.ts';
import { moody, type Script } from './support/receiver.ts';
import {
  Cleanup,
  drained,
  EngineHost,
  History,
  judged,
  mllpReceiver,
  newDatabase,
  type Receiver,
  startSenders,
  webhookReceiver,
} from './support/rig.ts';
import { LockstepSender } from './support/sender.ts';

/** Reliability A3: the engine is killed at random moments under load; the database lives on. FAULTS_KILLS=1000 for the large run. */

const kills = Number(process.env.FAULTS_KILLS ?? 20);
const messages = Math.max(20_000, kills * 200);
const windowEntries = 64;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Scene {
  readonly history: History;
  readonly url: string;
  readonly host: EngineHost;
  readonly receivers: readonly Receiver[];
  /** A message came in at a receiver, or was acknowledged to its sender. */
  onEvent: (what: 'arrival' | 'acknowledgment') => void;
}

async function setScene(variant?: Variant, script?: Script): Promise<Scene> {
  const history = new History();
  const { url } = await newDatabase(cleanup);
  const receivers = [
    await mllpReceiver(history, 'ward', script),
    await mllpReceiver(history, 'lab', script),
    await webhookReceiver(history, 'hook'),
    await mllpReceiver(history, 'pharmacy'),
  ] as const;
  for (const receiver of receivers) cleanup.add(receiver, (one) => one.stop());
  const [ward, lab, hook, pharmacy] = receivers;
  const channels: ChannelConfig[] = [
    {
      name: 'adt',
      order: 'key',
      destinations: [
        { name: 'ward', kind: 'mllp', port: ward.port, order: 'key', lanes: 8 },
        { name: 'lab', kind: 'mllp', port: lab.port, order: 'strict', lanes: 1 },
        { name: 'hook', kind: 'webhook', port: hook.port, order: 'key', lanes: 8 },
      ],
    },
    {
      name: 'orders',
      order: 'strict',
      destinations: [{ name: 'pharmacy', kind: 'mllp', port: pharmacy.port, order: 'strict', lanes: 1 }],
    },
  ];
  const config: EngineConfig = { url, node: 'node', channels, ...(variant ? { variant } : {}) };
  const scene: Scene = {
    history,
    url,
    host: new EngineHost(() => config),
    receivers,
    onEvent: () => undefined,
  };
  for (const receiver of receivers) receiver.onArrival = () => scene.onEvent('arrival');
  return scene;
}

const adtDestinations = ['ward', 'lab', 'hook'];

function startLoad(scene: Scene, random: Random, count: number) {
  const onAnswer = (code: string) => {
    if (code === 'AA') scene.onEvent('acknowledgment');
  };
  const adt = startSenders(scene.history, scene.host, {
    load: { channel: 'adt', messages: Math.round(count * 0.9), keys: 100, connections: 20 },
    random,
    destinations: () => adtDestinations,
    onAnswer,
  });
  const orders = startSenders(scene.history, scene.host, {
    load: { channel: 'orders', messages: Math.round(count * 0.1), keys: 10, connections: 4 },
    random,
    destinations: () => ['pharmacy'],
    onAnswer,
  });
  cleanup.add(adt, (senders) => senders.stop());
  cleanup.add(orders, (senders) => senders.stop());
  return { done: Promise.all([adt.done, orders.done]) };
}

/** Resolves after so many arrivals and answers, or when `enough` is. */
function afterEvents(scene: Scene, count: number, enough: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    scene.onEvent = () => {
      left -= 1;
      if (left <= 0) resolve();
    };
    void enough.then(() => resolve());
  });
}

/** Milliseconds from the start of the process to the first message that arrives anywhere. */
async function restart(scene: Scene): Promise<number> {
  const started = performance.now();
  const arrived = new Promise<number>((resolve) => {
    scene.onEvent = (what) => {
      if (what === 'arrival') resolve(performance.now() - started);
    };
  });
  await scene.host.start();
  return arrived;
}

async function killAgainAndAgain(
  scene: Scene,
  random: Random,
  times: number,
  count: number,
): Promise<number[]> {
  await scene.host.start();
  const load = startLoad(scene, random, count);
  let isOver = false;
  void load.done.then(() => {
    isOver = true;
  });
  const eventsEach = (count * 4.6) / times;
  const restarts: number[] = [];
  for (let kill = 1; kill <= times && !isOver; kill += 1) {
    await afterEvents(scene, random.between(1, Math.floor(eventsEach)), load.done);
    await scene.host.kill();
    // Every fifth time it is killed again while it starts, somewhere between the lease and the first delivery.
    if (random.chance(0.2)) {
      const child = await scene.host.launch();
      const word = random.chance(0.5) ? child.heard('lease') : child.ready;
      await word;
      await scene.host.kill();
    }
    restarts.push(await restart(scene));
  }
  await load.done;
  return restarts;
}

test(
  `[A3] killed ${kills} times under ${messages} messages: nothing lost, nothing overtakes, repeats carry their key`,
  { timeout: 120_000 + kills * 6_000 },
  () =>
    withSeed(async (random) => {
      const scene = await setScene(undefined, moody(random, 0.01));
      const restarts = await killAgainAndAgain(scene, random, kills, messages);
      await drained(scene.url, { deadlineMs: 60_000 });
      const report = await judged(scene.history, scene.url);
      console.log(
        JSON.stringify({
          kills: restarts.length,
          slowestRestartMs: Math.round(Math.max(...restarts)),
          ...report,
        }),
      );
      assertKept(report);
      expect(restarts.length).toBe(kills);
      expect(report.acknowledged).toBe(messages);
      // Restarts in the middle of a start count twice at most.
      expect(report.repeats).toBeLessThanOrEqual(
        restarts.length * 2 * scene.receivers.length * windowEntries,
      );
      expect(Math.max(...restarts)).toBeLessThan(5_000);
    }),
);

describe('the checker catches', () => {
  test('an acknowledgment before the commit', () =>
    withSeed(async (random) => {
      const scene = await setScene('acknowledge-before-commit');
      await killAgainAndAgain(scene, random, 5, 2_500);
      await drained(scene.url);
      const report = await judged(scene.history, scene.url);
      expect(report.counts.lost).toBeGreaterThan(0);
      expect(() => assertKept(report)).toThrow('lost');
    }));

  test.each([
    ['dedupe-by-control-id', 50],
    [undefined, 0],
  ] as const)('duplicates told by MSH-10 alone (%s: %i lost of 100)', async (variant, lost) => {
    const scene = await setScene(variant);
    await scene.host.start();
    const sender = cleanup.add(
      new LockstepSender({
        history: scene.history,
        channel: 'adt',
        port: () => scene.host.port('adt'),
        destinations: () => adtDestinations,
      }),
      (one) => one.stop(),
    );
    // A sender that starts its control ids anew every day.
    for (const day of ['mon', 'tue'])
      for (let n = 0; n < 50; n += 1)
        await sender.send(testMessage({ uid: `${day}${n}`, keys: [`P${n % 7}`], controlId: `C${n}` }));
    await drained(scene.url);
    const report = await judged(scene.history, scene.url);
    expect(report.counts.lost).toBe(lost * adtDestinations.length);
  });
});
