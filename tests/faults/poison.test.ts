import { afterEach, describe, expect, test } from 'vitest';
import {
  type Deliver,
  outgoingName,
  type Planner,
  type QueueEvents,
  requestOperation,
} from '../../src/exchange/queue/index.ts';
import type { Database } from '../../src/foundation/database/index.ts';
import { eventually } from '../support/index.ts';
import { assertKept } from './support/checker.ts';
import { claimsOf } from './support/claims.ts';
import { answerTo, frame, type TestMessage, testMessage } from './support/messages.ts';
import { type Node, type NodeParts, startNode } from './support/node.ts';
import { accept, mllpReceiver, type Receiver, type Script } from './support/receiver.ts';
import { Cleanup, drained, History, judged, newDatabase } from './support/rig.ts';
import { LockstepSender } from './support/sender.ts';

/** Reliability A14: a message that can't be processed. Only its keys wait, or the strict queue stops loudly; never is it dropped. */

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const poison = 'poison';
const rejectPoison: Script = (message) =>
  message.uid === poison
    ? { bytes: frame(answerTo(message.body, 'AR')), counts: 'negative' }
    : accept(message);

interface Scene {
  readonly history: History;
  readonly url: string;
  readonly database: Database;
  readonly node: Node;
  readonly peer: Receiver;
  readonly parked: QueueEvents['parked'][];
  readonly held: QueueEvents['held'][];
  send(messages: readonly TestMessage[]): Promise<void>;
}

async function setScene(
  order: 'strict' | 'key',
  script: Script,
  parts: Partial<NodeParts> = {},
): Promise<Scene> {
  const history = new History();
  const { url, database } = await newDatabase(cleanup, 8);
  const peer = cleanup.add(await mllpReceiver(history, 'ward', script), (one) => one.stop());
  const lanes = order === 'strict' ? 1 : 4;
  const parked: QueueEvents['parked'][] = [];
  const held: QueueEvents['held'][] = [];
  const node = await startNode(
    {
      node: 'node',
      channels: [
        { name: 'adt', order, destinations: [{ name: 'ward', kind: 'mllp', port: peer.port, order, lanes }] },
      ],
    },
    {
      database,
      onEngine: ({ engine }) => {
        engine.events.on('parked', (event) => void parked.push(event));
        engine.events.on('held', (event) => void held.push(event));
      },
      ...parts,
    },
  );
  cleanup.add(node, (one) => one.stop());
  const sender = new LockstepSender({
    history,
    channel: 'adt',
    port: () => node.ports.adt ?? 1,
    destinations: () => ['ward'],
  });
  cleanup.add(sender, (one) => one.stop());
  return { history, url, database, node, peer, parked, held, send: (messages) => sender.sendAll(messages) };
}

/** The poison on two keys in the middle of traffic on four; what comes after it on either has to wait. */
const traffic: readonly TestMessage[] = [
  ...Array.from({ length: 40 }, (_, n) => testMessage({ uid: `before${n}`, keys: [`P${n % 4}`] })),
  testMessage({ uid: poison, keys: ['P0', 'P1'] }),
  ...Array.from({ length: 40 }, (_, n) => testMessage({ uid: `after${n}`, keys: [`P${n % 4}`] })),
];
const behindIt = traffic.slice(41).filter(({ keys }) => keys.includes('P0') || keys.includes('P1'));

const parkedIn = { delivery: 'adt>ward', pipeline: 'adt' } as const;

async function operate(scene: Scene, action: 'release' | 'skip', queue: string): Promise<void> {
  const outcome = await requestOperation(scene.database, {
    action,
    queue,
    actor: 'test',
    reason: 'fault suite',
  });
  expect(outcome).toMatchObject({ state: 'applied', result: 'done', affected: 1 });
}

/** Works once the sun shines again. */
function flaky(): { planner: Planner; repair(): void } {
  let isBroken = true;
  return {
    planner: (entry) => {
      if (isBroken && Buffer.from(entry.content).includes(`ZFT|${poison}\r`))
        throw new Error('a step failed');
      return { outcome: 'go', outgoing: [{ queue: outgoingName('adt', 'ward') }], effects: [] };
    },
    repair: () => {
      isBroken = false;
    },
  };
}

