import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditPort } from '../../foundation/audit/index.ts';
import { type Clock, pause } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import { type Database, type Queryable, sql } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { createEvents, type Events } from '../../foundation/events/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { DeliveryConsumer } from './delivery.ts';
import type { ConsumerParts, ConsumerStatus, DeliveryOptions } from './delivery-options.ts';
import type { QueueEvents } from './events.ts';
import { type AcceptedEntry, defaultIntakeLimits, IntakeCommitter, type IntakeLimits } from './intake.ts';
import { Lease } from './lease.ts';
import { type Operable, OperatorDesk } from './operations.ts';
import { PipelineConsumer, type PipelineOptions } from './pipeline.ts';
import { PipelineCommitter } from './pipeline-committer.ts';
import { idempotencyKeyOf, type QueueIdentity, Reader, type StoredEntry } from './reader.ts';
import { type ChannelQueues, outgoingName, Registry } from './registry.ts';
import { Settlement } from './settlement.ts';
import type { AcceptedMessage, MessageDraft } from './types.ts';

export interface QueueEngineOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: AuditPort;
  /** A name for this node; made unique by the engine. */
  readonly node?: string;
  readonly keyring?: Keyring;
  /** How long a standby waits for an owner that fell silent. Default 10 s. */
  readonly leaseMs?: number;
  readonly intake?: Partial<IntakeLimits>;
  readonly random?: () => number;
}

export interface Consumer {
  status(): ConsumerStatus;
  /** Starts nothing new; what is in flight ends. */
  pause(reason: string): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface Intake {
  /** Resolves after the commit. Rejects with QUEUE_FULL, QUEUE_CONTROL_ID_REUSED, QUEUE_FENCED or DATABASE_*. */
  accept(draft: MessageDraft): Promise<AcceptedMessage>;
}

export interface QueueEngine {
  readonly events: Events<QueueEvents>;
  /** Resolves when this node owns the queues: at once, or as a standby when the owner is gone. False when `signal` ended the wait. */
  start(signal?: AbortSignal): Promise<boolean>;
  /** Makes the queues of these channels the current ones; new destinations get nothing from before, removed ones keep what they have. */
  define(channels: readonly ChannelQueues[]): Promise<void>;
  intake(channel: string): Intake;
  plan(channel: string, options: PipelineOptions): Promise<Consumer>;
  deliver(channel: string, destination: string, options: DeliveryOptions): Promise<Consumer>;
  /** The consumers that run now. */
  consumers(): ConsumerStatus[];
  /** Lets what was accepted be written, stops the consumers, gives the lease up. */
  stop(): Promise<void>;
}

type Stoppable = Operable & Consumer & { readonly queue: QueueIdentity; readonly reader: Reader };

const standbyPollMs = 500;
const stopLimitMs = 8_000;

const replayEntry = sql(
  'queue_replay',
  `with source as (
     select m.id, e.keys, e.label, e.content_type, e.content_key, e.content from message m
     join lateral (
       select e.* from entry e join queue q on q.id = e.queue_id
       where e.message_id = m.id order by (e.queue_id = $1) desc, (q.leg = 'intake') desc, e.sequence limit 100
     ) e on true
     where m.id = $2 and (e.queue_id = $1 or not exists (select 1 from entry own where own.message_id = m.id and own.queue_id = $1))
   ), bump as (
     update queue set next_sequence = next_sequence + (select count(*) from source)
     where id = $1 and epoch = $3 and exists (select 1 from source) returning next_sequence - (select count(*) from source) as base
   )
   insert into entry (queue_id, sequence, message_id, keys, label, content_type, content_key, content)
   select $1, b.base + row_number() over () - 1, s.id, s.keys, s.label, s.content_type, s.content_key, s.content from source s, bump b
   returning sequence`,
);

export function createQueueEngine(options: QueueEngineOptions): QueueEngine {
  return new Engine(options);
}

class Engine implements QueueEngine {
  readonly events: Events<QueueEvents>;
  readonly #options: QueueEngineOptions;
  readonly #registry: Registry;
  readonly #lease: Lease;
  readonly #intake: IntakeCommitter;
  readonly #committer: PipelineCommitter;
  readonly #settlement: Settlement;
  readonly #desk: OperatorDesk;
  readonly #consumers = new Map<string, Stoppable>();
  #owner = false;

