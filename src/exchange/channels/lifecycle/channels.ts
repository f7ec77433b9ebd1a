import { IsthmusError } from '../../../foundation/errors/index.ts';
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
  readonly thread: StepThread | undefined;
  readonly hash: string;
}

/** The thread for the functions of one bundle. A pipeline that stays keeps it; the same bundle never gets a second one. */
interface StepThread {
  readonly host: StepHost;
  readonly hash: string;
}

class ChannelSet implements Channels {
  readonly events: Events<ChannelsEvents>;
  readonly #options: ChannelsOptions;
  readonly #pauses: PauseStore;
  readonly #channels = new Map<string, RunningChannel>();
  #thread: StepThread | undefined;
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
      const before = this.#thread;
      try {
        const report = await this.#change(prepared);
        this.#thread = prepared.thread;
        if (before !== prepared.thread) await before?.host.stop();
        this.events.emit('reloaded', report);
        return report;
      } catch (error) {
        if (before !== prepared.thread) await prepared.thread?.host.stop();
        throw error;
      }
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
    const { kinds, environment } = this.#options;
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
    const thread = await this.#threadFor(resolved, loaded);
    const functions = thread?.host ?? noFunctions;
    const parts = { ...this.#options, events: this.events, reveal, functions };
    return { resolved, parts, thread, hash: loaded.hash };
  }

  async #threadFor(
    resolved: readonly ResolvedChannel[],
    loaded: LoadedConfig,
  ): Promise<StepThread | undefined> {
    if (!resolved.some((channel) => channel.enabled && usesFunctions(channel))) return undefined;
    if (this.#thread?.hash === loaded.hash) return this.#thread;
    const { clock, logger, home, stepWorker } = this.#options;
    const { module, hash } = loaded;
    const longest = longestLimitMs(resolved);
    const limit = longest === undefined ? {} : { longestLimitMs: longest };
    return { host: await createStepHost({ module, home, clock, logger, ...limit, ...stepWorker }), hash };
  }

  #fingerprint(channel: ResolvedChannel, { parts, hash }: Prepared) {
    return fingerprint(channel, hash, (values) => parts.reveal(values as Options));
  }

  // ---- start and stop

  async #startAll(prepared: Prepared): Promise<void> {
    this.#thread = prepared.thread;
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
    await this.#thread?.host.stop();
    this.#thread = undefined;
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
    await Promise.all(changed.map(({ channel, changes }) => stopChanged(channel, changes)));
    await this.#defineOrGoBack(prepared);

    for (const { resolved } of removed) this.#channels.delete(resolved.name);
    const failed: { channel: string; error: IsthmusError }[] = [];
    for (const { channel, resolved, after } of kept) {
      channel.adopt({ resolved, fingerprint: after, parts: prepared.parts });
    }
    for (const resolved of added) {
      const channel = new RunningChannel(resolved, this.#fingerprint(resolved, prepared), prepared.parts);
      this.#channels.set(resolved.name, channel);
    }
    for (const [channel, running] of this.#channels) {
      for (const error of await running.startMissing()) failed.push({ channel, error });
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

  /** Until the queues are defined nothing is new: when that fails, what was stopped starts again as it was. */
  async #defineOrGoBack(prepared: Prepared): Promise<void> {
    try {
      await this.#define(prepared);
    } catch (error) {
      for (const channel of this.#channels.values()) await channel.startMissing();
      throw error;
    }
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

/** A configuration without functions has no thread; a planner that asks all the same is a defect of ours. */
const noFunctions = {
  run: () => Promise.resolve({ outcome: 'unavailable', reason: 'no step worker' } as const),
};
