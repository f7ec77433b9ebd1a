import type { AuditPort } from '../../foundation/audit/index.ts';
import { type Clock, systemClock, type Timer } from '../../foundation/clock/index.ts';
import {
  classifyFailure,
  type Database,
  type Queryable,
  sql,
  type Transaction,
} from '../../foundation/database/index.ts';
import type { Events } from '../../foundation/events/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { ConsumerStatus } from './delivery-options.ts';
import type { QueueEvents } from './events.ts';

/**
 * What an operator may do (Q11). Any process asks by a row; the owner of the queues applies it under its epoch and answers in the
 * row, so that there is one writer of state. Each action is audited with its reason.
 */

export type OperatorAction = 'release' | 'skip' | 'replay' | 'hold' | 'resume';

export interface OperationRequest {
  readonly action: OperatorAction;
  readonly queue: string;
  /** release and skip: the entry; without it, all that are parked. */
  readonly sequence?: number;
  /** replay: the message to deliver again. */
  readonly messageId?: number;
  readonly actor: string;
  readonly reason: string;
}

export interface OperationOutcome {
  readonly id: number;
  readonly state: 'applied' | 'waiting';
  /** `done`, or why not. */
  readonly result?: string;
  readonly affected?: number;
}

interface ActionRow {
  readonly id: number;
  readonly action: OperatorAction;
  readonly queue: string;
  readonly sequence: number | null;
  readonly message_id: number | null;
  readonly actor: string;
  readonly reason: string;
}

const channel = 'isthmus_operator';
const insertAction = sql(
  'operator_request',
  `with asked as (
     insert into operator_action (action, queue, sequence, message_id, actor, reason) values ($1, $2, $3::bigint, $4::bigint, $5, $6) returning id
   ) select id, pg_notify('${channel}', id::text) from asked`,
);
const waitingActions = sql(
  'operator_waiting',
  'select id, action, queue, sequence, message_id, actor, reason from operator_action where applied_at is null order by id',
);
const markApplied = sql(
  'operator_applied',
  `with done as (
     update operator_action set applied_at = now(), result = $2, affected = $3 
     where id = $1 and applied_at is null and $4 = (select epoch from lease where name = 'engine') returning id
   ) select id, pg_notify('${channel}_done', id::text) from done`,
);
const outcomeOf = sql(
  'operator_outcome',
  'select id, applied_at, result, affected from operator_action where id = $1',
);
const stuckEntries = sql(
  'operator_stuck',
  `select x.sequence from queue_exception x join queue q on q.id = x.queue_id
   where q.name = $1 and x.state in ('parked', 'held') order by x.sequence limit 10000`,
);

/** Asks for an operation and waits up to `waitMs` for the owner's answer. Without a running owner it is applied when one starts. */
export async function requestOperation(
  database: Database,
  request: OperationRequest,
  waitMs = 5_000,
): Promise<OperationOutcome> {
  let wake: () => void = () => undefined;
  const answers = await database.listen(`${channel}_done`, () => wake());
  try {
    const [row] = await database.query<{ id: number }>(insertAction, [
      request.action,
      request.queue,
      request.sequence ?? null,
      request.messageId ?? null,
      request.actor,
      request.reason,
    ]);
    const id = row?.id ?? 0;
    const deadline = systemClock.monotonicMs() + waitMs;
    for (;;) {
      const [state] = await database.query<{
        applied_at: Date | null;
        result: string | null;
        affected: number | null;
      }>(outcomeOf, [id]);
      if (state?.applied_at)
        return { id, state: 'applied', result: state.result ?? '', affected: state.affected ?? 0 };
      const left = deadline - systemClock.monotonicMs();
      if (left <= 0) return { id, state: 'waiting' };
      await new Promise<void>((resolve) => {
        const timer = systemClock.after(Math.min(left, 500), resolve);
        wake = () => {
          timer.cancel();
          resolve();
        };
      });
    }
  } finally {
    await answers.stop();
  }
}

/** What an operation can be applied to. */
export interface Operable {
  status(): ConsumerStatus;
  release(sequence: number): Promise<boolean>;
  skip(sequence: number, detail: string): Promise<boolean>;
  hold(reason: string): Promise<void>;
  unhold(): Promise<void>;
}

interface OperatorOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: AuditPort;
  readonly events: Events<QueueEvents>;
  readonly epoch: () => number;
  readonly consumer: (queue: string) => Operable | undefined;
  /** Whether a consumer is to be expected. */
  readonly isConfigured: (queue: string) => boolean;
  /** Writes the entries of a replay; returns how many. */
  readonly replay: (connection: Queryable, queue: string, messageId: number) => Promise<number>;
  /** Tells the queue's reader of it. */
  readonly replayed: (queue: string) => Promise<void>;
}

/** What an operation came to. */
interface Outcome {
  readonly result: string;
  readonly affected: number;
}

const done = (affected: number): Outcome => ({
  result: affected === 0 ? 'nothing to do: no such entry in that state' : 'done',
  affected,
});

const retryPauseMs = 500;

