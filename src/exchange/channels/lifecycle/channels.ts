import { IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import { createEvents, type Events } from '../../../foundation/events/index.ts';
import type { Options } from '../authoring/index.ts';
import type { Config } from '../authoring/types.ts';
import { checkConfig, formatMistakes } from '../check/check-config.ts';
import { folderOf, type LoadedConfig } from '../load/load-config.ts';
import { withSecrets } from '../load/secrets.ts';
import { createStepHost } from '../worker/create-step-host.ts';
import type { StepHost } from '../worker/step-host.ts';
import { type Changes, changesBetween, describeChanges, isEmpty, joined } from './changes.ts';
import { fingerprint, longestLimitMs, usesFunctions } from './fingerprint.ts';
import { type PauseRequest, type PauseStore, pausesInMemory } from './pauses.ts';
import { type ResolvedChannel, resolveChannels } from './resolve.ts';
import { type ChannelParts, RunningChannel } from './running-channel.ts';
import type { ChannelStatus, Channels, ChannelsEvents, ChannelsOptions, ReloadReport } from './types.ts';

/** Brings configurations to life, one after the other (docs/design/channels.md). */
export function createChannels(options: ChannelsOptions): Channels {
  return new ChannelSet(options);
}

/** A configuration made ready: judged, resolved, with the thread for its functions. */
interface Prepared {
  readonly resolved: readonly ResolvedChannel[];
  readonly parts: ChannelParts;
  readonly host: StepHost | undefined;
  readonly hash: string;
}

class ChannelSet implements Channels {
  readonly events: Events<ChannelsEvents>;
  readonly #options: ChannelsOptions;
  readonly #pauses: PauseStore;
  readonly #channels = new Map<string, RunningChannel>();
  #host: StepHost | undefined;
  #watch: { stop(): Promise<void> } | undefined;
  /** One change at a time: start, reload and stop follow each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ChannelsOptions) {
    this.#options = options;
    this.#pauses = options.pauses ?? pausesInMemory();
    this.events = createEvents<ChannelsEvents>((error) =>
      options.logger.error({ err: error }, 'an observer of the channels failed'),
    );
  }

  start(loaded: LoadedConfig): Promise<void> {
    return this.#inTurn(async () => {
      const prepared = await this.#prepare(loaded);
      try {
        await this.#startAll(prepared);
      } catch (error) {
        await this.#stopAll();
        throw error;
      }
    });
  }

  reload(loaded: LoadedConfig): Promise<ReloadReport> {
    return this.#inTurn(async () => {
      const prepared = await this.#prepare(loaded);
      const before = this.#host;
      this.#host = prepared.host;
      const report = await this.#change(prepared);
      await before?.stop();
      this.events.emit('reloaded', report);
      return report;
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stopAll());
  }

  async pause(request: PauseRequest): Promise<void> {
    this.#find(request.channel);
    await this.#pauses.pause(request);
    await this.#applyPauses();
  }

  async resume(request: PauseRequest): Promise<void> {
    this.#find(request.channel);
    await this.#pauses.resume(request);
    await this.#applyPauses();
  }

  status(): ChannelStatus[] {
    return [...this.#channels.values()].map((channel) => channel.status());
  }

  #find(name: string): RunningChannel {
    const channel = this.#channels.get(name);
    if (!channel) throw new IsthmusError('CHANNEL_UNKNOWN', { place: name });
    return channel;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  // ---- from a loaded module to what can be started

  async #prepare(loaded: LoadedConfig): Promise<Prepared> {
    const { kinds, environment, clock, logger, home, stepWorker } = this.#options;
    const folder = folderOf(loaded);
    const mistakes = checkConfig(loaded.config, { kinds, environment, folder });
    if (mistakes.length > 0) {
      this.events.emit('refused', { mistakes });
      throw new IsthmusError('CONFIG_INVALID', {
        place: loaded.path,
        rule: formatMistakes(mistakes).join('; '),
      });
    }
    const resolved = resolveChannels(loaded.config as Config);
    const reveal = (values: Options) => withSecrets(values, { environment, folder }, () => undefined);
    let host: StepHost | undefined;
    if (resolved.some((channel) => channel.enabled && usesFunctions(channel))) {
      const longest = longestLimitMs(resolved);
      host = await createStepHost({
        home,
        module: loaded.module,
        clock,
        logger,
        ...(longest === undefined ? {} : { longestLimitMs: longest }),
        ...stepWorker,
      });
    }
    const parts = { ...this.#options, events: this.events, reveal, functions: host ?? noFunctions };
    return { resolved, parts, host, hash: loaded.hash };
  }

  #fingerprint(channel: ResolvedChannel, { parts, hash }: Prepared) {
    return fingerprint(channel, hash, (values) => parts.reveal(values as Options));
  }

  // ---- start and stop

  async #startAll(prepared: Prepared): Promise<void> {
    this.#host = prepared.host;
    await this.#define(prepared);
    for (const resolved of prepared.resolved) {
      this.#channels.set(
        resolved.name,
        new RunningChannel(resolved, this.#fingerprint(resolved, prepared), prepared.parts),
      );
    }
    this.#watch = await this.#pauses.watch(() => void this.#applyPausesQuietly());
    await this.#applyPauses();
    const enabled = [...this.#channels.values()].filter((channel) => channel.resolved.enabled);
    for (const channel of enabled) {
      for (const destination of channel.resolved.destinations) await channel.startDestination(destination);
      await channel.startPipeline();
    }
    for (const channel of enabled) await channel.startSource();
  }

  #define({ resolved }: Prepared): Promise<void> {
    return this.#options.engine.define(
      resolved.map(({ name, order, destinations }) => ({
        channel: name,
        order,
        destinations: destinations.map((destination) => ({
          name: destination.name,
          order: destination.order,
        })),
      })),
    );
  }

  async #stopAll(): Promise<void> {
    await this.#watch?.stop();
    this.#watch = undefined;
    const channels = [...this.#channels.values()];
    await Promise.all(channels.map((channel) => channel.stopSource()));
    await Promise.all(channels.map((channel) => channel.stop()));
    this.#channels.clear();
    await this.#host?.stop();
    this.#host = undefined;
  }

  // ---- reload

  async #change(prepared: Prepared): Promise<ReloadReport> {
    const next = new Map(prepared.resolved.map((resolved) => [resolved.name, resolved]));
    const removed = [...this.#channels.values()].filter((channel) => !next.has(channel.resolved.name));
    const added = prepared.resolved.filter(({ name }) => !this.#channels.has(name));
    const kept = prepared.resolved.flatMap((resolved) => {
      const channel = this.#channels.get(resolved.name);
      if (!channel) return [];
      const after = this.#fingerprint(resolved, prepared);
      const changes = joined(changesBetween(channel.fingerprint, after), channel.missing(), after);
      return [{ channel, resolved, after, changes }];
    });
    const changed = kept.filter(({ changes }) => !isEmpty(changes));

    await Promise.all(removed.map((channel) => channel.stop()));
    for (const { resolved } of removed) this.#channels.delete(resolved.name);
    await Promise.all(changed.map(({ channel, changes }) => stopChanged(channel, changes)));
    await this.#define(prepared);

    const failed: { channel: string; error: IsthmusError }[] = [];
    const attempt = async (channel: string, work: () => Promise<void>) => {
      try {
        await work();
      } catch (thrown) {
        failed.push({ channel, error: toIsthmusError(thrown) });
      }
    };
    for (const { channel, resolved, after, changes } of kept) {
      const { started, pipeline, source } = changes;
      channel.adopt({ resolved, fingerprint: after, parts: prepared.parts });
      await attempt(resolved.name, () => startParts(channel, { started, pipeline, source }));
    }
    for (const resolved of added) {
      const channel = new RunningChannel(resolved, this.#fingerprint(resolved, prepared), prepared.parts);
      this.#channels.set(resolved.name, channel);
      const started = resolved.destinations.map(({ name }) => name);
      await attempt(resolved.name, () => startParts(channel, { started, pipeline: true, source: true }));
    }
    await this.#applyPauses();
    return {
      added: added.map(({ name }) => name),
      removed: removed.map(({ resolved }) => resolved.name),
      changed: changed.map(({ resolved, changes }) => ({
        channel: resolved.name,
        parts: describeChanges(changes),
      })),
      unchanged: kept.filter(({ changes }) => isEmpty(changes)).map(({ resolved }) => resolved.name),
      failed,
    };
  }

  // ---- pauses

  /** Brings every channel to what the store says, whoever wrote it there. */
  async #applyPauses(): Promise<void> {
    const pauses = await this.#pauses.all();
    for (const [name, channel] of this.#channels) {
      const reason = pauses.get(name);
      if (reason === channel.pausedFor) continue;
      if (reason === undefined) {
        channel.resume();
        this.events.emit('resumed', { channel: name });
      } else {
        channel.pause(reason);
        this.events.emit('paused', { channel: name, reason });
      }
    }
  }

  async #applyPausesQuietly(): Promise<void> {
    try {
      await this.#applyPauses();
    } catch (error) {
      this.#options.logger.warn(
        { err: error },
        'the pauses could not be read; they are read again at the next change',
      );
    }
  }
}

/** Sources first: what they have accepted is then planned by the pipeline that comes next. */
async function stopChanged(channel: RunningChannel, changes: Changes): Promise<void> {
  if (changes.source) await channel.stopSource();
  if (changes.pipeline) await channel.stopPipeline();
  await Promise.all(changes.stopped.map((name) => channel.stopDestination(name)));
}

async function startParts(
  channel: RunningChannel,
  parts: { started: readonly string[]; pipeline: boolean; source: boolean },
): Promise<void> {
  const { resolved } = channel;
  if (!resolved.enabled) return;
  for (const destination of resolved.destinations) {
    if (parts.started.includes(destination.name)) await channel.startDestination(destination);
  }
  if (parts.pipeline) await channel.startPipeline();
  if (parts.source) await channel.startSource();
}

/** A configuration without functions has no thread; a planner that asks all the same is a defect of ours. */
const noFunctions = {
  run: () => Promise.resolve({ outcome: 'unavailable', reason: 'no step worker' } as const),
};
