import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { QueueEntry } from '../../queue/index.ts';
import type { FunctionStep, StepDescriptor } from '../authoring/index.ts';
import { parkError } from '../message/errors.ts';
import { isEventMatch, matchesEvent } from '../message/event-match.ts';
import { Message } from '../message/message.ts';
import type { FunctionAddress, FunctionRunner } from '../worker/protocol.ts';
import type { RunStep, StepKind, StepOutcome, StepScope, Work } from './types.ts';

/** A list of steps made ready to run: built-in ones in this thread, functions in neighbouring runs through the runner. */
export interface Stages {
  readonly isEmpty: boolean;
  run(work: readonly Work[], entry: QueueEntry): Promise<StepOutcome>;
}

export interface StageScope extends Omit<StepScope, 'place'> {
  /** `channels.adt` or `channels.adt.to[1]`. */
  readonly place: string;
  readonly target: number | undefined;
}

export interface StageTools {
  readonly kinds: readonly StepKind[];
  readonly functions: FunctionRunner;
}

export function createStages(steps: readonly StepDescriptor[], scope: StageScope, tools: StageTools): Stages {
  const stages = group(steps).map((stage) => ({
    place: `${scope.place}.steps[${stage.from}]`,
    run: stage.functions
      ? functionStage(stage, scope, tools.functions)
      : builtInStage(stage, scope, tools.kinds),
  }));
  return {
    isEmpty: stages.length === 0,
    async run(work, entry) {
      let current = work;
      for (const stage of stages) {
        const outcome = await runStage(stage, current, entry);
        if (outcome.outcome !== 'next') return outcome;
        current = outcome.work;
      }
      return { outcome: 'next', work: current };
    },
  };
}

interface StageRun {
  readonly functions: boolean;
  readonly steps: readonly StepDescriptor[];
  readonly from: number;
}

/** Neighbouring functions become one run, so that a message goes to the worker and back once for all of them. */
function group(steps: readonly StepDescriptor[]): StageRun[] {
  const runs: StageRun[] = [];
  for (const [index, step] of steps.entries()) {
    const functions = needsWorker(step);
    const last = runs.at(-1);
    if (functions && last?.functions) runs[runs.length - 1] = { ...last, steps: [...last.steps, step] };
    else runs.push({ functions, steps: [step], from: index });
  }
  return runs;
}

/** A step that is a function of the configuration; a filter by event alone is not. */
export function needsWorker(step: StepDescriptor): step is FunctionStep {
  return step.kind !== 'built-in' && !(step.kind === 'filter' && isEventMatch(step.run));
}

/** Runs one stage on every part of the message. One part that parks or is held parks or holds the whole: it is one entry. */
async function runStage(
  stage: { place: string; run: RunStep },
  work: readonly Work[],
  entry: QueueEntry,
): Promise<StepOutcome> {
  const next: Work[] = [];
  let filtered: StepOutcome | undefined;
  for (const part of work) {
    const outcome = await attempt(stage, part, entry);
    if (outcome.outcome === 'park' || outcome.outcome === 'hold') return outcome;
    if (outcome.outcome === 'filtered') filtered ??= outcome;
    else next.push(...outcome.work);
  }
  if (next.length > 0) return { outcome: 'next', work: next };
  return filtered ?? { outcome: 'filtered', reason: `${stage.place} gave nothing` };
}

async function attempt(
  stage: { place: string; run: RunStep },
  part: Work,
  entry: QueueEntry,
): Promise<StepOutcome> {
  try {
    return await stage.run(part, entry);
  } catch (thrown) {
    return { outcome: 'park', error: parkError(thrown, stage.place) };
  }
}

function builtInStage(stage: StageRun, scope: StageScope, kinds: readonly StepKind[]): RunStep {
  const [step] = stage.steps;
  const place = `${scope.place}.steps[${stage.from}]`;
  if (step?.kind === 'filter' && isEventMatch(step.run)) {
    const match = step.run;
    return (work) =>
      matchesEvent(match, work.message.type)
        ? { outcome: 'next', work: [work] }
        : { outcome: 'filtered', reason: place };
  }
  const kind =
    step?.kind === 'built-in' ? kinds.find((candidate) => candidate.name === step.name) : undefined;
  if (step?.kind !== 'built-in' || !kind)
    throw new IsthmusError('CONFIG_INVALID', { place, rule: 'a registered step' });
  return kind.create(kind.options.parse(step.options), { ...scope, place });
}

function functionStage(stage: StageRun, scope: StageScope, functions: FunctionRunner): RunStep {
  const address: FunctionAddress = {
    channel: scope.channel,
    target: scope.target,
    part: 'steps',
    from: stage.from,
    to: stage.from + stage.steps.length,
  };
  return async (work) => {
    const outcome = await functions.run(address, work.message.parts());
    if (outcome.outcome === 'filtered') return outcome;
    if (outcome.outcome === 'failed') return { outcome: 'park', error: failedError(outcome) };
    if (outcome.outcome === 'unavailable')
      return { outcome: 'hold', reason: outcome.reason, forMs: unavailablePauseMs };
    return {
      outcome: 'next',
      work: outcome.messages.map((parts) => ({ ...work, message: new Message(parts) })),
    };
  };
}

/** How long a message waits when there is no thread to run its steps in. */
export const unavailablePauseMs = 10_000;

/** The public error of a failed function; its own text stays private as the cause. */
export function failedError(failed: {
  code: IsthmusError['code'];
  place: string;
  rule: string;
  cause: string;
}): IsthmusError {
  const { code, place, rule, cause } = failed;
  return new IsthmusError(code, { place, rule, ...(cause === '' ? {} : { cause: new Error(cause) }) });
}
