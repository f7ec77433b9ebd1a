import type { AcceptedMessage, OperatorAction } from '../../../src/exchange/queue/index.ts';
import type { ChannelName } from './house.ts';
import type { Answer, MessageScript } from './script.ts';

/**
 * What the test's own senders, planners and receivers saw, append-only and apart from the product's database. `at` counts events: what has
 * the smaller number came first.
 */
export interface History {
  readonly messages: Map<string, Logical>;
  readonly offers: Offer[];
  readonly plannings: Planning[];
  readonly attempts: Attempt[];
  readonly withheld: Withheld[];
  readonly operations: Operation[];
  readonly crashes: number[];
  /** Statements that failed as if the connection broke. */
  readonly failures: number[];
  /** When which event was, in milliseconds, for people only. */
  readonly clock: readonly number[];
  tick(): number;
}

/** A message as its sender knows it: offered once or again, always under the same correlation id. */
export interface Logical {
  readonly id: string;
  readonly channel: ChannelName;
  readonly controlId: string | undefined;
  readonly body: string;
  readonly keys: readonly string[];
  readonly reuse: 'refuse' | 'accept' | 'alarm';
  readonly script: MessageScript;
}

export interface Offer {
  readonly message: string;
  readonly at: number;
  /** Outgoing queues that were configured for the channel. */
  readonly pins: readonly string[];
  answeredAt: number;
  result:
    | { readonly kind: 'accepted'; readonly accepted: AcceptedMessage }
    | { readonly kind: 'refused'; readonly code: string }
    /** No answer, or one that leaves it open. */
    | { readonly kind: 'unknown'; readonly code?: string };
}

interface Planning {
  readonly message: string;
  readonly queue: string;
  readonly sequence: number;
  readonly at: number;
  readonly answer: 'go' | 'filter' | 'park' | 'hold';
  /** Outgoing queues that were configured. */
  readonly current: readonly string[];
}

export interface Attempt {
  readonly queue: string;
  readonly sequence: number;
  readonly message: string;
  readonly messageId: number;
  readonly label: string | undefined;
  readonly idempotencyKey: string;
  readonly keys: readonly string[];
  readonly content: string;
  readonly at: number;
  /** Infinity while in flight. */
  endedAt: number;
  /** What the engine heard; undefined when it heard nothing (in flight, or it died). */
  answer: Answer | undefined;
  received: boolean;
}

interface Withheld {
  readonly queue: string;
  readonly sequence: number;
  readonly at: number;
}

export interface Operation {
  readonly action: OperatorAction;
  readonly queue: string;
  readonly sequence: number | undefined;
  readonly message: string | undefined;
  readonly at: number;
  answeredAt: number;
  /** undefined: not known whether and to how many it was applied. */
  affected: number | undefined;
}

export function newHistory(): History {
  const clock: number[] = [];
  return {
    clock,
    messages: new Map(),
    offers: [],
    plannings: [],
    attempts: [],
    withheld: [],
    operations: [],
    crashes: [],
    failures: [],
    tick: () => clock.push(Math.round(performance.now())),
  };
}

/** A place in a queue. */
export const placeName = ({ queue, sequence }: { queue: string; sequence: number }): string =>
  `${queue}#${sequence}`;

/** The history as lines in order of time, for the report of a failure. */
export function tell(history: History): string {
  const lines: [number, string][] = [];
  const note = (at: number, text: string) => {
    if (Number.isFinite(at)) lines.push([at, text]);
  };
  for (const offer of history.offers) {
    const { keys, channel, controlId } = history.messages.get(offer.message) ?? {};
    note(offer.at, `offer ${offer.message} ${channel} ${controlId ?? '-'} [${keys}] pins ${offer.pins}`);
    note(offer.answeredAt, `  answer ${offer.message} ${JSON.stringify(offer.result)}`);
  }
  for (const item of history.plannings)
    note(item.at, `planned ${item.queue}#${item.sequence} ${item.message} ${item.answer}`);
  for (const item of history.attempts) {
    const name = `${item.queue}#${item.sequence} ${item.message} [${item.keys}] ${item.content}`;
    note(item.at, `send ${name} ${item.idempotencyKey}`);
    note(item.endedAt, `  heard ${name} ${item.answer ?? 'nothing'}${item.received ? ' (received)' : ''}`);
  }
  for (const item of history.withheld) note(item.at, `withheld ${item.queue}#${item.sequence}`);
  for (const item of history.operations) {
    note(item.at, `${item.action} ${item.queue}#${item.sequence ?? '*'} ${item.message ?? ''}`);
    note(item.answeredAt, `  ${item.action} ${item.queue}#${item.sequence ?? '*'} affected ${item.affected}`);
  }
  for (const at of history.crashes) note(at, 'CRASH');
  for (const at of history.failures) note(at, 'a statement fails');
  return lines
    .sort(([a], [b]) => a - b)
    .map(([at, text]) => `${at} +${(history.clock[at - 1] ?? 0) - (history.clock[0] ?? 0)} ms ${text}`)
    .join('\n');
}
