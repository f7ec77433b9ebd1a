import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/index.ts';
import { assertKept, check } from './support/checker.ts';
import { claimsOf } from './support/claims.ts';
import { withSeed } from './support/random.ts';
import { accept, mllpReceiver, type Receiver, type Script } from './support/receiver.ts';
import { Cleanup, drained, EngineHost, History, newDatabase, startSenders } from './support/rig.ts';

/** Reliability A12: one destination that never answers beside healthy ones. Rates are compared within one run, phase by phase. */

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const healthy = ['ward', 'lab', 'archive'] as const;
const phaseMessages = 1_500;

test('[A12] a destination that never answers: the others keep their rate, memory is bounded', () =>
  withSeed(async (random) => {
    const history = new History();
    const { url } = await newDatabase(cleanup);
    const peers: Receiver[] = [];
    for (const name of [...healthy, 'stuck'])
      peers.push(cleanup.add(await mllpReceiver(history, name), (one) => one.stop()));
    const stuck = peers[3] as Receiver;
    const host = new EngineHost(() => ({
      url,
      node: 'node',
      channels: [
        {
          name: 'adt',
          order: 'key',
          destinations: peers.map((peer) => ({
            name: peer.name,
            kind: 'mllp',
            port: peer.port,
            order: 'key',
            lanes: 4,
            answerTimeoutMs: 1_000,
          })),
        },
      ],
    }));
    const child = await host.start();
    const silent: Script = () => ({});

    /** Messages a second, from the first sent until the healthy destinations have all of them. */
    let phases = 0;
    const phase = async (script: Script): Promise<number> => {
      stuck.script = script;
      phases += 1;
      const began = performance.now();
      const target = phases * phaseMessages;
      const senders = startSenders(history, host, {
        load: {
          channel: 'adt',
          messages: phaseMessages,
          keys: 64,
          connections: 16,
          prefix: `phase${phases}-`,
        },
        random,
        destinations: () => [...healthy, 'stuck'],
      });
      await senders.done;
      await eventually(() => peers.slice(0, 3).every((peer) => peer.arrivals >= target), {
        deadlineMs: 30_000,
        what: 'the healthy destinations',
      });
      const rate = phaseMessages / ((performance.now() - began) / 1_000);
      if (script === accept) await drained(url);
      return rate;
    };

    await phase(accept); // warm
    const with4: number[] = [];
    const with3: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      with4.push(await phase(accept));
      with3.push(await phase(silent));
      stuck.script = accept;
      stuck.cut();
      await drained(url, { deadlineMs: 60_000 });
    }
    const before = child.words.length;
    child.signal('SIGUSR2');
    const memory = await eventually(() => child.words.slice(before).find((said) => said.word === 'memory'));
    const peakMb = Math.round(memory.peakBytes / 1e6);
    const [usual, beside] = [median(with4), median(with3)];
    // How much the same thing differs from itself in this run is what the machine adds.
    const noise = Math.min(...with4) / usual;
    console.log(
      JSON.stringify({
        with4: with4.map(Math.round),
        with3: with3.map(Math.round),
        ratio: beside / usual,
        noise,
        peakMb,
      }),
    );
    expect(beside).toBeGreaterThan(usual * 0.95 * Math.min(1, noise));
    expect(peakMb).toBeLessThan(512);
    assertKept(check(history, await claimsOf(url)));
  }));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

describe('while it is stuck', () => {
  test('[A12] a stuck destination in strict order holds one message, and the others of its channel get all', () =>
    withSeed(async (random) => {
      const history = new History();
      const { url } = await newDatabase(cleanup);
      const stuck = cleanup.add(await mllpReceiver(history, 'stuck', () => ({})), (one) => one.stop());
      const ward = cleanup.add(await mllpReceiver(history, 'ward'), (one) => one.stop());
      const host = new EngineHost(() => ({
        url,
        node: 'node',
        channels: [
          {
            name: 'adt',
            order: 'key',
            destinations: [
              {
                name: 'stuck',
                kind: 'mllp',
                port: stuck.port,
                order: 'strict',
                lanes: 1,
                answerTimeoutMs: 300,
              },
              { name: 'ward', kind: 'mllp', port: ward.port, order: 'strict', lanes: 1 },
            ],
          },
        ],
      }));
      await host.start();
      const senders = startSenders(history, host, {
        load: { channel: 'adt', messages: 2_000, keys: 16, connections: 8 },
        random,
        destinations: () => ['stuck', 'ward'],
      });
      await senders.done;
      await drained(url, { openMayBe: 2_000 });
      assertKept(check(history, await claimsOf(url)));
      const seen = new Set(
        history.records.flatMap((one) =>
          one.kind === 'arrived' && one.destination === 'stuck' ? [one.uid] : [],
        ),
      );
      expect(seen.size).toBe(1);
      expect(history.deliveredTo('ward')).toBe(2_000);
    }));
});
