import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Condition, Config, Content, EventMatch, FunctionStep } from '../authoring/index.ts';
import { parkError, registered } from '../message/errors.ts';
import { isEventMatch, matchesEvent } from '../message/event-match.ts';
import { Message, type MessageParts } from '../message/message.ts';
import { defaultStepTimeoutMs, type FunctionAddress, type FunctionOutcome, placeOf } from './protocol.ts';

/** Told before a function begins and when it has returned, so that the owner can see which one hangs. */
export interface StepWatch {
  begin(limitMs: number, step: number): void;
  end(): void;
}

/** Runs the functions at an address on one message. Never throws: what a function throws comes back as `failed`. */
export async function runFunctions(
  config: Config,
  request: { address: FunctionAddress; message: MessageParts },
  watch: StepWatch,
): Promise<FunctionOutcome> {
  const { address } = request;
  let messages = [new Message(request.message)];
  for (let index = address.from; index < address.to; index++) {
    const place = placeOf(address, index);
    const step = functionAt(config, address, index);
    if (!step)
      return failed({ code: 'STEP_FAILED', place, rule: 'no such step in the loaded configuration' });
    const next: Message[] = [];
    for (const message of messages) {
      const result = await runOne(step, message, { index, watch }).catch((error: unknown) => ({ error }));
      if ('error' in result) return failed(describe(result.error, step, place));
      next.push(...result);
    }
    if (next.length === 0) return { outcome: 'filtered', reason: place };
    messages = next;
  }
  return { outcome: 'next', messages: messages.map((message) => message.parts()) };
}

const unwatched: StepWatch = { begin: () => undefined, end: () => undefined };

/** Runs functions in this thread, without a time limit that could end a hung one. For golden tests and tools, never for traffic. */
export const runFunctionsHere = (config: Config) => ({
  run: (address: FunctionAddress, message: MessageParts) =>
    runFunctions(config, { address, message }, unwatched),
});

function functionAt(config: Config, address: FunctionAddress, index: number): FunctionStep | undefined {
  const channel = config.channels.find((candidate) => candidate.name === address.channel);
  const target = address.target === undefined ? undefined : channel?.to[address.target];
  if (address.part === 'only')
    return target?.only === undefined ? undefined : { kind: 'filter', run: target.only };
  const steps =
    address.target === undefined ? channel?.steps : target?.role === 'destination' ? target.steps : undefined;
  const step = steps?.[index];
  return step === undefined || step.kind === 'built-in' ? undefined : step;
}

async function runOne(
  step: FunctionStep,
  message: Message,
  at: { index: number; watch: StepWatch },
): Promise<Message[]> {
  const limits = { ...at, limitMs: step.timeoutMs ?? defaultStepTimeoutMs };
  if (step.kind === 'filter') return (await passes(step.run, message, limits)) ? [message] : [];
  if (step.kind === 'split') {
    const parts = await limited(() => step.run(message), limits);
    return parts.map((part) => message.copy().with(part));
  }
  const result = await limited(() => step.run(message), limits);
  return [result === undefined ? message : message.with(result as Content)];
}

async function passes(run: Condition | EventMatch, message: Message, limits: Limits): Promise<boolean> {
  if (isEventMatch(run)) return matchesEvent(run, message.type);
  return Boolean(await limited(() => run(message), limits));
}

interface Limits {
  readonly limitMs: number;
  readonly index: number;
  readonly watch: StepWatch;
}

class StepTimeout extends Error {}

/** Calls a function under its limit. What blocks the thread is ended by the owner; what waits too long ends here. */
async function limited<T>(call: () => T | Promise<T>, { limitMs, index, watch }: Limits): Promise<T> {
  watch.begin(limitMs, index);
  let result: T | Promise<T>;
  try {
    result = call();
  } finally {
    watch.end();
  }
  if (!isPromiseLike(result)) return result;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StepTimeout()), limitMs);
  });
  return Promise.race([result, tooLate]).finally(() => clearTimeout(timer));
}

const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

type Failure = Omit<Extract<FunctionOutcome, { outcome: 'failed' }>, 'outcome' | 'cause'> & {
  cause?: string;
};

const failed = (failure: Failure): FunctionOutcome => ({ outcome: 'failed', cause: '', ...failure });

function describe(error: unknown, step: FunctionStep, place: string): Failure {
  if (error instanceof StepTimeout) {
    return { code: 'STEP_TIMEOUT', place, rule: `at most ${step.timeoutMs ?? defaultStepTimeoutMs} ms` };
  }
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const known = registered(error);
  if (known instanceof IsthmusError) {
    const { code, place: at, rule } = parkError(known, place);
    return { code, place: at ?? place, rule: rule ?? '', cause };
  }
  return { code: 'STEP_FAILED', place, rule: `${step.kind} threw ${classOf(error)}`, cause };
}

/** Public: only the class of an error, for its text may carry data of the message. */
function classOf(error: unknown): string {
  const isKnown = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isKnown ? error.name : 'an error';
}
