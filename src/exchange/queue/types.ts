import type { Transaction } from '../../foundation/database/index.ts';
import type { ErrorCode, IsthmusError } from '../../foundation/errors/index.ts';

/** The vocabulary of the queue, as in docs/design/queue.md. The same words name the SQL, the events and the command line. */

export type Leg = 'intake' | 'outgoing';
export type Order = 'strict' | 'key';

/** What a source declares for a control id that comes again with other content. */
export type ReusePolicy = 'refuse' | 'accept' | 'alarm';

export interface QueueDefinition {
  /** `adt` for the intake of channel adt, `adt>televisit` for its destination televisit. */
  readonly name: string;
  readonly leg: Leg;
  readonly channel: string;
  readonly order: Order;
}

/** A message as a source hands it over. */
export interface MessageDraft {
  readonly body: Uint8Array;
  /** `application/hl7-v2` | `application/json` | `application/fhir+json` | `text/plain` … */
  readonly contentType: string;
  /** `ADT^A08`, or what the channel calls its kind. Empty when unknown. */
  readonly type: string;
  /** Who sent it, for the duplicate rule: MSH-3 + MSH-4, or the name of the client. */
  readonly sender: string;
  /** MSH-10 or the sender's idempotency key; undefined when the sender gives none. */
  readonly controlId?: string;
  /** Ordering keys, one or more; two for a merge. */
  readonly keys: readonly string[];
  /** Ties everything that follows from this message together. */
  readonly correlationId: string;
  readonly reuse: ReusePolicy;
}

export interface AcceptedMessage {
  readonly messageId: number;
  /** Place in the intake queue. */
  readonly sequence: number;
  readonly receivedAt: Date;
  /** True when the same message was accepted before: same sender, control id and content. */
  readonly duplicate: boolean;
}

/** One message's place in a queue. */
export interface QueueEntry {
  readonly queue: string;
  readonly sequence: number;
  readonly messageId: number;
  readonly keys: readonly string[];
  /** What is to be handled: the entry's own content, or else the body of the message. */
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly type: string;
  readonly correlationId: string;
  readonly receivedAt: Date;
  /** Set when the content is the entry's own: says what it is, e.g. `Observation/123`. */
  readonly label: string | undefined;
  /** Stable over every repeat: `<message id>.<queue id>.<n>`-like, opaque. */
  readonly idempotencyKey: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** An entry that the pipeline wants in an outgoing queue. */
export interface OutgoingDraft {
  readonly queue: string;
  /** Own content; without it the message's body goes out byte for byte. */
  readonly content?: Uint8Array;
  readonly contentType?: string;
  /** What the content is, for lists and traces; no patient data. */
  readonly label?: string;
  /** Default: the keys of the intake entry. */
  readonly keys?: readonly string[];
}

/** Something to be written in the pipeline's transaction by an injected handler, e.g. the record. */
export interface Effect {
  readonly kind: string;
  readonly value: unknown;
}

export type Plan =
  | {
      readonly outcome: 'go';
      readonly outgoing: readonly OutgoingDraft[];
      readonly effects: readonly Effect[];
    }
  | { readonly outcome: 'filtered'; readonly reason: string }
  | { readonly outcome: 'park'; readonly error: IsthmusError }
  | { readonly outcome: 'hold'; readonly reason: string; readonly forMs?: number };

export interface EffectHandler {
  readonly kind: string;
  /** Writes the effects of a batch, in order, and returns for each what it adds to the outgoing queues. */
  apply(
    transaction: Transaction,
    batch: readonly { entry: QueueEntry; value: unknown }[],
  ): Promise<OutgoingDraft[][]>;
}

/** Handed to a pipeline consumer: pure of the database, everything it wants is in the plan. */
export type Planner = (entry: QueueEntry) => Plan | Promise<Plan>;

export type FailureClass = 'transient' | 'ambiguous' | 'permanent';

export type DeliveryResult =
  | {
      readonly outcome: 'delivered';
      /** e.g. `AA`, `HTTP 204`. */
      readonly acknowledgment: string;
      /** The receiver's whole answer, kept when a synchronous reply waits for it. */
      readonly response?: Uint8Array;
    }
  | {
      readonly outcome: FailureClass;
      readonly code: ErrorCode;
      /** No patient data. */
      readonly detail: string;
      readonly acknowledgment?: string;
      readonly response?: Uint8Array;
      readonly retryAfterMs?: number;
      /** `destination`: nothing gets through at present; `entry`: this entry only. */
      readonly scope: 'destination' | 'entry';
    };

export type Deliver = (entry: QueueEntry, signal: AbortSignal) => Promise<DeliveryResult>;

/** Asked when an entry is about to leave (DESIGN 5). `content` is the rendering; its hash is pinned before the first attempt. */
export type ReleaseDecision =
  | {
      readonly decision: 'send';
      readonly content?: Uint8Array;
      readonly contentType?: string;
      readonly narrower?: boolean;
    }
  | { readonly decision: 'withhold'; readonly reason: string }
  | { readonly decision: 'fail'; readonly code: ErrorCode; readonly reason: string };

export type Release = (entry: QueueEntry) => Promise<ReleaseDecision> | ReleaseDecision;
