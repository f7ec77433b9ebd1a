import {
  createQueueEngine,
  type DeliveryResult,
  type MessageDraft,
  migrations,
  type QueueEngine,
  type QueueEngineOptions,
  type QueueEntry,
} from '../../src/exchange/queue/index.ts';
import { migrations as auditMigrations, createAudit } from '../../src/foundation/audit/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import type { Database } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

export const openQueueDatabase = (): Promise<TestDatabase> =>
  openTestDatabase({ migrations: [...auditMigrations, ...migrations], poolSize: 10 });

export function newEngine(database: Database, options: Partial<QueueEngineOptions> = {}): QueueEngine {
  return createQueueEngine({
    database,
    clock: systemClock,
    logger: silentLogger,
    audit: createAudit(database),
    leaseMs: 2_000,
    ...options,
  });
}

let drafts = 0;

export function draft(more: Partial<MessageDraft> = {}): MessageDraft {
  drafts += 1;
  return {
    body: Buffer.from(`message ${drafts}`),
    contentType: 'text/plain',
    type: 'TEST',
    sender: 'sender',
    controlId: `C${drafts}`,
    keys: ['k'],
    correlationId: `corr${drafts}`,
    reuse: 'refuse',
    ...more,
  };
}

/** A receiver that notes what it gets and answers as the test says. */
export class Receiver {
  readonly got: QueueEntry[] = [];
  readonly inFlight = new Set<number>();
  readonly #answer: (entry: QueueEntry, nth: number) => DeliveryResult | Promise<DeliveryResult>;
  #waiters: { count: number; resolve: () => void }[] = [];

  constructor(
    answer: (entry: QueueEntry, nth: number) => DeliveryResult | Promise<DeliveryResult> = () => delivered,
  ) {
    this.#answer = answer;
  }

  readonly deliver = async (entry: QueueEntry): Promise<DeliveryResult> => {
    this.got.push(entry);
    this.inFlight.add(entry.sequence);
    try {
      return await this.#answer(entry, this.got.length);
    } finally {
      this.inFlight.delete(entry.sequence);
      for (const waiter of this.#waiters) if (this.got.length >= waiter.count) waiter.resolve();
    }
  };

  /** Resolves when so many attempts were answered. */
  attempts(count: number): Promise<void> {
    if (this.got.length >= count && this.inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  texts(): string[] {
    return this.got.map((entry) => Buffer.from(entry.content).toString());
  }
}

export const delivered: DeliveryResult = { outcome: 'delivered', acknowledgment: 'AA' };
export const refused: DeliveryResult = {
  outcome: 'permanent',
  code: 'ANSWER_REJECT',
  detail: 'AR',
  scope: 'entry',
};
export const erred: DeliveryResult = {
  outcome: 'transient',
  code: 'ANSWER_ERROR',
  detail: 'AE',
  scope: 'entry',
};
export const unreachable: DeliveryResult = {
  outcome: 'transient',
  code: 'CONNECT_REFUSED',
  detail: '',
  scope: 'destination',
};
export const unanswered: DeliveryResult = {
  outcome: 'ambiguous',
  code: 'ANSWER_TIMEOUT',
  detail: '',
  scope: 'entry',
};

/** A started engine with one channel `adt` and the named destinations, its pipeline passing everything on. */
export async function startPassThrough(
  database: Database,
  destinations: Record<string, { order: 'strict' | 'key'; receiver: Receiver; lanes?: number }>,
  options: Partial<QueueEngineOptions> = {},
): Promise<QueueEngine> {
  const engine = newEngine(database, options);
  await engine.start();
  await engine.define([
    {
      channel: 'adt',
      order: 'key',
      destinations: Object.entries(destinations).map(([name, { order }]) => ({ name, order })),
    },
  ]);
  for (const [name, { receiver, lanes }] of Object.entries(destinations)) {
    await engine.deliver('adt', name, {
      deliver: receiver.deliver,
      lanes: lanes ?? 4,
      backoff: { firstMs: 5, mostMs: 20 },
      entryTries: 3,
    });
  }
  const outgoing = Object.keys(destinations).map((name) => ({ queue: `adt>${name}` }));
  await engine.plan('adt', { planner: () => ({ outcome: 'go', outgoing, effects: [] }) });
  return engine;
}
