import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyRetention, listMessages, listQueues } from '../../src/exchange/queue/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { eventually, type TestDatabase } from '../support/index.ts';
import { draft, newEngine, openQueueDatabase, Receiver, refused, startPassThrough } from './support.ts';

const channels = [{ channel: 'adt', order: 'key' as const, destinations: [] }];
/** As if the owner ran elsewhere and fell silent: nobody can see that it is dead, its lease runs out. */
const silence = sql(
  'test_silence',
  `update lease set owner_host = 'elsewhere', expires_at = clock_timestamp() + interval '300 ms'`,
);

describe('the lease', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openQueueDatabase();
  });
  afterEach(() => test.drop());

  it('[Q8] one node owns, the other stands by and follows when the first gives up', async () => {
    const first = newEngine(test.database);
    const second = newEngine(test.database);
    expect(await first.start()).toBe(true);
    const states: string[] = [];
    second.events.on('lease', (event) => states.push(event.state));
    const waiting = second.start();
    await eventually(() => expect(states).toEqual(['standby']), { deadlineMs: 15_000 });
    await first.stop();
    expect(await waiting).toBe(true);
    expect(states).toEqual(['standby', 'owner']);
    await second.stop();
  });

  it('[Q8] a standby whose wait is ended does not own', async () => {
    const first = newEngine(test.database);
    await first.start();
    const ended = new AbortController();
    const waiting = newEngine(test.database).start(ended.signal);
    ended.abort();
    expect(await waiting).toBe(false);
    await first.stop();
  });

  it('[Q8] a node that lost the lease changes nothing any more, and says so', async () => {
    const first = newEngine(test.database, { leaseMs: 60_000 });
    await first.start();
    await first.define(channels);
    await test.database.query(silence);
    const second = newEngine(test.database);
    await second.start();
    await second.define(channels);
    const lost: string[] = [];
    first.events.on('lease', (event) => lost.push(event.state));
    await expect(first.intake('adt').accept(draft())).rejects.toMatchObject({ code: 'QUEUE_FENCED' });
    expect(lost).toEqual(['lost']);
    expect(await listMessages(test.database)).toHaveLength(0);
    await expect(second.intake('adt').accept(draft())).resolves.toMatchObject({ sequence: 1 });
    await second.stop();
    await first.stop();
  });

  it('[Q12] retention deletes what is old and settled everywhere, and nothing else', async () => {
    const receiver = new Receiver((entry) =>
      Buffer.from(entry.content).toString() === 'bad'
        ? refused
        : { outcome: 'delivered', acknowledgment: 'AA' },
    );
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver } });
    for (const body of ['bad', 'x', 'y', 'z'])
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [body] }));
    await receiver.attempts(4);
    await eventually(
      async () => {
        const queue = (await listQueues(test.database)).find((item) => item.name === 'adt>a');
        expect(queue).toMatchObject({ depth: 1, parked: 1 });
        return true;
      },
      { deadlineMs: 15_000 },
    );
    expect(await applyRetention(test.database, { before: new Date(0) })).toBe(0);
    expect(
      await applyRetention(test.database, { before: new Date(Date.now() + 60_000), stepMessages: 2 }),
    ).toBe(3);
    expect(await listMessages(test.database)).toHaveLength(1);
    await engine.stop();
  });
});
