import { type Channels, createChannels, type LoadedConfig } from '../../exchange/channels/index.ts';
import type { QueueEngine } from '../../exchange/queue/index.ts';
import { type Clock, pause } from '../../foundation/clock/index.ts';
import { toIsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { NodeState } from '../../operations/status/index.ts';

export interface OwnershipOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The configuration in force; asked for at each takeover. */
  readonly config: () => LoadedConfig;
  /** A queue engine and the channels on it, new for each time this node owns the queues. */
  readonly makeEngine: () => QueueEngine;
  readonly makeChannels: (engine: QueueEngine) => Parameters<typeof createChannels>[0];
  readonly onEngine: (engine: QueueEngine) => void;
  readonly onChannels: (channels: Channels) => void;
  readonly onState: (state: NodeState, reason?: string) => void;
}

/** How long a node that owned the queues but could not open its channels leaves them to others. */
const retryMs = 5_000;

/**
 * Owner or standby, over and over: waits for the lease, runs the channels while it holds, stands back when it is lost. A node never
 * opens a source without owning the queues.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #stopping = new AbortController();
  #channels: Channels | undefined;
  #running: Promise<void> | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** The channels while this node owns the queues. */
  get channels(): Channels | undefined {
    return this.#channels;
  }

  /** Resolves when the channels run, or when this node stands by. Throws what kept the channels from starting the first time. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#run({ resolve, reject });
    });
  }

  /** Lets what is in hand finish and gives the lease up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(first: { resolve: () => void; reject: (error: unknown) => void }): Promise<void> {
    const { clock, logger, onState } = this.#options;
    let hasRun = false;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#turn(() => {
          hasRun = true;
          first.resolve();
        });
      } catch (error) {
        if (!hasRun) return first.reject(error);
        onState('standby', toIsthmusError(error).code);
        logger.error(
          { error },
          'the channels could not be opened; another node may, or this one again shortly',
        );
        await pause(clock, retryMs, this.#stopping.signal);
      }
    }
    first.resolve();
  }

  /** From the wait for the lease to its end. */
  async #turn(settled: () => void): Promise<void> {
    const { makeEngine, makeChannels, onEngine, onChannels, onState, config } = this.#options;
    const { signal } = this.#stopping;
    const engine = makeEngine();
    const lost = new AbortController();
    engine.events.on('lease', ({ state }) => {
      if (state === 'lost') lost.abort();
      if (state !== 'standby') return;
      onState('standby');
      settled();
    });
    onEngine(engine);
    if (!(await engine.start(signal))) return engine.stop();
    const channels = createChannels(makeChannels(engine));
    onChannels(channels);
    try {
      await channels.start(config());
      this.#channels = channels;
      onState('owner');
      settled();
      await aborted(AbortSignal.any([signal, lost.signal]));
      onState(
        signal.aborted ? 'stopping' : 'standby',
        lost.signal.aborted ? 'the lease was lost' : undefined,
      );
    } finally {
      this.#channels = undefined;
      await channels.stop();
      await engine.stop();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
