import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DeliveryResult,
  listQueues,
  type OperatorAction,
  type Plan,
  type QueueEngine,
  requestOperation,
} from '../../src/exchange/queue/index.ts';
import { type Database, sql } from '../../src/foundation/database/index.ts';
import { eventually, type TestDatabase } from '../support/index.ts';
import { committingSilently, failing } from './failing.ts';
import { mortal } from './model/mortal.ts';
import {
  delivered,
  draft,
  newEngine,
  openQueueDatabase,
  Receiver,
  refused,
  startPassThrough,
  unanswered,
} from './support.ts';

const text = (entry: { content: Uint8Array }) => Buffer.from(entry.content).toString();
const go: Plan = { outcome: 'go', outgoing: [{ queue: 'adt>a' }], effects: [] };
const patient = { deadlineMs: 15_000 };

describe('operators and the database in trouble', () => {
  let test: TestDatabase;
  let engines: QueueEngine[];
  beforeEach(async () => {
    test = await openQueueDatabase();
    engines = [];
  });
  afterEach(async () => {
    for (const engine of engines) await engine.stop();
    await test.drop();
  });

  const started = async (starting: Promise<QueueEngine>) => {
    const engine = await starting;
    engines.push(engine);
    return engine;
  };
  const passThrough = (database: Database, order: 'strict' | 'key', receiver: Receiver) =>
    started(startPassThrough(database, { a: { order, receiver } }));
  const planning = (database: Database, order: 'strict' | 'key', planner: (body: string) => Plan) =>
    started(
      (async () => {
        const engine = newEngine(database);
        await engine.start();
        await engine.define([{ channel: 'adt', order, destinations: [{ name: 'a', order: 'key' }] }]);
        await engine.plan('adt', { planner: (entry) => planner(text(entry)) });
        return engine;
      })(),
    );
  const accept = (engine: QueueEngine, ...bodies: string[]) =>
    Promise.all(
      bodies.map((body) => engine.intake('adt').accept(draft({ body: Buffer.from(body), keys: [body] }))),
    );
  const ask = (action: OperatorAction, queue: string, more: { sequence?: number; messageId?: number } = {}) =>
    requestOperation(test.database, { action, queue, actor: 'tester', reason: 'test', ...more }, 15_000);
  const queueOf = async (name: string) =>
    (await listQueues(test.database)).find((queue) => queue.name === name);
  const shows = (name: string, expected: object) =>
    eventually(async () => expect(await queueOf(name)).toMatchObject(expected) ?? true, patient);

  it('[Q11] applies an action that the database interrupted, once it is back', async () => {
    await passThrough(failing(test.database, 'operator_waiting', 4), 'key', new Receiver());
    expect(await ask('hold', 'adt>a')).toMatchObject({ state: 'applied', affected: 1 });
    await shows('adt>a', { holdReason: 'test' });
  });

  it('[Q11] answers an action once and applies it once, though its answer could not be written at first', async () => {
    const receiver = new Receiver();
    const engine = await passThrough(failing(test.database, 'operator_applied'), 'key', receiver);
    const [accepted] = await accept(engine, 'again');
    await receiver.attempts(1);
    const messageId = accepted?.messageId ?? 0;
    expect(await ask('replay', 'adt>a', { messageId })).toMatchObject({ affected: 1 });
    await shows('adt>a', { lastSequence: 2, depth: 0 });
    expect(receiver.texts()).toEqual(['again', 'again']);
  });

  it('[Q11] delivers a replay whose commit was not heard of, once', async () => {
    const receiver = new Receiver();
    const engine = await passThrough(committingSilently(test.database, 'operator_applied'), 'key', receiver);
    const [accepted] = await accept(engine, 'again');
    await receiver.attempts(1);
    const messageId = accepted?.messageId ?? 0;
    expect(await ask('replay', 'adt>a', { messageId })).toMatchObject({ affected: 1 });
    await shows('adt>a', { lastSequence: 2, depth: 0 });
    expect(receiver.texts()).toEqual(['again', 'again']);
  });

  it('[Q11] keeps what was asked while nobody ran for the consumer, which opens later than its owner starts', async () => {
    const engine = await passThrough(test.database, 'key', new Receiver(() => refused));
    await accept(engine, 'bad');
    await shows('adt>a', { parked: 1 });
    await engine.stop();
    const request = { action: 'release', queue: 'adt>a', actor: 'tester', reason: 'test' } as const;
    expect(await requestOperation(test.database, request, 0)).toMatchObject({ state: 'waiting' });
    const receiver = new Receiver();
    await passThrough(test.database, 'key', receiver);
    await receiver.attempts(1);
    await shows('adt>a', { depth: 0 });
  });

  it('[Q8] a node that lost the lease answers no operator', async () => {
    const first = newEngine(test.database, { leaseMs: 60_000 });
    engines.push(first);
    await first.start();
    await first.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
    await first.deliver('adt', 'a', { lanes: 1, deliver: new Receiver().deliver });
    await test.database.query(
      sql('test_expire', `update lease set owner_host = 'elsewhere', expires_at = clock_timestamp()`),
    );
    const second = newEngine(test.database);
    engines.push(second);
    await second.start();
    const request = { action: 'hold', queue: 'adt>a', actor: 'tester', reason: 'test' } as const;
    expect(await requestOperation(test.database, request, 1_000)).toMatchObject({ state: 'waiting' });
    await second.deliver('adt', 'a', { lanes: 1, deliver: new Receiver().deliver });
    await shows('adt>a', { holdReason: 'test' });
  });

  it('[Q7] strict order: to resume lets the parked entry go on, and leaves nothing of it behind', async () => {
    let open = false;
    const receiver = new Receiver(() => (open ? delivered : refused));
    const engine = await passThrough(test.database, 'strict', receiver);
    await accept(engine, 'one', 'two');
    await shows('adt>a', { parked: 1, holdReason: 'entry 1 is parked' });
    open = true;
    await ask('resume', 'adt>a');
    await shows('adt>a', { depth: 0, parked: 0, holdReason: null });
    expect(receiver.texts()).toEqual(['one', 'one', 'two']);
  });

  it('[Q7] strict order: what is parked is not sent after a restart, though the hold was not written', async () => {
    const engine = await passThrough(
      failing(test.database, 'queue_set_hold'),
      'strict',
      new Receiver(() => refused),
    );
    await accept(engine, 'one', 'two');
    await shows('adt>a', { parked: 1, holdReason: null });
    await engine.stop();
    const receiver = new Receiver();
    await passThrough(test.database, 'strict', receiver);
    await shows('adt>a', { parked: 1, holdReason: 'entry 1 is parked' });
    expect(receiver.texts()).toEqual([]);
    expect(await ask('release', 'adt>a', { sequence: 1 })).toMatchObject({ affected: 1 });
    await shows('adt>a', { depth: 0 });
    expect(receiver.texts()).toEqual(['one', 'two']);
  });

  it('[Q7] strict order: the pipeline, too, holds after a restart and goes on when it is resumed', async () => {
    const park = (): Plan => ({ outcome: 'hold', reason: 'overlay' });
    const engine = await planning(failing(test.database, 'queue_set_hold'), 'strict', park);
    await accept(engine, 'one', 'two');
    await shows('adt', { held: 1, holdReason: null });
    await engine.stop();
    const planned: string[] = [];
    await planning(test.database, 'strict', (body) => {
      planned.push(body);
      return go;
    });
    await shows('adt', { held: 1, holdReason: 'entry 1 is held' });
    expect(planned).toEqual([]);
    await ask('resume', 'adt');
    await shows('adt', { depth: 0, held: 0 });
    await shows('adt>a', { lastSequence: 2 });
  });

  it.each(['key', 'strict'] as const)(
    '[Q5] a hold for a limited time ends by itself, in %s order, and after a restart',
    async (order) => {
      const hold = (forMs: number): Plan => ({ outcome: 'hold', reason: 'no thread', forMs });
      let calls = 0;
      const engine = await planning(test.database, order, () => {
        calls += 1;
        return calls === 1 ? hold(20) : go;
      });
      await accept(engine, 'one', 'two');
      await shows('adt', { depth: 0, holdReason: null });
      await engine.stop();
      const second = await planning(test.database, order, () => hold(1_000));
      await accept(second, 'three', 'four');
      await shows('adt', { held: order === 'key' ? 2 : 1 });
      await second.stop();
      await planning(test.database, order, () => go);
      await shows('adt', { depth: 0, holdReason: null });
      await shows('adt>a', { lastSequence: 4 });
    },
  );

  it.each(['release', 'skip'] as const)(
    '[Q11] a %s that was answered outlives the process, on both legs',
    async (action) => {
      const life = mortal(test.database, { death: () => undefined, failure: () => undefined });
      const never = new Promise<never>(() => undefined);
      let answer: DeliveryResult | Promise<DeliveryResult> = refused;
      let plan: Plan | Promise<Plan> = { outcome: 'hold', reason: 'overlay' };
      const engine = newEngine(life.database, { clock: life.clock });
      await engine.start();
      await engine.define([{ channel: 'adt', order: 'key', destinations: [{ name: 'a', order: 'key' }] }]);
      await engine.deliver('adt', 'a', { lanes: 1, deliver: async () => answer });
      await engine.plan('adt', { planner: (entry) => (text(entry) === 'bad' ? go : plan) });
      await accept(engine, 'bad', 'held');
      await shows('adt>a', { parked: 1 });
      await shows('adt', { held: 1 });
      answer = never;
      plan = never;
      expect(await ask(action, 'adt>a', { sequence: 1 })).toMatchObject({ affected: 1 });
      expect(await ask(action, 'adt', { sequence: 2 })).toMatchObject({ affected: 1 });
      life.kill();
      await test.database.query(
        sql('test_expire', `update lease set owner_host = 'elsewhere', expires_at = clock_timestamp()`),
      );
      const receiver = new Receiver();
      await passThrough(test.database, 'key', receiver);
      await shows('adt', { depth: 0 });
      await shows('adt>a', { depth: 0 });
      expect(receiver.texts()).toEqual(action === 'release' ? ['bad', 'held'] : []);
    },
  );

  it('[Q11] in strict order acts on what is parked only, whatever else is first in the queue', async () => {
    let plan: () => void = () => undefined;
    const planned = new Promise<void>((resolve) => {
      plan = resolve;
    });
    const engine = newEngine(test.database);
    engines.push(engine);
    await engine.start();
    await engine.define([{ channel: 'adt', order: 'strict', destinations: [{ name: 'a', order: 'key' }] }]);
    await engine.plan('adt', { planner: () => planned.then(() => go) });
    await accept(engine, 'one', 'two');
    expect(await ask('skip', 'adt', { sequence: 1 })).toMatchObject({ affected: 0 });
    expect(await ask('release', 'adt', { sequence: 1 })).toMatchObject({ affected: 0 });
    plan();
    await shows('adt', { depth: 0 });
    await shows('adt>a', { lastSequence: 2 });
  });

  it('[Q7] a retry that could not be loaded comes again', async () => {
    let lost = true;
    const receiver = new Receiver(() => {
      if (!lost) return delivered;
      lost = false;
      return unanswered;
    });
    const engine = await passThrough(failing(test.database, 'queue_read_entries'), 'key', receiver);
    await accept(engine, 'one');
    await receiver.attempts(2);
    await shows('adt>a', { depth: 0 });
  });
});
