import { type Clock, systemClock } from '../../../foundation/clock/index.ts';
import { IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import { type Logger, silentLogger } from '../../../foundation/logging/index.ts';
import type { Received } from '../../connectors/index.ts';
import type { Planner, QueueEntry } from '../../queue/index.ts';
import type { Config } from '../authoring/index.ts';
import { checkConfig, formatMistakes } from '../check/check-config.ts';
import type { Kinds } from '../check/types.ts';
import { toDraft } from '../intake/accept.ts';
import type { KeysOf } from '../intake/keys.ts';
import { usesFunctions } from '../lifecycle/fingerprint.ts';
import { type ResolvedChannel, resolveChannels } from '../lifecycle/resolve.ts';
import { folderOf, type LoadedConfig } from '../load/load-config.ts';
import { registered } from '../message/errors.ts';
import { createPlanner } from '../plan/planner.ts';
import { createStepHost } from '../worker/create-step-host.ts';
import { runFunctionsHere } from '../worker/run-functions.ts';
import { type ShowEffect, showEffectPlainly, showPlan } from './show-plan.ts';

export interface DryRunOptions {
  readonly kinds: Kinds;
  readonly keysOf: KeysOf;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The data directory, for the step worker. */
  readonly home: string;
  readonly showEffect?: ShowEffect;
  /** Shows what the functions print; for synthetic messages only. Default false. */
  readonly showOutput?: boolean;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A configuration's channels without queues and connections: what would be planned for a message. */
export interface DryRun {
  readonly channels: ReadonlySet<string>;
  /** What a channel would do with a message, as plain values. Throws CHANNEL_UNKNOWN. */
  plan(channel: string, received: Received): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

interface DryChannel {
  readonly resolved: ResolvedChannel;
  readonly planner: Planner;
}

/** Judges the configuration first: throws CONFIG_INVALID with every mistake. A secret that is not set does not matter here. */
export async function createDryRun(loaded: LoadedConfig, options: DryRunOptions): Promise<DryRun> {
  const {
    kinds,
    environment,
    home,
    clock = systemClock,
    logger = silentLogger,
    showEffect = showEffectPlainly,
  } = options;
  const mistakes = checkConfig(loaded.config, { kinds, environment, folder: folderOf(loaded) });
  const serious = mistakes.filter(({ rule }) => !/^the environment variable \w+ is not set$/.test(rule));
  if (serious.length > 0) {
    throw new IsthmusError('CONFIG_INVALID', {
      place: loaded.path,
      rule: formatMistakes(serious).join('; '),
    });
  }
  const resolved = resolveChannels(loaded.config as Config);
  const needsHost = resolved.some(usesFunctions);
  const host = needsHost
    ? await createStepHost({
        module: loaded.module,
        home,
        clock,
        logger,
        showOutput: options.showOutput === true,
      })
    : undefined;
  const functions = host ?? runFunctionsHere(loaded.config as Config);
  const channels = new Map<string, DryChannel>();
  for (const channel of resolved) {
    channels.set(channel.name, {
      resolved: channel,
      planner: createPlanner(channel, { kinds: kinds.steps, functions }),
    });
  }
  return {
    channels: new Set(channels.keys()),
    async plan(name, received) {
      const channel = channels.get(name);
      if (!channel) throw new IsthmusError('CHANNEL_UNKNOWN', { place: name });
      const entry = toEntry(channel.resolved, received, options.keysOf);
      if (entry instanceof IsthmusError) {
        const { code, place, rule } = entry;
        return {
          refused: {
            code,
            ...(place === undefined ? {} : { place }),
            ...(rule === undefined ? {} : { rule }),
          },
        };
      }
      const plan = await channel.planner(entry);
      return { type: entry.type, keys: entry.keys, ...(await showPlan(plan, entry, showEffect)) };
    },
    stop: async () => host?.stop(),
  };
}

/** What the intake would make of it, or the error it would be refused with. */
function toEntry(channel: ResolvedChannel, received: Received, keysOf: KeysOf): QueueEntry | IsthmusError {
  try {
    const draft = toDraft(received, channel, keysOf);
    return {
      queue: channel.name,
      sequence: 1,
      messageId: 1,
      keys: channel.keyRule === 'none' ? [] : draft.keys,
      content: draft.body,
      contentType: draft.contentType,
      type: draft.type,
      correlationId: draft.correlationId,
      receivedAt: new Date(0),
      label: undefined,
      idempotencyKey: 'dry-run',
      attempt: 1,
    };
  } catch (thrown) {
    return toIsthmusError(registered(thrown));
  }
}
