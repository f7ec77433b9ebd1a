import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listMessages, listQueues, readMessage } from '../../src/exchange/queue/index.ts';
import type { Database, NamedSql, SqlParameter } from '../../src/foundation/database/index.ts';
import type { TestDatabase } from '../support/index.ts';
import { draft, newEngine, openQueueDatabase } from './support.ts';

describe('the intake', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openQueueDatabase();
  });
  afterEach(() => test.drop());

  const oneChannel = [{ channel: 'adt', order: 'key' as const, destinations: [] }];

  it('[Q1] answers after the commit, with the message in the table as it came', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define(oneChannel);
    const body = Buffer.from([0, 1, 2, 255, 13, 10]);
    const accepted = await engine.intake('adt').accept(draft({ body, controlId: 'X1' }));
    const stored = await readMessage(test.database, accepted.messageId);
    expect(Buffer.from(stored?.body ?? []).equals(body)).toBe(true);
    expect(stored).toMatchObject({ controlId: 'X1', channel: 'adt' });
    await engine.stop();
  });

  it('[Q1] writes many waiting messages with few statements, and each gets its own sequence', async () => {
    let statements = 0;
    const counting: Database = {
      ...test.database,
      query: <Row extends object>(statement: NamedSql, parameters?: readonly SqlParameter[]) => {
        if (statement.name === 'queue_accept_batch') statements += 1;
        return test.database.query<Row>(statement, parameters);
      },
    };
    const engine = newEngine(counting);
    await engine.start();
    await engine.define(oneChannel);
    const intake = engine.intake('adt');
    const accepted = await Promise.all(Array.from({ length: 500 }, () => intake.accept(draft())));
    expect(new Set(accepted.map((message) => message.sequence)).size).toBe(500);
    expect(Math.max(...accepted.map((message) => message.sequence))).toBe(500);
    expect(statements).toBeLessThan(20);
    await engine.stop();
  });

  it('[Q10] gives the same sender, id and content the same answer, and stores it once', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define(oneChannel);
    const intake = engine.intake('adt');
    const first = await intake.accept(draft({ controlId: 'D1', body: Buffer.from('same') }));
    const again = await intake.accept(draft({ controlId: 'D1', body: Buffer.from('same') }));
    expect(again).toEqual({ ...first, duplicate: true });
    const both = await Promise.all(
      [1, 2, 3].map(() => intake.accept(draft({ controlId: 'D2', body: Buffer.from('twice') }))),
    );
    expect(new Set(both.map((message) => message.messageId)).size).toBe(1);
    expect(both.filter((message) => !message.duplicate)).toHaveLength(1);
    expect(await listMessages(test.database)).toHaveLength(2);
    await engine.stop();
  });

  it('[Q10] refuses, accepts or reports the same id with other content, as the source declares', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define(oneChannel);
    const intake = engine.intake('adt');
    const reused: number[] = [];
    engine.events.on('reused', (event) => reused.push(event.messageId));
    await intake.accept(draft({ controlId: 'R', body: Buffer.from('one') }));
    await expect(intake.accept(draft({ controlId: 'R', body: Buffer.from('two') }))).rejects.toMatchObject({
      code: 'QUEUE_CONTROL_ID_REUSED',
    });
    const taken = await intake.accept(draft({ controlId: 'R', body: Buffer.from('three'), reuse: 'accept' }));
    expect(taken.duplicate).toBe(false);
    expect(reused).toEqual([]);
    const reported = await intake.accept(
      draft({ controlId: 'R', body: Buffer.from('four'), reuse: 'alarm' }),
    );
    expect(reused).toEqual([reported.messageId]);
    const other = await intake.accept(
      draft({ controlId: 'R', body: Buffer.from('five'), sender: 'another' }),
    );
    expect(other.duplicate).toBe(false);
    await engine.stop();
  });

  it('[Q1] refuses what the database rejects without harm to the others of the batch', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define(oneChannel);
    const intake = engine.intake('adt');
    const results = await Promise.allSettled([
      intake.accept(draft()),
      // A NUL can't be stored in a PostgreSQL text.
      intake.accept(draft({ type: 'A\u0000B' })),
      intake.accept(draft()),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await engine.stop();
  });

  it('[Q1] bounds what waits, and lets one message in however large', async () => {
    const engine = newEngine(test.database, { intake: { waitingBytes: 1_000 } });
    await engine.start();
    await engine.define(oneChannel);
    const intake = engine.intake('adt');
    const large = intake.accept(draft({ body: Buffer.alloc(5_000, 'x') }));
    await expect(intake.accept(draft())).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await expect(large).resolves.toMatchObject({ duplicate: false });
    await expect(intake.accept(draft())).resolves.toMatchObject({ duplicate: false });
    await engine.stop();
  });

  it('[Q2] hands out sequences without gaps or overlaps to two channels at once', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define([...oneChannel, { channel: 'oru', order: 'strict', destinations: [] }]);
    const channels = ['adt', 'oru'];
    await Promise.all(
      Array.from({ length: 400 }, (_, n) => engine.intake(channels[n % 2] ?? 'adt').accept(draft())),
    );
    for (const queue of await listQueues(test.database))
      expect(queue).toMatchObject({ lastSequence: 200, depth: 200 });
    await engine.stop();
  });
});
