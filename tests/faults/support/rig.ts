import pg from 'pg';
import { migrations } from '../../../src/exchange/queue/index.ts';
import { migrations as auditMigrations } from '../../../src/foundation/audit/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../../support/index.ts';
import { check, type Report } from './checker.ts';
import { claimsOf } from './claims.ts';
import { type EngineChild, killEngines, startEngine } from './engine-child.ts';
import type { EngineConfig } from './engine-config.ts';
import { History } from './history.ts';
import { type TestMessage, testMessage } from './messages.ts';
import type { Random } from './random.ts';
import { mllpReceiver, type Receiver, webhookReceiver } from './receiver.ts';
import { LockstepSender } from './sender.ts';

export const queueMigrations = [...auditMigrations, ...migrations];

/** Removes what a test made, last first, whatever became of it. */
export class Cleanup {
  #steps: (() => unknown)[] = [];

  add<T>(thing: T, remove: (thing: T) => unknown): T {
    this.#steps.push(() => remove(thing));
    return thing;
  }

  async run(): Promise<void> {
    await killEngines();
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** A database with the queue's tables, gone after the test. */
export async function newDatabase(cleanup: Cleanup, poolSize = 4): Promise<TestDatabase> {
  return cleanup.add(await openTestDatabase({ migrations: queueMigrations, poolSize }), (made) =>
    made.drop(),
  );
}

/** An engine process that is started again whenever it is gone, as a service manager would. */
export class EngineHost {
  readonly #config: () => EngineConfig;
  child: EngineChild | undefined;
  #ports: Readonly<Record<string, number>> = {};

  constructor(config: () => EngineConfig) {
    this.#config = config;
  }

  /** Port 1 answers nobody: senders try again until the engine is back. */
  port(channel: string): number {
    return this.#ports[channel] ?? 1;
  }

  /** Resolves when the process runs; `ready` of the child says when messages can arrive. */
  async launch(): Promise<EngineChild> {
    const child = await startEngine(this.#config());
    this.child = child;
    void child.ready.then(
      ({ ports }) => {
        if (this.child === child) this.#ports = ports;
      },
      () => undefined,
    );
    return child;
  }

  async start(): Promise<EngineChild> {
    const child = await this.launch();
    this.#ports = (await child.ready).ports;
    return child;
  }

  async kill(): Promise<void> {
    this.#ports = {};
    await this.child?.kill();
  }

  async stop(): Promise<void> {
    this.#ports = {};
    await this.child?.stop();
  }
}

export interface Load {
  readonly channel: string;
  readonly messages: number;
  readonly keys: number;
  readonly connections: number;
  /** Distinguishes the messages of several loads. */
  readonly prefix?: string;
}

/** Messages dealt to connections so that a key, and both keys of a merge, stay on one. About one in fifty is a merge. */
function dealt(load: Load, random: Random): TestMessage[][] {
  const lines: TestMessage[][] = Array.from({ length: load.connections }, () => []);
  const perLine = Math.max(1, Math.floor(load.keys / load.connections));
  for (let n = 0; n < load.messages; n += 1) {
    const line = n % load.connections;
    const key = () => `P${line}-${random.between(1, perLine)}`;
    const first = key();
    const second = random.chance(0.02) ? key() : first;
    const keys = second === first ? [first] : [first, second];
    lines[line]?.push(testMessage({ uid: `${load.prefix ?? load.channel}${n}`, keys }));
  }
  return lines;
}

export interface Senders {
  /** All acknowledged. */
  readonly done: Promise<void>;
  readonly acknowledged: () => number;
  stop(): void;
}

export function startSenders(
  history: History,
  host: Pick<EngineHost, 'port'>,
  options: {
    load: Load;
    random: Random;
    destinations: () => readonly string[];
    answerMs?: number;
    onAnswer?: (code: string) => void;
    losesAnswer?: () => boolean;
  },
): Senders {
  let acknowledged = 0;
  const { load, random, destinations, onAnswer, answerMs, losesAnswer } = options;
  const senders = dealt(load, random).map((messages) => {
    const sender = new LockstepSender({
      history,
      channel: load.channel,
      port: () => host.port(load.channel),
      destinations,
      ...(answerMs === undefined ? {} : { answerMs }),
      ...(losesAnswer ? { losesAnswer } : {}),
      onAnswer: (code) => {
        if (code === 'AA') acknowledged += 1;
        onAnswer?.(code);
      },
    });
    return { sender, done: sender.sendAll(messages) };
  });
  return {
    done: Promise.all(senders.map(({ done }) => done)).then(() => undefined),
    acknowledged: () => acknowledged,
    stop: () => {
      for (const { sender } of senders) sender.stop();
    },
  };
}

/** Resolves when the product says that nothing is open, or nothing but `openMayBe`. When it does not come true, says what is stuck. */
export async function drained(url: string, { deadlineMs = 30_000, openMayBe = 0 } = {}): Promise<void> {
  try {
    await eventually(async () => (await claimsOf(url)).open.length <= openMayBe, {
      deadlineMs,
      what: 'an empty queue',
    });
  } catch (error) {
    throw new Error(`the queues do not come to rest: ${await stuckIn(url)}`, { cause: error });
  }
}

async function stuckIn(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select q.name, q.next_sequence, q.epoch, p.low_water, p.gaps, p.hold_reason,
         array(select x.sequence || ' ' || x.state || ' ' || x.attempts || ' of ' || array_to_string(e.keys, '+')
               from queue_exception x join entry e on e.queue_id = x.queue_id and e.sequence = x.sequence
               where x.queue_id = q.id order by x.sequence limit 12) as exceptions,
         array(select k.sequence || ' ' || k.key from queue_exception_key k
               where k.queue_id = q.id order by k.sequence limit 24) as keys
       from queue q join queue_progress p on p.queue_id = q.id`,
    );
    return JSON.stringify(rows);
  } finally {
    await client.end();
  }
}

export async function judged(history: History, url: string): Promise<Report> {
  return check(history, await claimsOf(url));
}

export { History, mllpReceiver, type Receiver, webhookReceiver };
