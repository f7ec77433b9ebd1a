import type {
  Deliver,
  DeliveryResult,
  Plan,
  Planner,
  QueueEntry,
  Release,
} from '../../../src/exchange/queue/index.ts';
import { IsthmusError } from '../../../src/foundation/errors/index.ts';
import { delivered, erred, refused, unanswered, unreachable } from '../support.ts';
import { type Attempt, type History, type Logical, placeName } from './history.ts';
import { type Destination, type DestinationName, queuesOf } from './house.ts';
import type { Answer } from './script.ts';

/** The planners, release decisions and receivers of a script. They do as the messages say and note everything. */

const results: Readonly<Record<Answer, DeliveryResult>> = {
  delivered,
  slow: delivered,
  error: erred,
  away: unreachable,
  lost: unanswered,
  taken: unanswered,
  refused,
};
const arrives: ReadonlySet<Answer> = new Set<Answer>(['delivered', 'slow', 'taken']);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** Lets what waits go on, all at once. */
class Gate {
  #open = false;
  #waiting: (() => void)[] = [];

  pass(): Promise<void> {
    return this.#open ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets go who waits now. */
  letGo(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  set open(open: boolean) {
    this.#open = open;
    if (open) this.letGo();
  }
}

export interface Life {
  isDead(): boolean;
  /** Outgoing queues that are configured in this life. */
  readonly current: ReadonlySet<DestinationName>;
}

export class Actors {
  readonly gate = new Gate();
  /** All troubles are over. */
  mended = false;
  readonly #history: History;
  readonly #planned = new Map<string, number>();
  readonly #asked = new Map<string, number>();

  constructor(history: History) {
    this.#history = history;
  }

  /** This message's planner has no trouble any more. */
  mend(message: string): void {
    this.#planned.set(message, Number.POSITIVE_INFINITY);
  }

  planner(life: Life): Planner {
    return (entry) => {
      const message = this.#messageOf(entry);
      const plan = this.#plan(message, life);
      if (!life.isDead())
        this.#history.plannings.push({
          message: message.id,
          queue: entry.queue,
          sequence: entry.sequence,
          at: this.#history.tick(),
          answer: plan instanceof Error ? 'park' : plan.outcome === 'filtered' ? 'filter' : plan.outcome,
          current: queuesOf(life.current),
        });
      if (plan instanceof Error) throw plan;
      return plan;
    };
  }

  #plan(message: Logical, life: Life): Plan | Error {
    const { kind, times, without } = message.script.plan;
    const calls = (this.#planned.get(message.id) ?? 0) + 1;
    this.#planned.set(message.id, calls);
    const troubled = !this.mended && calls <= times;
    if (kind === 'filter') return { outcome: 'filtered', reason: 'not wanted' };
    if (kind === 'throw' && troubled) return new Error('a step stumbled');
    if (kind === 'park' && troubled)
      return { outcome: 'park', error: new IsthmusError('STEP_FAILED', { place: 'the model' }) };
    if (kind === 'hold' && troubled) return { outcome: 'hold', reason: 'overlay' };
    if (kind === 'holdFor' && troubled) return { outcome: 'hold', reason: 'overlay', forMs: 10 };
    const wanted = new Set([...life.current].filter((name) => !without.includes(name)));
    const outgoing = queuesOf(wanted, message.channel).flatMap((queue) =>
      kind === 'split'
        ? parts.map((part) => ({ queue, content: Buffer.from(partOf(message, part)), label: part }))
        : [{ queue }],
    );
    return { outcome: 'go', outgoing, effects: [] };
  }

  release(destination: Destination, life: Life): Release {
    return (entry) => {
      const message = this.#messageOf(entry);
      const asked = (this.#asked.get(entry.idempotencyKey) ?? 0) + 1;
      this.#asked.set(entry.idempotencyKey, asked);
      if (message.script.release === 'throw' && asked === 1 && !this.mended) throw new Error('no look-up');
      if (message.script.release === 'withhold') {
        if (!life.isDead())
          this.#history.withheld.push({
            queue: destination.queue,
            sequence: entry.sequence,
            at: this.#history.tick(),
          });
        return { decision: 'withhold', reason: 'no consent' };
      }
      return { decision: 'send', content: Buffer.from(rendered(text(entry.content))) };
    };
  }

  receiver(destination: Destination, life: Life): Deliver {
    return async (entry) => {
      if (life.isDead()) return new Promise(() => undefined);
      const message = this.#messageOf(entry);
      const answer = this.#answer(message, destination, entry);
      const attempt: Attempt = {
        queue: destination.queue,
        sequence: entry.sequence,
        message: message.id,
        messageId: entry.messageId,
        label: entry.label,
        idempotencyKey: entry.idempotencyKey,
        keys: [...entry.keys],
        content: text(entry.content),
        at: this.#history.tick(),
        endedAt: Number.POSITIVE_INFINITY,
        answer: undefined,
        received: false,
      };
      this.#history.attempts.push(attempt);
      await (answer === 'slow' ? this.gate.pass() : new Promise((resolve) => setImmediate(resolve)));
      // The process died meanwhile: what was in flight then has been noted as ended.
      if (attempt.endedAt < Number.POSITIVE_INFINITY) return new Promise(() => undefined);
      attempt.endedAt = this.#history.tick();
      attempt.answer = answer;
      attempt.received = arrives.has(answer);
      return results[answer];
    };
  }

  #answer(message: Logical, destination: Destination, entry: QueueEntry): Answer {
    if (this.mended) return 'delivered';
    const before = this.#history.attempts.filter((item) => placeName(item) === placeName(entry));
    const trouble = message.script.troubles.find((item) => item.at === destination.name);
    return trouble?.answers[before.length] ?? 'delivered';
  }

  #messageOf(entry: QueueEntry): Logical {
    const message = this.#history.messages.get(entry.correlationId);
    if (!message) throw new Error(`${entry.queue}#${entry.sequence} was never offered`);
    return message;
  }
}

export const parts: readonly string[] = ['one', 'two'];
export const partOf = (message: Logical, part: string): string => `${message.body}/${part}`;
export const rendered = (content: string): string => `<${content}>`;
