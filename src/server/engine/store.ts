import type { Clock } from '../../foundation/clock/index.ts';
import type { Settings } from '../../foundation/config/index.ts';
import {
  attachEmbedded,
  type Database,
  type DatabaseOptions,
  openDatabase,
  sql,
  startEmbedded,
} from '../../foundation/database/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';

/** The database the engine works on, and with it the server when it is our own. */
export interface Store {
  readonly database: Database;
  /** Closes the pool; ends the embedded server unless another engine or command still works on it. */
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How this process is named in pg_stat_activity: `isthmus engine`, `isthmus command`. */
  readonly role: 'engine' | 'command';
}

const others = sql(
  'server.other_users_of_the_database',
  `select count(*)::int as others from pg_stat_activity
   where datname = current_database() and pid <> pg_backend_pid() and application_name like 'isthmus %'`,
);

/**
 * Opens DATABASE_URL, or the embedded server of ISTHMUS_HOME: an engine starts it or takes it over; a command uses the one that runs and
 * leaves it alone, or starts it for the while.
 */
export async function openStore({ settings, logger, clock, role }: StoreOptions): Promise<Store> {
  const { databaseUrl, databasePool: poolSize, home } = settings;
  const applicationName = `isthmus ${role}`;
  if (databaseUrl !== undefined) {
    const database = await openDatabase({ url: databaseUrl, logger, clock, poolSize, applicationName });
    return { database, close: () => database.close() };
  }
  const attached =
    role === 'command' ? await attach({ home, logger, clock, poolSize, applicationName }) : undefined;
  if (attached) return attached;
  const server = await startEmbedded({ home, logger, clock });
  const open = (size: number) =>
    openDatabase({ url: server.url, logger, clock, poolSize: size, applicationName });
  try {
    const database = await open(poolSize);
    return {
      database,
      async close() {
        await database.close();
        if (await isUsed(open, logger)) return;
        await server.stop();
      },
    };
  } catch (error) {
    if (!(await isUsed(open, logger))) await server.stop();
    throw error;
  }
}

/** The server that an engine runs; undefined when there is none, or when it ended between the look and the connection. */
async function attach({
  home,
  ...options
}: Omit<DatabaseOptions, 'url'> & { readonly home: string }): Promise<Store | undefined> {
  const look = () => attachEmbedded({ home, logger: options.logger });
  const url = await look();
  if (url === undefined) return undefined;
  try {
    const database = await openDatabase({ url, ...options });
    return { database, close: () => database.close() };
  } catch (error) {
    if ((await look()) === undefined) return undefined;
    throw error;
  }
}

/** Asked with a connection of its own, after the pool is closed, so that only others are seen. */
async function isUsed(open: (poolSize: number) => Promise<Database>, logger: Logger): Promise<boolean> {
  try {
    const database = await open(2);
    try {
      const [row] = await database.query<{ others: number }>(others);
      if ((row?.others ?? 0) === 0) return false;
      logger.info({}, 'PostgreSQL goes on running: another Isthmus process works on it');
      return true;
    } finally {
      await database.close();
    }
  } catch (error) {
    // A server that does not answer has nobody working on it.
    logger.debug({ error }, 'PostgreSQL could not be asked who else works on it');
    return false;
  }
}