  constructor(options: QueueEngineOptions) {
    const { database, clock, logger, audit } = options;
    this.#options = options;
    this.events = createEvents<QueueEvents>((error) =>
      logger.error({ err: error }, 'an observer of the queue failed'),
    );
    this.#registry = new Registry(database);
    this.#lease = new Lease({
      database,
      clock,
      logger,
      durationMs: options.leaseMs ?? 10_000,
      node: `${options.node ?? hostname()}#${randomUUID()}`,
      onLost: (reason) => this.#lost(reason),
    });
    const epoch = () => this.#lease.epoch;
    const onFenced = () => this.#lease.lose('a write was fenced off: another node owns the queues');
    this.#intake = new IntakeCommitter({
      database,
      clock,
      epoch,
      onFenced,
      keyring: options.keyring,
      limits: { ...defaultIntakeLimits, ...options.intake },
      onCommitted: (entries) => this.#accepted(entries),
      onReused: ({ target, message }) =>
        this.events.emit('reused', { queue: target.queue, messageId: message.messageId }),
    });
    this.#committer = new PipelineCommitter({
      database,
      clock,
      logger,
      epoch,
      onFenced,
      registry: this.#registry,
      keyring: options.keyring,
    });
    this.#settlement = new Settlement({ database, clock, logger, epoch, onFenced });
    this.#desk = new OperatorDesk({
      database,
      clock,
      epoch,
      logger,
      audit,
      events: this.events,
      consumer: (queue) => this.#consumers.get(queue),
      isConfigured: (queue) => this.#registry.isCurrent(queue),
      replay: (connection, queue, messageId) => this.#replay(connection, queue, messageId),
      replayed: async (queue) => this.#consumers.get(queue)?.reader.refresh(),
    });
  }

  async start(signal?: AbortSignal): Promise<boolean> {
    const { clock, logger } = this.#options;
    let waiting = false;
    while (!(await this.#tryToOwn())) {
      if (!waiting) this.events.emit('lease', { state: 'standby', epoch: this.#lease.epoch });
      waiting = true;
      await pause(clock, standbyPollMs, signal);
      if (signal?.aborted) return false;
    }
    this.#owner = true;
    await this.#registry.load();
    await this.#desk.open();
    logger.info({ epoch: this.#lease.epoch }, 'this node owns the queues');
    this.events.emit('lease', { state: 'owner', epoch: this.#lease.epoch });
    return true;
  }

  async #tryToOwn(): Promise<boolean> {
    try {
      return await this.#lease.take();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the lease could not be asked for; trying again');
      return false;
    }
  }

  async define(channels: readonly ChannelQueues[]): Promise<void> {
    if (!this.#lease.valid()) throw new IsthmusError('QUEUE_FENCED');
    await this.#registry.define(channels, this.#lease.epoch);
  }

  intake(channel: string): Intake {
    return {
      accept: async (draft) => {
        if (!this.#owner) throw new IsthmusError('QUEUE_FENCED', { place: channel });
        const target = this.#registry.intakeTarget(channel);
        const message = await this.#intake.accept(target, draft);
        if (message.duplicate) {
          // It may be the first try whose answer was lost: then nobody offered it to the reader.
          this.#registry.reader(target.queueId)?.knows(message.sequence);
          this.events.emit('accepted', { queue: channel, draft, message });
        }
        return message;
      },
    };
  }

  #accepted(entries: readonly AcceptedEntry[]): void {
    const byQueue = new Map<number, StoredEntry[]>();
    for (const accepted of entries) {
      const { target } = accepted;
      const list = byQueue.get(target.queueId);
      if (list) list.push(this.#toEntry(accepted));
      else byQueue.set(target.queueId, [this.#toEntry(accepted)]);
      this.events.emit('accepted', { queue: target.queue, draft: accepted.draft, message: accepted.message });
    }
    for (const [queueId, list] of byQueue) this.#registry.reader(queueId)?.offer(list);
  }

  #toEntry({ target, draft, message }: AcceptedEntry): StoredEntry {
    return {
      queue: target.queue,
      sequence: message.sequence,
      messageId: message.messageId,
      routeId: target.routeId,
      keys: draft.keys,
      content: draft.body,
      contentType: draft.contentType,
      type: draft.type,
      correlationId: draft.correlationId,
      receivedAt: message.receivedAt,
      label: undefined,
      idempotencyKey: idempotencyKeyOf(this.#registry.byName(target.queue), message.sequence),
      attempt: 1,
    };
  }

  async plan(channel: string, options: PipelineOptions): Promise<Consumer> {
    const queue = this.#registry.byName(channel);
    const parts = { ...this.#parts(), committer: this.#committer };
    return this.#run(await PipelineConsumer.open(queue, queue.order, options, parts));
  }

  async deliver(channel: string, destination: string, options: DeliveryOptions): Promise<Consumer> {
    const queue = this.#registry.byName(outgoingName(channel, destination));
    return this.#run(await DeliveryConsumer.open(queue, queue.order, options, this.#parts()));
  }

  consumers(): ConsumerStatus[] {
    return [...this.#consumers.values()].map((consumer) => consumer.status());
  }

  async stop(): Promise<void> {
    // With the database away nothing more can be written: what is not settled by then is repeated by the next owner.
    const limit = this.#options.clock.after(stopLimitMs, () => this.#settlement.stop());
    this.#committer.stop();
    await this.#desk.close();
    await this.#intake.drain();
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stop()));
    limit.cancel();
    this.#consumers.clear();
    this.#owner = false;
    await this.#lease
      .release()
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'the lease runs out by itself'));
  }

  #parts(): ConsumerParts {
    const { database, clock, logger, random } = this.#options;
    return {
      database,
      clock,
      logger,
      events: this.events,
      lease: this.#lease,
      settlement: this.#settlement,
      random: random ?? Math.random,
      reader: (queue, position, committed) => {
        const reader = new Reader({ database, keyring: this.#options.keyring, queue }, position, committed);
        this.#registry.attachReader(queue.id, reader);
        return reader;
      },
    };
  }

  async #run(consumer: Stoppable): Promise<Consumer> {
    const { queue, reader } = consumer;
    this.#consumers.set(queue.name, consumer);
    // What was committed between reading the position and attaching the reader was not offered to it.
    await reader.refresh();
    this.#desk.check();
    return {
      status: () => consumer.status(),
      pause: (reason) => consumer.pause(reason),
      resume: () => consumer.resume(),
      stop: async () => {
        this.#registry.detachReader(queue.id);
        if (this.#consumers.get(queue.name) === consumer) this.#consumers.delete(queue.name);
        await consumer.stop();
      },
    };
  }

  async #replay(connection: Queryable, queueName: string, messageId: number): Promise<number> {
    const queue = this.#registry.byName(queueName);
    return (await connection.query(replayEntry, [queue.id, messageId, this.#lease.epoch])).length;
  }

  #lost(reason: string): void {
    this.#owner = false;
    this.#committer.stop();
    this.#settlement.stop();
    this.#options.logger.error({ reason }, 'this node lost the queues and stands back');
    this.events.emit('lease', { state: 'lost', epoch: this.#lease.epoch, reason });
  }
}
