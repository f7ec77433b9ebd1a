import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Effect, OutgoingDraft, Plan, Planner, QueueEntry } from '../../queue/index.ts';
import type { Condition, EventMatch } from '../authoring/index.ts';
import type { ResolvedChannel, ResolvedDestination } from '../lifecycle/resolve.ts';
import { contentKind } from '../message/content-type.ts';
import { parkError } from '../message/errors.ts';
import { isEventMatch, matchesEvent } from '../message/event-match.ts';
import { Message } from '../message/message.ts';
import type { FunctionRunner } from '../worker/protocol.ts';
import { createStages, failedError, type Stages, unavailablePauseMs } from './stages.ts';
import type { RecordRequest, StepKind, Work } from './types.ts';

export interface PlannerTools {
  readonly kinds: readonly StepKind[];
  readonly functions: FunctionRunner;
}

/** Thrown inside a plan to park or hold the whole message. */
class Stop extends Error {
  readonly plan: Plan;
  constructor(plan: Plan) {
    super('stop');
    this.plan = plan;
  }
}

/** A channel's steps and routing as a planner of the queue: one entry in, a plan out, nothing written. Never throws. */
export function createPlanner(channel: ResolvedChannel, tools: PlannerTools): Planner {
  const scope = { channel: channel.name, system: channel.source.system, authority: channel.authority };
  const stages = createStages(channel.steps, { ...scope, place: channel.place, target: undefined }, tools);
  const routes = channel.destinations
    .filter((destination) => destination.send === 'message')
    .map((destination) => ({
      destination,
      stages: createStages(
        destination.steps,
        { ...scope, place: destination.place, target: destination.index },
        tools,
      ),
    }));
  const router = { channel, routes, functions: tools.functions };
  return async (entry) => {
    try {
      const outcome = await stages.run([toWork(entry, channel)], entry);
      if (outcome.outcome !== 'next') return outcome;
      return await route(router, outcome.work, entry);
    } catch (thrown) {
      if (thrown instanceof Stop) return thrown.plan;
      return { outcome: 'park', error: parkError(thrown, channel.place) };
    }
  };
}

function toWork({ content, contentType, type }: QueueEntry, { source }: ResolvedChannel): Work {
  const { defaultCharset } = source;
  const parts = { content, contentType, type, touched: false };
  const message = new Message(defaultCharset === undefined ? parts : { ...parts, defaultCharset });
  return { message, facts: {}, effects: [] };
}

interface Route {
  readonly destination: ResolvedDestination;
  readonly stages: Stages;
}
interface Router {
  readonly channel: ResolvedChannel;
  readonly routes: readonly Route[];
  readonly functions: FunctionRunner;
}

async function route(router: Router, work: readonly Work[], entry: QueueEntry): Promise<Plan> {
  const outgoing: OutgoingDraft[] = [];
  const effects: Effect[] = [];
  for (const part of work) {
    effects.push(...part.effects, ...(await recordEffects(router, part)));
    for (const target of router.routes) {
      if (!(await isWanted(router, target.destination, part.message))) continue;
      outgoing.push(...(await drafts(target, part, entry)));
    }
  }
  if (outgoing.length === 0 && effects.length === 0)
    return { outcome: 'filtered', reason: `${router.channel.place}.to: no destination wants it` };
  return { outcome: 'go', outgoing, effects };
}

async function drafts(
  { destination, stages }: Route,
  part: Work,
  entry: QueueEntry,
): Promise<OutgoingDraft[]> {
  if (stages.isEmpty) return [toDraft(destination, part.message)];
  const outcome = await stages.run([{ ...part, message: part.message.copy() }], entry);
  if (outcome.outcome === 'filtered') return [];
  if (outcome.outcome !== 'next') throw new Stop(outcome);
  return outcome.work.map((work) => toDraft(destination, work.message));
}

/** Untouched content goes out as the message's own bytes, and only within the trust group (DESIGN 5, "Leaving"). */
function toDraft(destination: ResolvedDestination, message: Message): OutgoingDraft {
  if (!message.touched) {
    if (!destination.mayPassRaw && contentKind(message.contentType) === 'hl7') {
      const rule = 'a step must render it for another trust group';
      throw new Stop({
        outcome: 'park',
        error: new IsthmusError('RAW_UNTRUSTED', { place: destination.place, rule }),
      });
    }
    return { queue: destination.queue };
  }
  return {
    queue: destination.queue,
    content: message.bytes,
    contentType: message.contentType,
    ...(message.type === '' ? {} : { label: message.type }),
  };
}

/** One request to the record for each `record()` that wants the message; it names the queues that are told of changes. */
async function recordEffects({ channel, functions }: Router, part: Work): Promise<Effect[]> {
  const { message, facts } = part;
  const effects: Effect[] = [];
  for (const target of channel.records) {
    if (!(await isWanted({ channel, functions }, target, message))) continue;
    const notify: string[] = [];
    for (const destination of channel.destinations) {
      if (destination.send !== 'changes') continue;
      if (await isWanted({ channel, functions }, destination, message)) notify.push(destination.queue);
    }
    const { content, contentType, type, defaultCharset } = message.parts();
    const { system } = channel.source;
    const value: RecordRequest = {
      channel: channel.name,
      system,
      authority: channel.authority,
      content,
      contentType,
      type,
      facts,
      options: target.options,
      notify,
      ...(defaultCharset === undefined ? {} : { defaultCharset }),
    };
    effects.push({ kind: 'record', value });
  }
  return effects;
}

interface Wanting {
  readonly index: number;
  readonly only: EventMatch | Condition | undefined;
}

async function isWanted(
  router: Pick<Router, 'channel' | 'functions'>,
  target: Wanting,
  message: Message,
): Promise<boolean> {
  if (target.only === undefined) return true;
  if (isEventMatch(target.only)) return matchesEvent(target.only, message.type);
  const address = {
    channel: router.channel.name,
    target: target.index,
    part: 'only',
    from: 0,
    to: 1,
  } as const;
  const outcome = await router.functions.run(address, message.parts());
  if (outcome.outcome === 'failed') throw new Stop({ outcome: 'park', error: failedError(outcome) });
  if (outcome.outcome === 'unavailable')
    throw new Stop({ outcome: 'hold', reason: outcome.reason, forMs: unavailablePauseMs });
  return outcome.outcome === 'next';
}
