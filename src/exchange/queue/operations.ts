import type { AuditPort } from '../../foundation/audit/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import { type Database, sql } from '../../foundation/database/index.ts';
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
  `with done as (update operator_action set applied_at = now(), result = $2, affected = $3 where id = $1 returning id)
   select pg_notify('${channel}_done', id::text) from done`,
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
  readonly logger: Logger;
  readonly audit: AuditPort;
  readonly events: Events<QueueEvents>;
  readonly consumer: (queue: string) => Operable | undefined;
  readonly replay: (queue: string, messageId: number) => Promise<number>;
}

/** The owner's side: applies what waits, one after the other. */
export class OperatorDesk {
  readonly #options: OperatorOptions;
  #listening: { stop(): Promise<void> } | undefined;
  #busy: Promise<void> = Promise.resolve();

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#listening = await this.#options.database.listen(channel, () => this.#applyAll());
    this.#applyAll();
  }

  async close(): Promise<void> {
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
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'operator actions could not be read; they wait');
      }
    });
  }

  async #apply(row: ActionRow): Promise<void> {
    const { database, audit, events, logger } = this.#options;
    let result = 'done';
    let affected = 0;
    try {
      affected = await this.#perform(row);
      if (affected === 0) result = 'nothing to do: no such entry in that state';
    } catch (error) {
      logger.error({ err: error, action: row.action, queue: row.queue }, 'an operator action failed');
      result = error instanceof Error ? error.message : 'failed';
    }
    await audit.record({
      action: `queue.${row.action}`,
      actor: row.actor,
      target: row.sequence === null ? row.queue : `${row.queue}/${row.sequence}`,
      outcome: result === 'done' ? 'success' : 'failed',
      reason: row.reason,
    });
    await database.query(markApplied, [row.id, result, affected]);
    events.emit('operated', { action: row.action, queue: row.queue, actor: row.actor, affected });
  }

  async #perform(row: ActionRow): Promise<number> {
    if (row.action === 'replay') return this.#options.replay(row.queue, row.message_id ?? 0);
    const consumer = this.#options.consumer(row.queue);
    if (!consumer) throw new Error(`nothing consumes ${row.queue} at present`);
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