describe.each([
  ['the receiver refuses it for good', 'delivery'],
  ['a step fails on it', 'pipeline'],
] as const)('[A14] %s', (_, place) => {
  const queue = parkedIn[place];

  test.each(['release', 'skip'] as const)(
    'key order: its keys wait, the others flow; after %s all goes on in order',
    async (action) => {
      const step = flaky();
      const scene = await setScene(
        'key',
        place === 'delivery' ? rejectPoison : accept,
        place === 'pipeline' ? step : {},
      );
      await scene.send(traffic);
      await drained(scene.url, { openMayBe: behindIt.length + 1 });
      const waiting = await claimsOf(scene.url);
      expect(waiting.open.map(({ uid }) => uid).sort()).toEqual(
        [poison, ...behindIt.map(({ uid }) => uid)].sort(),
      );
      expect(scene.parked.map((event) => event.queue)).toEqual([queue]);
      assertKept(await judged(scene.history, scene.url));

      scene.peer.script = accept;
      step.repair();
      await operate(scene, action, queue);
      await drained(scene.url, { openMayBe: 0 });
      const claims = await claimsOf(scene.url);
      assertKept(await judged(scene.history, scene.url));
      expect(claims.settled.length).toBe(traffic.length - (action === 'skip' ? 1 : 0));
      expect(scene.history.deliveredTo('ward')).toBe(traffic.length - (action === 'skip' ? 1 : 0));
    },
  );

  test.each(['release', 'skip'] as const)(
    'strict order: the destination stops, loudly; after %s all goes on in order',
    async (action) => {
      const step = flaky();
      const scene = await setScene(
        'strict',
        place === 'delivery' ? rejectPoison : accept,
        place === 'pipeline' ? step : {},
      );
      await scene.send(traffic);
      await eventually(() => scene.held.length > 0, { what: 'an alarm' });
      await drained(scene.url, { openMayBe: 41 });
      expect(scene.history.deliveredTo('ward')).toBe(40);
      expect(scene.held[0]).toMatchObject({ queue });
      expect(scene.node.engine.consumers().find((status) => status.queue === queue)).toMatchObject({
        state: 'held',
      });
      assertKept(await judged(scene.history, scene.url));

      scene.peer.script = accept;
      step.repair();
      await operate(scene, action, queue);
      await drained(scene.url, { openMayBe: 0 });
      assertKept(await judged(scene.history, scene.url));
      expect(scene.history.deliveredTo('ward')).toBe(traffic.length - (action === 'skip' ? 1 : 0));
    },
  );
});

test('[A14] AE again and again counts as permanent after a bounded number of tries', async () => {
  const errPoison: Script = (message) =>
    message.uid === poison
      ? { bytes: frame(answerTo(message.body, 'AE')), counts: 'negative' }
      : accept(message);
  const scene = await setScene('key', errPoison, { entryTries: 3 });
  await scene.send(traffic);
  await eventually(() => scene.parked.length === 1, { what: 'the poison parked' });
  const arrivals = scene.history.records.filter(
    (record) => record.kind === 'arrived' && record.uid === poison,
  );
  expect(arrivals).toHaveLength(3);
  await drained(scene.url, { openMayBe: behindIt.length + 1 });
  assertKept(await judged(scene.history, scene.url));
});

describe('the checker catches', () => {
  test('a poison message that is dropped', async () => {
    const droppingIt =
      (_: string, deliver: Deliver): Deliver =>
      async (entry, signal) => {
        const result = await deliver(entry, signal);
        return result.outcome === 'permanent' ? { outcome: 'delivered', acknowledgment: 'AR' } : result;
      };
    const scene = await setScene('key', rejectPoison, { wrapDeliver: droppingIt });
    await scene.send(traffic);
    await drained(scene.url);
    const report = await judged(scene.history, scene.url);
    expect(report.counts).toMatchObject({ lost: 1, unproven: 1 });
    expect(() => assertKept(report)).toThrow('lost');
  });

  test('a poison message overtaken on its key', async () => {
    // A planner that forgets a key: the entry no longer fences it.
    const forgetful: Planner = (entry) => ({
      outcome: 'go',
      outgoing: [{ queue: outgoingName('adt', 'ward'), keys: entry.keys.slice(0, 1) }],
      effects: [],
    });
    const scene = await setScene('key', rejectPoison, { planner: forgetful });
    await scene.send(traffic);
    await eventually(() => scene.parked.length === 1, { what: 'the poison parked' });
    scene.peer.script = accept;
    await drained(scene.url, { openMayBe: 11 });
    await operate(scene, 'release', 'adt>ward');
    await drained(scene.url);
    const report = await judged(scene.history, scene.url);
    expect(report.counts.reordered).toBeGreaterThan(0);
  });
});
