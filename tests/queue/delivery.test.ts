import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listEntries, listQueues, requestOperation, traceOf } from '../../src/exchange/queue/index.ts';
import { eventually, type TestDatabase } from '../support/index.ts';
import {
  delivered,
  draft,
  erred,
  newEngine,
  openQueueDatabase,
  Receiver,
  refused,
  startPassThrough,
  unanswered,
  unreachable,
} from './support.ts';

const text = (entry: { content: Uint8Array }) => Buffer.from(entry.content).toString();

describe('the outgoing leg', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openQueueDatabase();
  });
  afterEach(() => test.drop());

  const queueOf = async (name: string) =>
    (await listQueues(test.database)).find((queue) => queue.name === name);
  /** Nothing waits in any queue but what is parked. */
  const settled = () =>
    eventually(
      async () => {
        for (const queue of await listQueues(test.database)) expect(queue.depth - queue.parked).toBe(0);
        return true;
      },
      { deadlineMs: 15_000 },
    );

  it('[Q3] delivers everything to every destination, byte for byte, in acceptance order per key', async () => {
    const receivers = { a: new Receiver(), b: new Receiver() };
    const engine = await startPassThrough(test.database, {
      a: { order: 'key', receiver: receivers.a },
      b: { order: 'strict', receiver: receivers.b },
    });
    const intake = engine.intake('adt');
    await Promise.all(
      Array.from({ length: 300 }, (_, n) =>
        intake.accept(draft({ body: Buffer.from(`${n}`), keys: [`k${n % 7}`] })),
      ),
    );
    await Promise.all([receivers.a.attempts(300), receivers.b.attempts(300)]);
    expect(receivers.b.texts()).toEqual(Array.from({ length: 300 }, (_, n) => `${n}`));
    for (let key = 0; key < 7; key += 1) {
      const ofKey = receivers.a.texts().filter((value) => Number(value) % 7 === key);
      expect(ofKey).toEqual([...ofKey].sort((x, y) => Number(x) - Number(y)));
    }
    expect(new Set(receivers.a.got.map((entry) => entry.idempotencyKey)).size).toBe(300);
    await settled();
    await settled();
    await engine.stop();
  });

  it('[Q4] goes on after a stop where it was, with what had been accepted meanwhile', async () => {
    const before = new Receiver();
    const first = await startPassThrough(test.database, { a: { order: 'key', receiver: before } });
    await Promise.all(Array.from({ length: 50 }, () => first.intake('adt').accept(draft())));
    await before.attempts(50);
    await first.stop();

    const idle = newEngine(test.database);
    await idle.start();
    await idle.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
    for (let n = 0; n < 700; n += 1)
      await idle.intake('adt').accept(draft({ body: Buffer.from(`late ${n}`) }));
    await idle.stop();

    const after = new Receiver();
    const second = await startPassThrough(test.database, { a: { order: 'key', receiver: after } });
    await after.attempts(700);
    expect(after.texts()).toEqual(Array.from({ length: 700 }, (_, n) => `late ${n}`));
    await second.stop();
  });

  it('[Q5] keeps the keys of a parked entry waiting while the others flow, and goes on in order after release', async () => {
    let open = false;
    const receiver = new Receiver((entry) => (text(entry) === 'bad' && !open ? refused : delivered));
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver } });
    const intake = engine.intake('adt');
    await intake.accept(draft({ body: Buffer.from('bad'), keys: ['p1'] }));
    for (let n = 0; n < 5; n += 1) await intake.accept(draft({ body: Buffer.from(`p1-${n}`), keys: ['p1'] }));
    for (let n = 0; n < 5; n += 1) await intake.accept(draft({ body: Buffer.from(`p2-${n}`), keys: ['p2'] }));
    await intake.accept(draft({ body: Buffer.from('merge'), keys: ['p1', 'p2'] }));
    await intake.accept(draft({ body: Buffer.from('p2-after'), keys: ['p2'] }));
    await receiver.attempts(6);
    await eventually(
      async () => expect(await queueOf('adt>a')).toMatchObject({ parked: 1, blocked: 7, waiting: 0 }),
      { deadlineMs: 15_000 },
    );
    expect(receiver.texts()).toEqual(['bad', 'p2-0', 'p2-1', 'p2-2', 'p2-3', 'p2-4']);

    const [parked] = await listEntries(test.database, { queue: 'adt>a', state: 'parked' });
    expect(parked).toMatchObject({ code: 'ANSWER_REJECT', keys: ['p1'] });
    open = true;
    const outcome = await requestOperation(test.database, {
      action: 'release',
      queue: 'adt>a',
      sequence: parked?.sequence ?? 0,
      actor: 'tester',
      reason: 'mended',
    });
    expect(outcome).toMatchObject({ state: 'applied', result: 'done', affected: 1 });
    await receiver.attempts(14);
    expect(receiver.texts().slice(6)).toEqual([
      'bad',
      'p1-0',
      'p1-1',
      'p1-2',
      'p1-3',
      'p1-4',
      'merge',
      'p2-after',
    ]);
    await settled();
    await engine.stop();
  });

  it('[Q5] keeps held keys across a restart', async () => {
    const first = new Receiver((entry) => (text(entry) === 'bad' ? refused : delivered));
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver: first } });
    await engine.intake('adt').accept(draft({ body: Buffer.from('bad'), keys: ['p'] }));
    await engine.intake('adt').accept(draft({ body: Buffer.from('behind'), keys: ['p'] }));
    await eventually(async () => expect(await queueOf('adt>a')).toMatchObject({ parked: 1, blocked: 1 }), {
      deadlineMs: 15_000,
    });
    await engine.stop();

    const second = new Receiver();
    const again = await startPassThrough(test.database, { a: { order: 'key', receiver: second } });
    await again.intake('adt').accept(draft({ body: Buffer.from('later'), keys: ['p'] }));
    await again.intake('adt').accept(draft({ body: Buffer.from('other'), keys: ['q'] }));
    await second.attempts(1);
    expect(second.texts()).toEqual(['other']);
    const skipped = await requestOperation(test.database, {
      action: 'skip',
      queue: 'adt>a',
      actor: 'tester',
      reason: 'not wanted',
    });
    expect(skipped).toMatchObject({ state: 'applied', affected: 1 });
    await second.attempts(3);
    expect(second.texts()).toEqual(['other', 'behind', 'later']);
    await settled();
    await again.stop();
  });

  it('[Q7] in strict order a parked entry stops the destination, loudly, until it is skipped', async () => {
    const receiver = new Receiver((entry) => (text(entry) === 'bad' ? refused : delivered));
    const engine = await startPassThrough(test.database, { a: { order: 'strict', receiver } });
    const held: string[] = [];
    engine.events.on('held', (event) => held.push(event.queue));
    for (const body of ['one', 'bad', 'two'])
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [body] }));
    await eventually(async () => expect(await queueOf('adt>a')).toMatchObject({ parked: 1, depth: 2 }), {
      deadlineMs: 15_000,
    });
    await eventually(() => expect(held).toEqual(['adt>a']), { deadlineMs: 15_000 });
    await engine.stop();

    const after = new Receiver();
    const again = await startPassThrough(test.database, { a: { order: 'strict', receiver: after } });
    await again.intake('adt').accept(draft({ body: Buffer.from('three') }));
    expect(again.consumers().find((consumer) => consumer.queue === 'adt>a')?.state).toBe('held');
    const sequence =
      (await listEntries(test.database, { queue: 'adt>a', state: 'parked' }))[0]?.sequence ?? 0;
    await requestOperation(test.database, {
      action: 'skip',
      queue: 'adt>a',
      sequence,
      actor: 'tester',
      reason: 'agreed',
    });
    await after.attempts(2);
    expect(after.texts()).toEqual(['two', 'three']);
    await settled();
    await again.stop();
  });

  it('[Q7] repeats an ambiguous attempt with the same key, for ever, and an error a bounded number of times', async () => {
    let lost = 4;
    const receiver = new Receiver((entry) => {
      if (text(entry) === 'lost' && lost-- > 0) return unanswered;
      return text(entry) === 'error' ? erred : delivered;
    });
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver } });
    const accepted = await engine.intake('adt').accept(draft({ body: Buffer.from('lost'), keys: ['l'] }));
    await engine.intake('adt').accept(draft({ body: Buffer.from('after lost'), keys: ['l'] }));
    await engine.intake('adt').accept(draft({ body: Buffer.from('error'), keys: ['e'] }));
    await receiver.attempts(9);
    const ofLost = receiver.got.filter((entry) => text(entry) === 'lost');
    expect(new Set(ofLost.map((entry) => entry.idempotencyKey)).size).toBe(1);
    expect(ofLost).toHaveLength(5);
    expect(receiver.texts().filter((value) => value === 'error')).toHaveLength(3);
    expect(receiver.texts().indexOf('after lost')).toBeGreaterThan(receiver.texts().lastIndexOf('lost'));
    await eventually(async () => expect(await queueOf('adt>a')).toMatchObject({ parked: 1, depth: 1 }), {
      deadlineMs: 15_000,
    });
    const trace = (await traceOf(test.database, accepted.messageId)).find((step) => step.queue === 'adt>a');
    expect(trace?.attempts.map((attempt) => attempt.outcome)).toEqual([
      'ambiguous',
      'ambiguous',
      'ambiguous',
      'ambiguous',
      'delivered',
    ]);
    await engine.stop();
  });

  it('[Q7] waits, in order, while the destination is out of reach', async () => {
    let away = 6;
    const receiver = new Receiver(() => (away-- > 0 ? unreachable : delivered));
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver, lanes: 3 } });
    const stalls: number[] = [];
    engine.events.on('stalled', (event) => stalls.push(event.failures));
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        engine.intake('adt').accept(draft({ body: Buffer.from(`${n}`), keys: ['one'] })),
      ),
    );
    await settled();
    expect([...new Set(receiver.texts())]).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
    expect(stalls.length).toBe(6);
    expect((await queueOf('adt>a'))?.parked).toBe(0);
    await engine.stop();
  });

  it('[Q4] lets other keys pass when one key is slow, however much waits behind it', async () => {
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const receiver = new Receiver(async (entry) => {
      if (text(entry) === 'slow') await slow;
      return delivered;
    });
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver } });
    await engine.intake('adt').accept(draft({ body: Buffer.from('slow'), keys: ['s'] }));
    await Promise.all(
      Array.from({ length: 600 }, (_, n) =>
        engine.intake('adt').accept(draft({ body: Buffer.from(`s${n}`), keys: ['s'] })),
      ),
    );
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        engine.intake('adt').accept(draft({ body: Buffer.from(`o${n}`), keys: [`o${n}`] })),
      ),
    );
    await eventually(
      () => expect(receiver.texts().filter((value) => value.startsWith('o'))).toHaveLength(50),
      { deadlineMs: 8_000 },
    );
    expect(receiver.texts().filter((value) => /^s\d/.test(value))).toHaveLength(0);
    finish();
    await settled();
    const ofKey = receiver.texts().filter((value) => /^s\d/.test(value));
    expect(ofKey).toEqual(Array.from({ length: 600 }, (_, n) => `s${n}`));
    await engine.stop();
  });

  it('[Q9] pins what was sent: a repeat is the same or declared narrower, anything else waits for a person', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
    const answers = [unanswered, unanswered, delivered];
    const receiver = new Receiver((_entry, nth) => answers[nth - 1] ?? unanswered);
    const renderings = ['whole', 'whole', 'part', 'other'];
    let asked = 0;
    await engine.plan('adt', {
      planner: () => ({ outcome: 'go', outgoing: [{ queue: 'adt>a' }], effects: [] }),
    });
    await engine.deliver('adt', 'a', {
      lanes: 1,
      backoff: { firstMs: 1, mostMs: 2 },
      deliver: receiver.deliver,
      release: () => {
        const content = Buffer.from(renderings[asked++] ?? 'whole');
        return { decision: 'send', content, narrower: content.toString() === 'part' };
      },
    });
    await engine.intake('adt').accept(draft({ keys: ['1'] }));
    await receiver.attempts(3);
    expect(receiver.texts()).toEqual(['whole', 'whole', 'part']);
    renderings.splice(0, renderings.length, 'first', 'changed');
    asked = 0;
    await engine.intake('adt').accept(draft({ keys: ['2'] }));
    await eventually(
      async () => {
        const parked = await listEntries(test.database, { queue: 'adt>a', state: 'parked' });
        expect(parked.map((entry) => entry.code)).toEqual(['QUEUE_RENDERING_CHANGED']);
        return true;
      },
      { deadlineMs: 15_000 },
    );
    expect(receiver.texts().slice(3)).toEqual(['first']);
    await engine.stop();
  });

  it('[Q9] withholds or fails what must not leave, and a failing look-up sends nothing', async () => {
    const engine = newEngine(test.database);
    await engine.start();
    await engine.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
    const receiver = new Receiver();
    let outages = 2;
    await engine.plan('adt', {
      planner: () => ({ outcome: 'go', outgoing: [{ queue: 'adt>a' }], effects: [] }),
    });
    await engine.deliver('adt', 'a', {
      lanes: 1,
      backoff: { firstMs: 1, mostMs: 2 },
      deliver: receiver.deliver,
      release: (entry) => {
        const body = text(entry);
        if (body === 'secret') return { decision: 'withhold', reason: 'no consent' };
        if (body === 'broken') return { decision: 'fail', code: 'FORBIDDEN', reason: 'not allowed' };
        if (outages-- > 0) throw new Error('the look-up is out of reach');
        return { decision: 'send' };
      },
    });
    for (const body of ['secret', 'broken', 'plain'])
      await engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [body] }));
    await eventually(async () => expect(await queueOf('adt>a')).toMatchObject({ depth: 1, parked: 1 }), {
      deadlineMs: 15_000,
    });
    await eventually(() => expect(receiver.texts()).toEqual(['plain']), { deadlineMs: 15_000 });
    await engine.stop();
  });

  it('[Q11] replays a delivered message as a new entry with a new key, on request', async () => {
    const receiver = new Receiver();
    const engine = await startPassThrough(test.database, { a: { order: 'key', receiver } });
    const accepted = await engine.intake('adt').accept(draft({ body: Buffer.from('again') }));
    await receiver.attempts(1);
    await requestOperation(test.database, {
      action: 'replay',
      queue: 'adt>a',
      messageId: accepted.messageId,
      actor: 'tester',
      reason: 'lost there',
    });
    await receiver.attempts(2);
    expect(receiver.texts()).toEqual(['again', 'again']);
    expect(receiver.got[0]?.idempotencyKey).not.toBe(receiver.got[1]?.idempotencyKey);
    await engine.stop();
  });
});
