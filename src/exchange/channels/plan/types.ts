import type { ZodType } from 'zod';
import type { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Effect, QueueEntry } from '../../queue/index.ts';
import type { Message } from '../message/message.ts';

/** Where a built-in step stands: what it may know of the configuration around it. */
export interface StepScope {
  readonly channel: string;
  /** For errors: `channels.adt.steps[1]`. */
  readonly place: string;
  /** The system the channel's source belongs to. */
  readonly system: string | undefined;
  /** The authority for identifiers without one: the channel's default, else the system's. */
  readonly authority: string | undefined;
}

/** One message on its way through the steps. Immutable: a step returns new work. */
export interface Work {
  readonly message: Message;
  /** What earlier built-in steps found out, by their names. Handed to the record as it is. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** What is to be written in the pipeline's transaction. */
  readonly effects: readonly Effect[];
}

export type StepOutcome =
  /** Goes on with this work: one, or several after a split. */
  | { readonly outcome: 'next'; readonly work: readonly Work[] }
  | { readonly outcome: 'filtered'; readonly reason: string }
  | { readonly outcome: 'park'; readonly error: IsthmusError }
  | { readonly outcome: 'hold'; readonly reason: string; readonly forMs?: number };

/** A step at work. What it throws parks the message with the step's place. */
export type RunStep = (work: Work, entry: QueueEntry) => StepOutcome | Promise<StepOutcome>;

/** A step that the product brings, registered under the name its descriptor carries. */
export interface StepKind<Options = unknown> {
  readonly name: string;
  readonly options: ZodType<Options>;
  /** It always gives new content, so that after it a message may leave its trust group. Default false. */
  readonly renders?: boolean;
  /** What it finds out is used by `record()` alone, so it stands among the steps of a channel that has one. Default false. */
  readonly forRecord?: boolean;
  create(options: Options, scope: StepScope): RunStep;
}

/** What a record effect carries: the handler of kind `record` writes it and notifies the queues named. */
export interface RecordRequest {
  readonly channel: string;
  readonly system: string | undefined;
  readonly authority: string | undefined;
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly type: string;
  /** Of HL7 v2 whose MSH-18 is empty. */
  readonly defaultCharset?: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** The options of `record()`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Outgoing queues that get a notification of each change. */
  readonly notify: readonly string[];
}
