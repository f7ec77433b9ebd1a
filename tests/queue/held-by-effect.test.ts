import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  EntryHeld,
  listEntries,
  listQueues,
  type QueueEngine,
  requestOperation,
} from '../../src/exchange/queue/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { createLogger } from '../../src/foundation/logging/index.ts';
import { eventually, type TestDatabase } from '../support/index.ts';
import { draft, newEngine, openQueueDatabase } from './support.ts';

const patient = { deadlineMs: 15_000 };
const text = (entry: { content: Uint8Array }) => Buffer.from(entry.content).toString();

describe('an entry held by its effect', () => {
  let test: TestDatabase;
  let engines: QueueEngine[];
  /** What the effect wrote, in order. */
  let written: string[];
  /** What it holds, and for how long. */
  let holds: Map<string, number>;
  /** How often a message `meets` meets another transaction. */
  let meetings: number;
  beforeEach(async () => {
    test = await openQueueDatabase();
    engines = [];
    written = [];
    holds = new Map();
    meetings = 0;
  });
  afterEach(async () => {
    for (const engine of engines) await engine.stop();
    await test.drop();
  });

  async function start(order: 'strict' | 'key', lines: string[] = []): Promise<QueueEngine> {
    const engine = newEngine(test.database, {
      logger: createLogger({ level: 'info', write: (line) => lines.push(line) }),
    });
    engines.push(engine);
    await engine.start();
    await engine.define([{ channel: 'adt', order, destinations: [] }]);
    await engine.plan('adt', {
      planner: (entry) => ({ outcome: 'go', outgoing: [], effects: [{ kind: 'note', value: text(entry) }] }),
      effects: [
        {
          kind: 'note',
          apply: async (_transaction, batch) => {
            const bodies = batch.map(({ value }) => String(value));
            for (const body of bodies) {
              const forMs = holds.get(body);
              if (forMs !== undefined) throw new EntryHeld('review 7', forMs);
              if (body.startsWith('meets') && meetings-- > 0)
                throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
              if (body === 'bad') throw new IsthmusError('IDENTITY_REFUSED');
            }
            written.push(...bodies);
            return bodies.map(() => []);
          },
        },
      ],
    });
    return engine;
  }
  const accept = async (engine: QueueEngine, ...bodies: (readonly [body: string, key: string])[]) => {
    for (const [body, key] of bodies)
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [key] }));
  };
  const shows = (expected: object) =>
    eventually(async () => expect((await listQueues(test.database))[0]).toMatchObject(expected), patient);
  const release = () =>
    requestOperation(test.database, {
      ...{ action: 'release', queue: 'adt', sequence: 1, actor: 'tester', reason: 'answered' },
    });

  it('[Q13] waits with its key while others flow, and goes on in order when it is released', async () => {
    holds.set('overlay', 60_000);
    const engine = await start('key');
    await accept(engine, ['overlay', 'p'], ['later', 'p'], ['other', 'q'], ['bad', 'r']);
    await shows({ held: 1, blocked: 1, parked: 1, depth: 3 });
    expect(written).toEqual(['other']);
    const [held] = await listEntries(test.database, { queue: 'adt', state: 'held' });
    expect(held).toMatchObject({ sequence: 1, reason: 'review 7' });
    expect(await release()).toMatchObject({ affected: 1 });
    await shows({ held: 1, blocked: 1 });
    holds.clear();
    await release();
    await shows({ held: 0, blocked: 0, depth: 1 });
    expect(written).toEqual(['other', 'overlay', 'later']);
  });

  it('[Q13] is news, not an error of the log', async () => {
    holds.set('overlay', 60_000);
    const lines: string[] = [];
    const engine = await start('key', lines);
    await accept(engine, ['overlay', 'p']);
    await shows({ held: 1 });
    const told = lines.filter((line) => line.includes('review 7'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('a message is held');
  });

  it.each(['key', 'strict'] as const)(
    '[Q13] goes on by itself when its time is over, in %s order, after a restart too',
    async (order) => {
      holds.set('overlay', 30);
      const first = await start(order);
      await accept(first, ['overlay', 'p'], ['later', 'p']);
      await shows({ held: 1 });
      holds.clear();
      await shows({ depth: 0, holdReason: null });
      expect(written).toEqual(['overlay', 'later']);
      holds.set('again', 1_000);
      await accept(first, ['again', 'p'], ['last', 'p']);
      await shows({ held: 1 });
      await first.stop();
      holds.clear();
      await start(order);
      await shows({ depth: 0, holdReason: null });
      expect(written).toEqual(['overlay', 'later', 'again', 'last']);
    },
  );

  it('[Q13] in strict order nothing passes it', async () => {
    holds.set('overlay', 60_000);
    const engine = await start('strict');
    await accept(engine, ['first', 'o'], ['overlay', 'p'], ['other', 'q']);
    await shows({ held: 1, depth: 2, holdReason: 'entry 2 is held' });
    expect(written).toEqual(['first']);
    holds.clear();
    await requestOperation(test.database, {
      ...{ action: 'resume', queue: 'adt', actor: 'tester', reason: 'answered' },
    });
    await shows({ depth: 0, holdReason: null });
    expect(written).toEqual(['first', 'overlay', 'other']);
  });

  it('[Q14] a message that meets other transactions is tried again and not parked', async () => {
    meetings = 8;
    const engine = await start('key');
    await accept(engine, ['meets', 'p'], ['other', 'q']);
    await shows({ depth: 0, parked: 0 });
    expect([...written].sort()).toEqual(['meets', 'other']);
    expect(meetings).toBe(-1);
  });
});