/** The owner's side: applies what waits, one after the other. What can't be answered now is answered when the database is back. */
export class OperatorDesk {
  readonly #options: OperatorOptions;
  /** Applied, and the answer could not be written yet: not to be applied again. */
  readonly #unanswered = new Map<number, Outcome>();
  /** Queues whose readers have not heard yet of a replay that was committed, or may have been. */
  readonly #replayed = new Set<string>();
  #listening: { stop(): Promise<void> } | undefined;
  #busy: Promise<void> = Promise.resolve();
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#closed = false;
    this.#listening = await this.#options.database.listen(channel, () => this.#applyAll());
    this.#applyAll();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    await this.#listening?.stop();
    await this.#busy;
  }

  /** To be called, too, when consumers were opened: what waited for them can be applied. */
  check(): void {
    this.#applyAll();
  }

  #applyAll(): void {
    this.#busy = this.#busy.then(async () => {
      try {
        for (const row of await this.#options.database.query<ActionRow>(waitingActions))
          await this.#apply(row);
        for (const queue of this.#replayed) {
          await this.#options.replayed(queue);
          this.#replayed.delete(queue);
        }
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'operator actions could not be applied; trying again');
        this.#applyLater();
      }
    });
  }

  #applyLater(): void {
    if (this.#closed || this.#retry) return;
    this.#retry = this.#options.clock.after(retryPauseMs, () => {
      this.#retry = undefined;
      this.#applyAll();
    });
  }

  async #apply(row: ActionRow): Promise<void> {
    const outcome = row.action === 'replay' ? await this.#applyReplay(row) : await this.#applyToConsumer(row);
    if (!outcome) return;
    this.#options.events.emit('operated', {
      action: row.action,
      queue: row.queue,
      actor: row.actor,
      affected: outcome.affected,
    });
  }

  /** Nothing while the consumer is not open yet: then the action waits. */
  async #applyToConsumer(row: ActionRow): Promise<Outcome | undefined> {
    const consumer = this.#options.consumer(row.queue);
    if (!consumer && this.#options.isConfigured(row.queue)) return undefined;
    const outcome = this.#unanswered.get(row.id) ?? (await this.#outcomeOf(row, consumer));
    this.#unanswered.set(row.id, outcome);
    await this.#options.database.transaction((transaction) => this.#answer(transaction, row, outcome));
    this.#unanswered.delete(row.id);
    return outcome;
  }

  async #outcomeOf(row: ActionRow, consumer: Operable | undefined): Promise<Outcome> {
    try {
      if (!consumer) throw new Error(`nothing consumes ${row.queue} at present`);
      return done(await this.#perform(row, consumer));
    } catch (error) {
      if (classifyFailure(error) === 'unavailable') throw error;
      return this.#failed(row, error);
    }
  }

  /** The new entries and the answer in one transaction: asked once, delivered once more. */
  async #applyReplay(row: ActionRow): Promise<Outcome> {
    const { database, replay } = this.#options;
    this.#replayed.add(row.queue);
    try {
      return await database.transaction(async (transaction) => {
        const outcome = done(await replay(transaction, row.queue, row.message_id ?? 0));
        await this.#answer(transaction, row, outcome);
        return outcome;
      });
    } catch (error) {
      if (classifyFailure(error) !== 'rejected') throw error;
      const outcome = this.#failed(row, error);
      await database.transaction((transaction) => this.#answer(transaction, row, outcome));
      return outcome;
    }
  }

  #failed(row: ActionRow, error: unknown): Outcome {
    this.#options.logger.error(
      { err: error, action: row.action, queue: row.queue },
      'an operator action failed',
    );
    return { result: error instanceof Error ? error.message : 'failed', affected: 0 };
  }

  /** Once, however often it is tried, and by the owner only: else the action keeps the answer that it has, or waits for the owner. */
  async #answer(transaction: Transaction, row: ActionRow, { result, affected }: Outcome): Promise<void> {
    const answered = await transaction.query(markApplied, [row.id, result, affected, this.#options.epoch()]);
    if (answered.length === 0) return;
    await this.#options.audit.recordIn(transaction, {
      action: `queue.${row.action}`,
      actor: row.actor,
      target: row.sequence === null ? row.queue : `${row.queue}/${row.sequence}`,
      outcome: result === 'done' ? 'success' : 'failed',
      reason: row.reason,
    });
  }

  async #perform(row: ActionRow, consumer: Operable): Promise<number> {
    if (row.action === 'hold') {
      await consumer.hold(row.reason);
      return 1;
    }
    if (row.action === 'resume') {
      await consumer.unhold();
      return 1;
    }
    const sequences = row.sequence === null ? await this.#stuck(row.queue) : [row.sequence];
    let affected = 0;
    for (const sequence of sequences) {
      const done =
        row.action === 'release'
          ? await consumer.release(sequence)
          : await consumer.skip(sequence, row.reason);
      if (done) affected += 1;
    }
    return affected;
  }

  async #stuck(queue: string): Promise<number[]> {
    return (await this.#options.database.query<{ sequence: number }>(stuckEntries, [queue])).map(
      (row) => row.sequence,
    );
  }
}
