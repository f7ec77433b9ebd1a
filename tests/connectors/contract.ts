import { afterEach, describe, expect, it } from 'vitest';
import type {
  Accept,
  Acceptance,
  ConnectorContext,
  Delivery,
  Destination,
  Received,
  Source,
} from '../../src/exchange/connectors/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { eventually } from '../support/index.ts';
import {
  committed,
  deferred,
  keepingAccept,
  never,
  type TestContext,
  testContext,
  text,
  turns,
} from './support.ts';

/**
 * What every source (rules C1-C8 of docs/design/connectors.md) and every destination (C91-C99) must do. A connector of your own: write a harness
 * for it, and call `sourceContract` or `destinationContract` with it.
 */

export interface SourceHarness {
  /** A new source that nobody else uses. */
  create(context: ConnectorContext): Promise<Source> | Source;
  /** A message the source takes; another text for each number. */
  message(number: number): string;
  /**
   * Sends as a peer would, and sends again as long as it is told to. Resolves when the peer knows what became of it: taken, or refused
   * for good.
   */
  send(source: Source, message: string): Promise<'taken' | 'refused'>;
  cleanup(): Promise<void>;
}

export function sourceContract(name: string, newHarness: () => Promise<SourceHarness>): void {
  describe(`${name}: the contract of sources`, () => {
    const cleanups: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    async function started(
      accept: Accept,
    ): Promise<{ harness: SourceHarness; source: Source; context: TestContext }> {
      const harness = await newHarness();
      cleanups.push(() => harness.cleanup());
      const context = testContext();
      const source = await harness.create(context);
      await source.start(accept);
      cleanups.push(() => source.stop());
      return { harness, source, context };
    }

    it('[C1] hands over the bytes as they came and says who sent them', async () => {
      const { accept, received } = keepingAccept();
      const { harness, source } = await started(accept);
      expect(await harness.send(source, harness.message(1))).toBe('taken');
      expect(received.map((one) => text(one.body))).toEqual([harness.message(1)]);
      expect(received[0]?.peer).not.toBe('');
      expect(received[0]?.contentType).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
    });

    it('[C2] tells the peer nothing before accept has settled', async () => {
      const gate = deferred<Acceptance>();
      const called = deferred<void>();
      const { harness, source } = await started(() => {
        called.resolve();
        return gate.promise;
      });
      let told = false;
      const sent = harness.send(source, harness.message(1)).then((outcome) => {
        told = true;
        return outcome;
      });
      await called.promise;
      await turns();
      expect(told).toBe(false);
      gate.resolve(committed(1));
      expect(await sent).toBe('taken');
    });

    it('[C3] tells the peer of a refusal for good', async () => {
      const { harness, source } = await started(async () => refused('STEP_FAILED', false));
      expect(await harness.send(source, harness.message(1))).toBe('refused');
    });

    it('[C4] a refusal that passes makes the message come again, and then it is taken', async () => {
      const seen: string[] = [];
      const { harness, source } = await started(async (one: Received) => {
        seen.push(text(one.body));
        return seen.length === 1 ? refused('DATABASE_UNAVAILABLE', true) : committed(1);
      });
      expect(await harness.send(source, harness.message(1))).toBe('taken');
      expect(seen).toEqual([harness.message(1), harness.message(1)]);
    });

    it('[C5] takes nothing while paused and everything afterwards', async () => {
      const { accept, received } = keepingAccept();
      const { harness, source } = await started(accept);
      source.pause();
      expect(source.status().state).toBe('paused');
      const sent = harness.send(source, harness.message(1));
      await turns();
      expect(received).toHaveLength(0);
      source.resume();
      expect(await sent).toBe('taken');
      expect(source.status().state).toBe('up');
    });

    it('[C6] stop waits for what is in accept, and the peer is told', async () => {
      const gate = deferred<Acceptance>();
      const called = deferred<void>();
      const { harness, source } = await started(() => {
        called.resolve();
        return gate.promise;
      });
      const sent = harness.send(source, harness.message(1));
      await called.promise;
      let stopped = false;
      const stopping = source.stop().then(() => {
        stopped = true;
      });
      await turns();
      expect(stopped).toBe(false);
      gate.resolve(committed(1));
      await stopping;
      expect(await sent).toBe('taken');
      expect(source.status().state).toBe('stopped');
    });

    it('[C7] reports every change of state, with an address and no secrets', async () => {
      const { source, context } = await started(keepingAccept().accept);
      await eventually(() => source.status().state === 'up');
      source.pause();
      source.resume();
      await source.stop();
      expect(context.statuses.map((status) => status.state)).toEqual([
        'starting',
        'up',
        'paused',
        'up',
        'stopped',
      ]);
      expect(source.status().address).not.toBe('');
      expect(JSON.stringify(context.statuses)).not.toMatch(/secret|password/i);
    });

    it('[C8] writes nothing of a message to the log', async () => {
      const { harness, source, context } = await started(async () => refused('STEP_FAILED', false));
      await harness.send(source, harness.message(1));
      expect(JSON.stringify(context.lines)).not.toContain('Specimen');
    });
  });
}

function refused(code: 'STEP_FAILED' | 'DATABASE_UNAVAILABLE', retry: boolean): Acceptance {
  return { outcome: 'refused', error: new IsthmusError(code), retry };
}

