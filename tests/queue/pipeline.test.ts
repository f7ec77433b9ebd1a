import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listEntries,
  listMessages,
  listQueues,
  type Plan,
  requestOperation,
} from '../../src/exchange/queue/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { eventually, type TestDatabase } from '../support/index.ts';
import { draft, newEngine, openQueueDatabase, Receiver, startPassThrough } from './support.ts';

const text = (entry: { content: Uint8Array }) => Buffer.from(entry.content).toString();
const go = (queue: string): Plan => ({ outcome: 'go', outgoing: [{ queue }], effects: [] });

describe('the intake leg', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openQueueDatabase();
  });
  afterEach(() => test.drop());

  const queueOf = async (name: string) =>
    (await listQueues(test.database)).find((queue) => queue.name === name);

  async function start(order: 'strict' | 'key', planner: (body: string) => Plan, receiver: Receiver) {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define([{ channel: 'adt', order, destinations: [{ name: 'a', order: 'key' }] }]);
    await engine.deliver('adt', 'a', { lanes: 4, deliver: receiver.deliver });
    await engine.plan('adt', { planner: (entry) => planner(text(entry)) });
    return engine;
  }

  it('[Q5] parks what a step fails on, holds its keys only, and goes on in order after release', async () => {
    let broken = true;
    const receiver = new Receiver();
    const engine = await start(
      'key',
      (body) => {
        if (body === 'bad' && broken) throw new Error('a step stumbled');
        return go('adt>a');
      },
      receiver,
    );
    for (const [body, key] of [
      ['bad', 'p'],
      ['p1', 'p'],
      ['q1', 'q'],
      ['p2', 'p'],
    ] as const) {
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [key] }));
    }
    await eventually(
      async () => expect(await queueOf('adt')).toMatchObject({ parked: 1, blocked: 2, waiting: 0 }),
      { deadlineMs: 15_000 },
    );
    expect(receiver.texts()).toEqual(['q1']);
    expect((await listEntries(test.database, { queue: 'adt', state: 'parked' }))[0]).toMatchObject({
      code: 'STEP_FAILED',
    });
    broken = false;
    await requestOperation(test.database, {
      action: 'release',
      queue: 'adt',
      actor: 'tester',
      reason: 'mended',
    });
    await receiver.attempts(4);
    expect(receiver.texts()).toEqual(['q1', 'bad', 'p1', 'p2']);
    await eventually(async () => expect(await queueOf('adt')).toMatchObject({ depth: 0 }), {
      deadlineMs: 15_000,
    });
    await engine.stop();
  });

  it('[Q5] in strict order a parked message stops the pipeline until a person decides', async () => {
    const receiver = new Receiver();
    const engine = await start(
      'strict',
      (body) =>
        body === 'bad'
          ? { outcome: 'park', error: new IsthmusError('STEP_FAILED', { place: 'channels.adt.steps[0]' }) }
          : go('adt>a'),
      receiver,
    );
    for (const body of ['one', 'bad', 'two'])
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [body] }));
    await eventually(async () => expect(await queueOf('adt')).toMatchObject({ parked: 1, depth: 2 }), {
      deadlineMs: 15_000,
    });
    await eventually(async () => expect((await queueOf('adt'))?.holdReason).toContain('parked'), {
      deadlineMs: 15_000,
    });
    expect(receiver.texts()).toEqual(['one']);
    const outcome = await requestOperation(test.database, {
      action: 'skip',
      queue: 'adt',
      actor: 'tester',
      reason: 'agreed',
    });
    expect(outcome).toMatchObject({ affected: 1 });
    await receiver.attempts(2);
    expect(receiver.texts()).toEqual(['one', 'two']);
    await engine.stop();
  });

  it('[Q5] holds a key for a stated reason and releases it on a decision', async () => {
    let decided = false;
    const receiver = new Receiver();
    const engine = await start(
      'key',
      (body) =>
        body === 'overlay' && !decided ? { outcome: 'hold', reason: 'overlay', forMs: 60_000 } : go('adt>a'),
      receiver,
    );
    for (const [body, key] of [
      ['overlay', 'p'],
      ['later', 'p'],
      ['other', 'q'],
    ] as const) {
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [key] }));
    }
    await receiver.attempts(1);
    await eventually(async () => expect(await queueOf('adt')).toMatchObject({ held: 1, blocked: 1 }), {
      deadlineMs: 15_000,
    });
    decided = true;
    await requestOperation(test.database, {
      action: 'release',
      queue: 'adt',
      actor: 'tester',
      reason: 'same person',
    });
    await receiver.attempts(3);
    expect(receiver.texts()).toEqual(['other', 'overlay', 'later']);
    await engine.stop();
  });

  it('[Q3] writes effects, outgoing entries and the position in one transaction, and finds whose effect is rejected', async () => {
    await test.database.query(sql('test_table', 'create table seen (body text primary key)'));
    const receiver = new Receiver();
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
    await engine.deliver('adt', 'a', { lanes: 2, deliver: receiver.deliver });
    await engine.plan('adt', {
      planner: (entry) => ({ outcome: 'go', outgoing: [], effects: [{ kind: 'note', value: text(entry) }] }),
      effects: [
        {
          kind: 'note',
          apply: async (transaction, batch) => {
            for (const { value } of batch)
              await transaction.query(sql('test_insert', `insert into seen values ($1::text)`), [
                String(value),
              ]);
            return batch.map(({ value }) => [
              { queue: 'adt>a', content: Buffer.from(`note of ${value}`), label: String(value) },
            ]);
          },
        },
      ],
    });
    const bodies = ['a', 'b', 'a', 'c'];
    await Promise.all(
      bodies.map((body, n) =>
        engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [`k${n}`], controlId: `n${n}` })),
      ),
    );
    await eventually(async () => expect(await queueOf('adt')).toMatchObject({ parked: 1, depth: 1 }), {
      deadlineMs: 15_000,
    });
    await receiver.attempts(3);
    expect(receiver.texts().sort()).toEqual(['note of a', 'note of b', 'note of c']);
    expect(await test.database.query(sql('test_select', 'select body from seen'))).toHaveLength(3);
    await engine.stop();
  });

  it('[Q6] a destination added later gets nothing from before; a removed one keeps what it had, and gets what was accepted for it', async () => {
    const idle = newEngine(test.database);
    await idle.start();
    await idle.define([
      {
        channel: 'adt',
        order: 'key',
        destinations: [
          { name: 'old', order: 'key' },
          { name: 'stays', order: 'key' },
        ],
      },
    ]);
    for (let n = 0; n < 3; n += 1)
      await idle.intake('adt').accept(draft({ body: Buffer.from(`before ${n}`) }));
    await idle.stop();

    const receivers = { stays: new Receiver(), added: new Receiver() };
    const engine = await startPassThrough(test.database, {
      stays: { order: 'key', receiver: receivers.stays },
      added: { order: 'key', receiver: receivers.added },
    });
    await engine.intake('adt').accept(draft({ body: Buffer.from('after') }));
    await receivers.stays.attempts(4);
    await receivers.added.attempts(1);
    expect(receivers.added.texts()).toEqual(['after']);
    expect(receivers.stays.texts()).toEqual(['before 0', 'before 1', 'before 2', 'after']);
    expect(await queueOf('adt>old')).toMatchObject({ removed: true, depth: 3 });
    expect(await listEntries(test.database, { queue: 'adt>old', state: 'removed' })).toHaveLength(3);
    await engine.stop();
  });

  it('[Q1] keeps bodies sealed at rest when keys are given, and delivers them opened', async () => {
    const { createKeyring } = await import('../../src/foundation/crypto/index.ts');
    const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }], 'k1');
    const idle = newEngine(test.database, { keyring });
    await idle.start();
    await idle.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
    await idle.intake('adt').accept(draft({ body: Buffer.from('canary body') }));
    await idle.stop();
    const [row] = await test.database.query<{ body: Buffer }>(sql('test_body', 'select body from message'));
    expect(row?.body.includes('canary')).toBe(false);
    const receiver = new Receiver();
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver } }, { keyring });
    await receiver.attempts(1);
    expect(receiver.texts()).toEqual(['canary body']);
    expect(await listMessages(test.database)).toHaveLength(1);
    await engine.stop();
  });
});
