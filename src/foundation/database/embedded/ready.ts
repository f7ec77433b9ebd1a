import pg from 'pg';
import { type Clock, pause, within } from '../../clock/index.ts';
import { IsthmusError } from '../../errors/index.ts';
import type { Logger } from '../../logging/index.ts';
import type { Place } from './place.ts';
import { lastWords, type ServerProcess } from './server-process.ts';

export interface ReadyOptions {
  readonly server: ServerProcess;
  readonly place: Place;
  readonly url: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Recovery after a crash replays up to max_wal_size; it must not be cut off. */
  readonly limitMs: number;
}

const DATABASE_MISSING = '3D000';
const WRONG_PASSWORD = '28P01';
const MIN_WAIT_MS = 8;
const MAX_WAIT_MS = 200;
const PATIENCE_NOTE_MS = 5_000;
const CLOSE_LIMIT_MS = 5_000;

type Asked = Pick<ReadyOptions, 'url' | 'clock'>;

/** Resolves when a connection to the engine's database succeeds. Throws DATABASE_START when the server ends first or the limit passes. */
export async function waitUntilReady(options: ReadyOptions): Promise<void> {
  const { server, place, url, clock, logger, limitMs } = options;
  const started = clock.monotonicMs();
  const gone = new AbortController();
  void server.exited.then(() => gone.abort());
  let noted = false;
  for (let waitMs = MIN_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, MAX_WAIT_MS)) {
    if (await answers({ url, clock })) return;
    if (gone.signal.aborted)
      throw new IsthmusError('DATABASE_START', { place: place.log, rule: await lastWords(place.log) });
    const waitedMs = clock.monotonicMs() - started;
    if (waitedMs > limitMs) {
      throw new IsthmusError('DATABASE_START', {
        place: place.log,
        rule: `no connection within ${limitMs} ms`,
      });
    }
    if (!noted && waitedMs > PATIENCE_NOTE_MS) {
      noted = true;
      logger.info({ log: place.log }, 'PostgreSQL is not ready yet; after a crash it first replays its log');
    }
    await pause(clock, waitMs, gone.signal);
  }
}

async function answers(server: Asked): Promise<boolean> {
  try {
    await withClient(server, () => Promise.resolve());
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === WRONG_PASSWORD) {
      throw new IsthmusError('DATABASE_START', {
        rule: 'the password file beside the data does not fit the server',
        cause: error,
      });
    }
    if (code !== DATABASE_MISSING) return false;
    await createDatabase(server);
    return true;
  }
}

async function createDatabase({ url, clock }: Asked): Promise<void> {
  const maintenance = new URL(url);
  const name = maintenance.pathname.slice(1);
  maintenance.pathname = '/postgres';
  await withClient({ url: maintenance.href, clock }, (client) =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`),
  ).catch(async (error) => {
    // Two engines that start at the same moment: the other one made it.
    await withClient({ url, clock }, () => Promise.resolve()).catch(() => {
      throw error;
    });
  });
}

async function withClient(
  { url, clock }: Asked,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await within(
      clock,
      CLOSE_LIMIT_MS,
      client.end().catch(() => undefined),
    );
  }
}
