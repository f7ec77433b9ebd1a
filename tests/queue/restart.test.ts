import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listQueues, requestOperation } from '../../src/exchange/queue/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { eventually, type TestDatabase } from '../support/index.ts';
import { mortal } from './model/mortal.ts';
import { delivered, draft, openQueueDatabase, Receiver, refused, startPassThrough } from './support.ts';

const text = (entry: { content: Uint8Array }) => Buffer.from(entry.content).toString();
const never = new Promise<never>(() => undefined);

describe('after the process died', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openQueueDatabase();
  });
  afterEach(() => test.drop());

  /** What was in flight when the process died comes before what had been blocked behind it, though its own row is in no table. */
  it('[I2] [Q5] sends what was in flight before what waits behind it on one of its keys', async () => {
    const life = mortal(test.database, { death: () => undefined, failure: () => undefined });
    let open = false;
    const first = new Receiver((entry) => {
      if (text(entry) === 'slow') return never;
      return text(entry) === 'bad' && !open ? refused : delivered;
    });
    const destination = { order: 'key', receiver: first } as const;
    const engine = await startPassThrough(life.database, { a: destination }, { clock: life.clock });
    for (const [body, keys] of [
      ['slow', ['p']],
      ['bad', ['q']],
      ['merge', ['p', 'q']],
      ['after', ['p']],
    ] as const)
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys }));
    const shows = (expected: object) =>
      eventually(
        async () => {
          const queue = (await listQueues(test.database)).find((item) => item.name === 'adt>a');
          return expect(queue).toMatchObject(expected) ?? true;
        },
        { deadlineMs: 15_000 },
      );
    await shows({ parked: 1, blocked: 2 });
    open = true;
    const release = { action: 'release', queue: 'adt>a', actor: 'tester', reason: 'mended' } as const;
    await requestOperation(test.database, release, 15_000);
    await shows({ parked: 0, blocked: 2, waiting: 1 });
    life.kill();
    await test.database.query(
      sql('test_expire', `update lease set owner_host = 'elsewhere', expires_at = clock_timestamp()`),
    );
    const second = new Receiver();
    const again = await startPassThrough(test.database, { a: { order: 'key', receiver: second } });
    await shows({ depth: 0 });
    expect(second.texts()).toEqual(['slow', 'merge', 'after']);
    await again.stop();
  });
});
