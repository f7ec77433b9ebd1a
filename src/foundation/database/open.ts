import pg from 'pg';
import { type Clock, pause, systemClock, within } from '../clock/index.ts';
import { toIsthmusError } from '../errors/index.ts';
import type { Logger } from '../logging/index.ts';
import { wrapDriverError } from './failure.ts';
import { Listener } from './listener.ts';
import { parseTypes } from './parse-types.ts';
import { runQuery, runTransaction } from './run.ts';
import { checkSafety } from './safety.ts';
import type { Database } from './types.ts';

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database`, or with `?host=/directory` for a unix socket. */
  readonly url: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Connections at most, besides the one for LISTEN; default 10. */
  readonly poolSize?: number;
  /** Shown in pg_stat_activity; default `isthmus`. */
  readonly applicationName?: string;
  /** How long a server that does not answer is waited for when opening; default 10 s. */
  readonly patienceMs?: number;
  /** Default 30 s. */
  readonly statementTimeoutMs?: number;
}

/** For a connection, and again for the look at the settings on it. */
const CONNECT_TIMEOUT_MS = 5_000;
const CLOSE_LIMIT_MS = 10_000;
const RETRY_MS = 250;

/**
 * Opens a pool on a server that is safe to use. Throws DATABASE_UNSAFE naming every unsafe setting, DATABASE_UNAVAILABLE when the server
 * does not answer in time. Every later connection is checked too: a server restarted with fsync off gets no statement.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const clock = options.clock ?? systemClock;
  const config = connectionConfig(options);
  const pool = new pg.Pool({
    ...config,
    max: options.poolSize ?? 10,
    idleTimeoutMillis: 60_000,
    verify: (client, done) => void checkSafety(client, CONNECT_TIMEOUT_MS).then(() => done(), done),
  });
  // An idle connection that breaks is replaced by the pool; without a listener its error would end the process.
  // While closing, the embedded server may end a connection before our own farewell has arrived.
  let closing = false;
  pool.on('error', (error) => {
    if (!closing) options.logger.warn({ error }, 'an idle database connection broke');
  });
  // Between being taken from the pool and its first statement, and while `verify` looks at it, a connection has no listener of its own.
  const open = new Set<pg.PoolClient>();
  pool.on('connect', (client) => {
    open.add(client);
    client.on('error', () => undefined);
  });
  pool.on('remove', (client) => open.delete(client));
  const listener = new Listener({ config, clock, logger: options.logger });
  const database: Database = {
    query: (statement, parameters) => runQuery(pool, statement, parameters),
    transaction: (work) => runTransaction(pool, work),
    listen: (channel, onNotify) => listener.listen(channel, onNotify),
    async close() {
      closing = true;
      await listener.close();
      await endPool(pool, open, { logger: options.logger, clock });
    },
  };
  try {
    await firstConnection(pool, options, clock);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** The pool waits for whoever holds a connection; one whose server fell silent is broken off after a while, and its statement fails. */
async function endPool(
  pool: pg.Pool,
  open: ReadonlySet<pg.PoolClient>,
  { logger, clock }: Required<Pick<DatabaseOptions, 'logger' | 'clock'>>,
): Promise<void> {
  if (await within(clock, CLOSE_LIMIT_MS, pool.end())) return;
  logger.warn({ connections: open.size }, 'database connections still in use are broken off');
  for (const client of open) void client.end();
}

function connectionConfig(options: DatabaseOptions): pg.ClientConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  return {
    connectionString: options.url,
    application_name: options.applicationName ?? 'isthmus',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    // The server's limit comes first; the driver's is for a server that can't be reached any more.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: parseTypes,
  };
}

async function firstConnection(pool: pg.Pool, options: DatabaseOptions, clock: Clock): Promise<void> {
  const deadline = clock.monotonicMs() + (options.patienceMs ?? 10_000);
  for (let attempt = 1; ; attempt++) {
    try {
      const client = await pool.connect();
      client.release();
      return;
    } catch (thrown) {
      const error = toIsthmusError(wrapDriverError(thrown), 'DATABASE_UNAVAILABLE');
      if (error.code !== 'DATABASE_UNAVAILABLE' || clock.monotonicMs() >= deadline) throw error;
      if (attempt === 1) options.logger.info({ error }, 'waiting for the database');
      await pause(clock, RETRY_MS);
    }
  }
}