/** The other end of a destination. */
interface TestPeer {
  /** What has arrived, with the idempotency key where the protocol shows one. */
  received():
    | Promise<{ key: string | undefined; body: string }[]>
    | { key: string | undefined; body: string }[];
  /** Unreachable, as when its program has ended. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Refuses the next message for good. Absent where the peer can't. */
  refuse?(): void;
  /** Takes messages from now on and never answers. Absent where the peer can't. */
  silence?(): void;
}

export interface DestinationHarness {
  readonly peer: TestPeer;
  create(context: ConnectorContext): Promise<Destination> | Destination;
  delivery(number: number): Delivery;
  cleanup(): Promise<void>;
}

export function destinationContract(name: string, newHarness: () => Promise<DestinationHarness>): void {
  describe(`${name}: the contract of destinations`, () => {
    const cleanups: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    async function made(): Promise<{
      harness: DestinationHarness;
      destination: Destination;
      context: TestContext;
    }> {
      const harness = await newHarness();
      cleanups.push(() => harness.cleanup());
      const context = testContext();
      const destination = await harness.create(context);
      cleanups.push(() => destination.stop());
      return { harness, destination, context };
    }

    it('[C91] delivers the bytes as they are, one after the other', async () => {
      const { harness, destination } = await made();
      await destination.start();
      for (const number of [1, 2, 3]) {
        const result = await destination.deliver(harness.delivery(number), never);
        expect(result).toMatchObject({ outcome: 'delivered', acknowledgment: expect.stringMatching(/./) });
      }
      const bodies = (await harness.peer.received()).map((one) => one.body);
      expect(bodies).toEqual([1, 2, 3].map((number) => text(harness.delivery(number).content)));
      expect(destination.status().state).toBe('up');
    });

    it('[C92] a peer that is down neither stops the start nor throws, and is met again when it is back', async () => {
      const { harness, destination } = await made();
      await harness.peer.down();
      await destination.start();
      const result = await destination.deliver(harness.delivery(1), never);
      expect(result).toMatchObject({ outcome: 'transient', scope: 'destination' });
      expect(destination.status().state).toBe('down');
      await harness.peer.up();
      expect(await destination.deliver(harness.delivery(1), never)).toMatchObject({ outcome: 'delivered' });
      expect(destination.status()).toMatchObject({ state: 'up' });
    });

    it('[C93] sends nothing when it was aborted before', async () => {
      const { harness, destination } = await made();
      await destination.start();
      const result = await destination.deliver(harness.delivery(1), AbortSignal.abort());
      expect(result).toMatchObject({ outcome: 'transient', scope: 'destination' });
      await turns();
      expect(await harness.peer.received()).toHaveLength(0);
    });

    it('[C94] a repeat carries the same key and the same bytes', async () => {
      const { harness, destination } = await made();
      await destination.start();
      await destination.deliver(harness.delivery(1), never);
      await destination.deliver({ ...harness.delivery(1), attempt: 2 }, never);
      const received = await harness.peer.received();
      expect(new Set(received.map((one) => one.key)).size).toBe(1);
      expect(new Set(received.map((one) => one.body)).size).toBe(1);
    });

    it('[C95] delivers as many at once as it has lanes', async () => {
      const { harness, destination } = await made();
      await destination.start();
      const numbers = Array.from({ length: destination.lanes }, (_, index) => index + 1);
      const results = await Promise.all(
        numbers.map((number) => destination.deliver(harness.delivery(number), never)),
      );
      expect(results.map((result) => result.outcome)).toEqual(numbers.map(() => 'delivered'));
    });

    it('[C96] delivers nothing after stop, and says so', async () => {
      const { harness, destination } = await made();
      await destination.start();
      await destination.stop();
      expect(destination.status().state).toBe('stopped');
      expect(await destination.deliver(harness.delivery(1), never)).toMatchObject({ outcome: 'transient' });
      expect(await harness.peer.received()).toHaveLength(0);
    });

    it('[C97] a refusal for good is permanent and of the entry', async ({ skip }) => {
      const { harness, destination } = await made();
      if (!harness.peer.refuse) return skip();
      await destination.start();
      harness.peer.refuse();
      const result = await destination.deliver(harness.delivery(1), never);
      expect(result).toMatchObject({ outcome: 'permanent', scope: 'entry' });
      expect(await destination.deliver(harness.delivery(2), never)).toMatchObject({ outcome: 'delivered' });
    });

    it('[C98] aborted while waiting for the answer is ambiguous', async ({ skip }) => {
      const { harness, destination } = await made();
      if (!harness.peer.silence) return skip();
      await destination.start();
      harness.peer.silence();
      const stop = new AbortController();
      const delivering = destination.deliver(harness.delivery(1), stop.signal);
      await eventually(async () => (await harness.peer.received()).length === 1);
      stop.abort();
      expect(await delivering).toMatchObject({ outcome: 'ambiguous' });
    });

    it('[C99] writes nothing of a message to the log or the status', async () => {
      const { harness, destination, context } = await made();
      await harness.peer.down();
      await destination.start();
      await destination.deliver(harness.delivery(1), never);
      await destination.stop();
      expect(JSON.stringify([context.lines, context.statuses])).not.toMatch(/Specimen|secret/i);
    });
  });
}
