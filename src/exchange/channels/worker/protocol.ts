import type { ErrorCode } from '../../../foundation/errors/index.ts';
import type { MessageParts } from '../message/message.ts';

/** Which functions of the configuration are to run: a run of neighbouring steps, or the condition of a target. */
export interface FunctionAddress {
  readonly channel: string;
  /** Index in `to`; undefined for the channel's own steps. */
  readonly target: number | undefined;
  readonly part: 'steps' | 'only';
  /** First step, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

export type FunctionOutcome =
  | { readonly outcome: 'next'; readonly messages: readonly MessageParts[] }
  | { readonly outcome: 'filtered'; readonly reason: string }
  /** `place` and `rule` are public. `cause` is the error's own text: private, it may carry patient data. */
  | {
      readonly outcome: 'failed';
      readonly code: ErrorCode;
      readonly place: string;
      readonly rule: string;
      readonly cause: string;
    }
  /** Not the message's fault: there was no thread to run it in. */
  | { readonly outcome: 'unavailable'; readonly reason: string };

/** Runs functions of the configuration somewhere. Never throws for what a function does. */
export interface FunctionRunner {
  run(address: FunctionAddress, message: MessageParts): Promise<FunctionOutcome>;
}

export interface StepRequest {
  readonly id: number;
  readonly address: FunctionAddress;
  readonly message: MessageParts;
}
export interface StepAnswer {
  readonly id: number;
  readonly outcome: FunctionOutcome;
}
/** Owner to worker: what to run now. `alone`: one at a time, because one of them hung the worker before. */
export interface StepBatch {
  readonly requests: readonly StepRequest[];
  readonly alone: boolean;
}
/** Worker to owner. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answers'; readonly answers: readonly StepAnswer[] };

export interface WorkerStart {
  readonly module: string;
  /** Int32 × 4, see `beatIndex` and its neighbours. */
  readonly pulse: SharedArrayBuffer;
}

/** Rises while the worker lives and at every step it begins. */
export const beatIndex = 0;
/** The request whose function runs right now without having waited for anything; 0 when none. */
export const runningIndex = 1;
/** The limit of that function, in ms. */
export const limitIndex = 2;
/** Which step it is, as it stands in the configuration. */
export const stepIndex = 3;
export const pulseBytes = 4 * Int32Array.BYTES_PER_ELEMENT;

export const defaultStepTimeoutMs = 5_000;

/** `channels.adt.to[1].steps[2]`: the place that people look for in their configuration. */
export function placeOf(address: FunctionAddress, step: number): string {
  const target = address.target === undefined ? '' : `.to[${address.target}]`;
  return `channels.${address.channel}${target}.${address.part}${address.part === 'only' ? '' : `[${step}]`}`;
}
