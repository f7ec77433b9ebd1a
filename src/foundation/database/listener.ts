import pg from 'pg';
import type { Clock, Timer } from '../clock/index.ts';
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

export interface Listener {
  listen(channel: string, onNotify: OnNotify): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

/**
 * One connection for all LISTENs of a database, opened with the first. It is probed, and opened again when it breaks. What was
 * notified in between is lost, so every listener is then called once with an empty payload: "look for yourself".
 */
export function createListener({ config, clock, logger }: ListenerOptions): Listener {
  const channels = new Map<string, Set<OnNotify>>();
  let client: pg.Client | undefined;
  let connecting: Promise<void> | undefined;
  let timer: Timer | undefined;
  let backoffMs = MIN_BACKOFF_MS;
  let closed = false;

  function dispatch(channel: string, payload: string): void {
    for (const onNotify of channels.get(channel) ?? []) {
      try {
        onNotify(payload);
      } catch (error) {
        logger.error({ error, channel }, 'a listener of a database channel failed');
      }
    }
  }

  async function connect(): Promise<void> {
    const fresh = new pg.Client(config);
    fresh.on('error', () => lost(fresh));
    fresh.on('end', () => lost(fresh));
    fresh.on('notification', ({ channel, payload }) => dispatch(channel, payload ?? ''));
    try {
      await fresh.connect();
      for (const channel of channels.keys()) await fresh.query(`LISTEN "${channel}"`);
    } catch (error) {
      await end(fresh);
      throw wrapDriverError(error);
    }
    if (closed) return end(fresh);
    client = fresh;
    backoffMs = MIN_BACKOFF_MS;
    timer = clock.after(PROBE_EVERY_MS, () => void probe(fresh));
  }

  function ensureConnected(): Promise<void> {
    if (client) return Promise.resolve();
    connecting ??= connect().finally(() => {
      connecting = undefined;
    });
    return connecting;
  }

  /** The driver's query limit turns a connection that is dead without a word into an error. */
  async function probe(probed: pg.Client): Promise<void> {
    try {
      await probed.query('SELECT 1');
      if (client === probed) timer = clock.after(PROBE_EVERY_MS, () => void probe(probed));
    } catch {
      lost(probed);
    }
  }

  function lost(broken: pg.Client): void {
    if (client !== broken) return;
    client = undefined;
    timer?.cancel();
    void end(broken);
    if (closed) return;
    logger.warn({}, 'the connection for database notifications broke; opening it again');
    reconnectLater();
  }

  function reconnectLater(): void {
    timer = clock.after(backoffMs, () => void reconnect());
    backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
  }

  async function reconnect(): Promise<void> {
    if (closed || channels.size === 0) return;
    try {
      await ensureConnected();
    } catch {
      if (!closed) reconnectLater();
      return;
    }
    for (const channel of channels.keys()) dispatch(channel, '');
  }

  async function remove(channel: string, onNotify: OnNotify): Promise<void> {
    const set = channels.get(channel);
    set?.delete(onNotify);
    if (set?.size !== 0) return;
    channels.delete(channel);
    await tolerate(client?.query(`UNLISTEN "${channel}"`));
  }

  return {
    async listen(channel, onNotify) {
      if (!CHANNEL.test(channel))
        throw new IsthmusError('INTERNAL', { place: channel, rule: 'not a name for a database channel' });
      const set = channels.get(channel) ?? new Set();
      channels.set(channel, set.add(onNotify));
      try {
        await ensureConnected();
        await client?.query(`LISTEN "${channel}"`);
      } catch (error) {
        await remove(channel, onNotify);
        throw wrapDriverError(error);
      }
      return { stop: () => remove(channel, onNotify) };
    },
    async close() {
      closed = true;
      timer?.cancel();
      await tolerate(connecting);
      const last = client;
      client = undefined;
      if (last) await end(last);
    },
  };
}

/** For what may fail because the connection is gone, when gone is what was wanted. */
async function tolerate(work: Promise<unknown> | undefined): Promise<void> {
  await work?.catch(() => undefined);
}

async function end(client: pg.Client): Promise<void> {
  await tolerate(client.end());
}
