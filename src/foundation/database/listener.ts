import pg from 'pg';
import { type Clock, type Timer, within } from '../clock/index.ts';
import { IsthmusError } from '../errors/index.ts';
import type { Logger } from '../logging/index.ts';
import { wrapDriverError } from './failure.ts';

interface ListenerOptions {
  readonly config: pg.ClientConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

type OnNotify = (payload: string) => void;

const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;
const PROBE_EVERY_MS = 15_000;
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
const CLOSE_LIMIT_MS = 5_000;

/**
 * One connection for all LISTENs of a database, opened with the first. It is probed, and opened again when it breaks. What was
 * notified in between is lost, so every listener is then called once with an empty payload: "look for yourself".
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #channels = new Map<string, Set<OnNotify>>();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #timer: Timer | undefined;
  #backoffMs = MIN_BACKOFF_MS;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** See Database.listen. */
  async listen(channel: string, onNotify: OnNotify): Promise<{ stop(): Promise<void> }> {
    if (!CHANNEL.test(channel)) {
      throw new IsthmusError('INTERNAL', { place: channel, rule: 'not a name for a database channel' });
    }
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(onNotify));
    try {
      await this.#ensureConnected();
      await this.#client?.query(`LISTEN "${channel}"`);
    } catch (error) {
      await this.#remove(channel, onNotify);
      throw wrapDriverError(error);
    }
    return { stop: () => this.#remove(channel, onNotify) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    const end = async () => {
      await tolerate(this.#connecting);
      const client = this.#client;
      this.#client = undefined;
      await tolerate(client?.end());
    };
    // A server that fell silent never says goodbye; the connection ends with the process.
    await within(this.#options.clock, CLOSE_LIMIT_MS, end());
  }

  async #remove(channel: string, onNotify: OnNotify): Promise<void> {
    const listeners = this.#channels.get(channel);
    listeners?.delete(onNotify);
    if (listeners?.size !== 0) return;
    this.#channels.delete(channel);
    await tolerate(this.#client?.query(`UNLISTEN "${channel}"`));
  }

  #dispatch(channel: string, payload: string): void {
    for (const onNotify of this.#channels.get(channel) ?? []) {
      try {
        onNotify(payload);
      } catch (error) {
        this.#options.logger.error({ error, channel }, 'a listener of a database channel failed');
      }
    }
  }

  #ensureConnected(): Promise<void> {
    if (this.#client) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#options.config);
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ channel, payload }) => this.#dispatch(channel, payload ?? ''));
    try {
      await client.connect();
      for (const channel of this.#channels.keys()) await client.query(`LISTEN "${channel}"`);
    } catch (error) {
      await tolerate(client.end());
      throw error;
    }
    if (this.#closed) return tolerate(client.end());
    this.#client = client;
    this.#backoffMs = MIN_BACKOFF_MS;
    this.#probeLater(client);
  }

  #probeLater(client: pg.Client): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(PROBE_EVERY_MS, () => void this.#probe(client));
  }

  /** The driver's own time limit turns a connection that died without a word into an error. */
  async #probe(client: pg.Client): Promise<void> {
    try {
      await client.query('SELECT 1');
      if (this.#client === client) this.#probeLater(client);
    } catch {
      this.#lost(client);
    }
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void tolerate(client.end());
    if (this.#closed) return;
    this.#options.logger.warn({}, 'the connection for database notifications broke; opening it again');
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(this.#backoffMs, () => void this.#reconnect());
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }

  async #reconnect(): Promise<void> {
    if (this.#closed || this.#channels.size === 0) return;
    try {
      await this.#ensureConnected();
    } catch {
      // Why is said by whoever queries meanwhile; here it is only tried again.
      if (!this.#closed) this.#reconnectLater();
      return;
    }
    for (const channel of this.#channels.keys()) this.#dispatch(channel, '');
  }
}

/** For what may fail because the connection is gone, where gone is what was wanted. */
async function tolerate(work: Promise<unknown> | undefined): Promise<void> {
  await work?.catch(() => undefined);
}
