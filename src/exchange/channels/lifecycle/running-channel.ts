import { IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import type { Events } from '../../../foundation/events/index.ts';
import type {
  Accept,
  ConnectionStatus,
  ConnectorContext,
  Destination,
  Source,
} from '../../connectors/index.ts';
import type { Consumer, Deliver } from '../../queue/index.ts';
import type { Options } from '../authoring/index.ts';
import { createAccept } from '../intake/accept.ts';
import { createReplies, type Replies } from '../intake/reply.ts';
import { createPlanner } from '../plan/planner.ts';
import type { FunctionRunner } from '../worker/protocol.ts';
import type { Changes } from './changes.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { ResolvedChannel, ResolvedDestination } from './resolve.ts';
import type { ChannelStatus, ChannelsEvents, ChannelsOptions } from './types.ts';

/** What a channel needs of those around it. */
export interface ChannelParts extends ChannelsOptions {
  readonly events: Events<ChannelsEvents>;
  /** Options with the secrets' values in their places. */
  readonly reveal: (options: Options) => Record<string, unknown>;
  readonly functions: FunctionRunner;
}

interface Leg {
  readonly resolved: ResolvedDestination;
  readonly destination: Destination;
  readonly consumer: Consumer;
}

/** One channel at work: a source, a pipeline, and a leg for each destination. Each part can be replaced without the others. */
export class RunningChannel {
  resolved: ResolvedChannel;
  fingerprint: Fingerprint;
  #failure: IsthmusError | undefined;
  #parts: ChannelParts;
  #source: Source | undefined;
  #pipeline: Consumer | undefined;
  readonly #legs = new Map<string, Leg>();
  #replies: Replies | undefined;
  #accept: Accept | undefined;
  #paused: string | undefined;

  constructor(resolved: ResolvedChannel, fingerprint: Fingerprint, parts: ChannelParts) {
    this.resolved = resolved;
    this.fingerprint = fingerprint;
    this.#parts = parts;
  }

  /** From now on parts are made from this; those that run stay until they are stopped. */
  adopt(next: { resolved: ResolvedChannel; fingerprint: Fingerprint; parts: ChannelParts }): void {
    this.resolved = next.resolved;
    this.fingerprint = next.fingerprint;
    this.#parts = next.parts;
  }

  /** Why it is paused; undefined when it is not. */
  get pausedFor(): string | undefined {
    return this.#paused;
  }

  /** Parts that should run and do not, because they could not be started. */
  missing(): Changes {
    const { enabled, destinations } = this.resolved;
    if (!enabled) return { source: false, pipeline: false, stopped: [], started: [] };
    const started = destinations.map(({ name }) => name).filter((name) => !this.#legs.has(name));
    return { source: !this.#source, pipeline: !this.#pipeline, stopped: [], started };
  }

  /** Starts every part that should run and does not; one that fails does not keep the others from starting. Returns what failed. */
  async startMissing(): Promise<IsthmusError[]> {
    const { started, pipeline, source } = this.missing();
    const missing = this.resolved.destinations.filter(({ name }) => started.includes(name));
    const failures: IsthmusError[] = [];
    const parts = [
      ...missing.map((destination) => () => this.startDestination(destination)),
      ...(pipeline ? [() => this.startPipeline()] : []),
      ...(source ? [() => this.startSource()] : []),
    ];
    for (const start of parts) {
      try {
        await start();
      } catch (thrown) {
        failures.push(toIsthmusError(thrown));
      }
    }
    this.#failure = failures[0];
    return failures;
  }

  // ---- the parts, in the order in which they start

  async startDestination(resolved: ResolvedDestination): Promise<void> {
    const { engine, kinds, release, reveal } = this.#parts;
    const kind = kinds.destinations.find((candidate) => candidate.kind === resolved.kind);
    if (!kind)
      throw new IsthmusError('CONFIG_INVALID', {
        place: resolved.place,
        rule: `no destination kind ${resolved.kind}`,
      });
    const context = this.#context(resolved.name, resolved.system);
    const destination = kind.create(kind.options.parse(reveal(resolved.options)), context);
    await destination.start();
    const { name, queue, system, send } = resolved;
    const decide = release?.({ channel: this.resolved.name, name, queue, kind: resolved.kind, system, send });
    const consumer = await engine.deliver(this.resolved.name, name, {
      deliver: deliverTo(destination),
      lanes: resolved.order === 'strict' ? 1 : destination.lanes,
      commit: resolved.commit,
      ...(decide ? { release: decide } : {}),
      ...retryOptions(resolved),
    });
    this.#legs.set(name, { resolved, destination, consumer });
  }

  async startPipeline(): Promise<void> {
    const { engine, kinds, effects, functions, keysOf, clock, events } = this.#parts;
    const { resolved } = this;
    const planner = createPlanner(resolved, { kinds: kinds.steps, functions });
    this.#replies?.stop();
    const target = resolved.destinations.find((destination) => destination.name === resolved.reply?.from);
    this.#replies =
      resolved.reply && target
        ? createReplies({
            events: engine.events,
            queue: target.queue,
            withinMs: resolved.reply.withinMs,
            clock,
          })
        : undefined;
    const replies = this.#replies;
    this.#accept = createAccept(resolved, {
      keysOf,
      intake: (draft) => engine.intake(resolved.name).accept(draft),
      refusal: () => this.#refusal(),
      onAccepted: (draft, message) => events.emit('accepted', { channel: resolved.name, draft, message }),
      ...(replies ? { reply: (correlationId: string) => replies.wait(correlationId) } : {}),
    });
    this.#pipeline = await engine.plan(resolved.name, { planner, ...(effects ? { effects } : {}) });
  }

  /** Opens the channel to its peers. A paused channel's source is bound, but takes nothing. */
  async startSource(): Promise<void> {
    const { kinds, reveal } = this.#parts;
    const { source } = this.resolved;
    const kind = kinds.sources.find((candidate) => candidate.kind === source.kind);
    if (!kind)
      throw new IsthmusError('CONFIG_INVALID', {
        place: source.place,
        rule: `no source kind ${source.kind}`,
      });
    const started = kind.create(
      kind.options.parse(reveal(source.options)),
      this.#context('from', source.system),
    );
    await started.start((received) => (this.#accept ? this.#accept(received) : this.#notReady()));
    this.#source = started;
    if (this.#paused !== undefined) started.pause();
  }

  async stopSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    this.#replies?.release();
    await source?.stop();
  }

  async stopPipeline(): Promise<void> {
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    await pipeline?.stop();
  }

  async stopDestination(name: string): Promise<void> {
    const leg = this.#legs.get(name);
    if (!leg) return;
    this.#legs.delete(name);
    await leg.consumer.stop();
    await leg.destination.stop();
  }

  async stop(): Promise<void> {
    await this.stopSource();
    await this.stopPipeline();
    await Promise.all([...this.#legs.keys()].map((name) => this.stopDestination(name)));
    this.#replies?.stop();
    this.#replies = undefined;
  }

  // ---- pause

  pause(reason: string): void {
    this.#paused = reason;
    this.#source?.pause();
  }

  resume(): void {
    this.#paused = undefined;
    this.#source?.resume();
  }

  #refusal(): IsthmusError | undefined {
    return this.#paused === undefined
      ? undefined
      : new IsthmusError('CHANNEL_PAUSED', { place: this.resolved.place });
  }

  #notReady() {
    const error = new IsthmusError('CHANNEL_PAUSED', {
      place: this.resolved.place,
      rule: 'the channel is starting',
    });
    return Promise.resolve({ outcome: 'refused', error, retry: true } as const);
  }

  // ---- what is seen of it

  status(): ChannelStatus {
    const { name, source } = this.resolved;
    const reason = this.#failure?.message ?? this.#paused;
    const source_ = this.#source?.status();
    const pipeline = this.#pipeline?.status();
    return {
      channel: name,
      state: this.#state(),
      system: source.system,
      ...(reason === undefined ? {} : { reason }),
      ...(source_ ? { source: source_ } : {}),
      ...(pipeline ? { pipeline } : {}),
      destinations: [...this.#legs.values()].map(({ resolved, destination, consumer }) => ({
        name: resolved.name,
        queue: resolved.queue,
        system: resolved.system,
        connection: destination.status(),
        consumer: consumer.status(),
      })),
    };
  }

  #state(): ChannelStatus['state'] {
    if (!this.resolved.enabled) return 'disabled';
    if (this.#failure) return 'failed';
    if (this.#paused !== undefined) return 'paused';
    return this.#source ? 'running' : 'stopped';
  }

  #context(name: string, system: string | undefined): ConnectorContext {
    const { clock, logger, http, events } = this.#parts;
    const channel = this.resolved.name;
    return {
      name: `${channel}.${name}`,
      clock,
      logger: logger.child({ channel, connection: name }),
      onStatus: (status: ConnectionStatus) => events.emit('connection', { channel, name, system, status }),
      ...(http ? { http } : {}),
    };
  }
}

const deliverTo =
  (destination: Destination): Deliver =>
  (entry, signal) => {
    const { idempotencyKey, content, contentType, type, attempt, correlationId, label } = entry;
    return destination.deliver(
      { idempotencyKey, content, contentType, type, attempt, correlationId, label },
      signal,
    );
  };

const defaultFirstMs = 200;
const defaultMostMs = 30_000;

function retryOptions({ retry }: ResolvedDestination) {
  if (!retry) return {};
  const firstMs = retry.firstMs ?? Math.min(defaultFirstMs, retry.maxMs ?? defaultFirstMs);
  const mostMs = retry.maxMs ?? Math.max(defaultMostMs, firstMs);
  return {
    backoff: { firstMs, mostMs },
    ...(retry.answerErrorTries === undefined ? {} : { entryTries: retry.answerErrorTries }),
  };
}
