import { type Clock, systemClock } from '../../foundation/clock/index.ts';
import type { Settings } from '../../foundation/config/index.ts';
import { migrate } from '../../foundation/database/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { assemble } from './assemble.ts';
import { type ClientFile, clientCheck, ensureTokens, operatorClient } from './clients.ts';
import { productKinds } from './kinds.ts';
import { loadAndCheck } from './loaded.ts';
import type { RunningIsthmus } from './running.ts';
import { allMigrations } from './schema.ts';
import { openStore } from './store.ts';
import { undoAll } from './undo.ts';

export interface IsthmusOptions {
  readonly configPath: string;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Where the configuration's secrets are looked up; the environment of the process when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** False: a taken HTTP port is exchanged for the next free one. Default true. */
  readonly portIsFixed?: boolean;
  /** Clients of the API besides the operator; their tokens are made when they are missing. */
  readonly clients?: readonly ClientFile[];
}

/**
 * Starts everything: database, schema, HTTP server, and, as soon as this node owns the queues, the channels of the configuration.
 * Resolves when the sources are open, or when this node stands by. Throws what kept it from starting (CONFIG_INVALID with every
 * mistake, PORT_TAKEN, DATABASE_*), with nothing left running.
 */
export async function startIsthmus(options: IsthmusOptions): Promise<RunningIsthmus> {
  const { settings, logger, clock = systemClock, environment = process.env } = options;
  const { home } = settings;
  const clients = [operatorClient(home), ...(options.clients ?? [])];
  const load = () => loadAndCheck(options.configPath, { home, kinds: productKinds(), environment });
  const [store, loaded, tokens] = await Promise.allSettled([
    openStore({ settings, logger, clock, role: 'engine' }),
    load(),
    ensureTokens(clients),
  ]);
  const undo: (() => Promise<void>)[] = [];
  try {
    if (store.status === 'fulfilled') undo.push(() => store.value.close());
    if (loaded.status === 'rejected') throw loaded.reason;
    if (store.status === 'rejected') throw store.reason;
    if (tokens.status === 'rejected') throw tokens.reason;
    const { database } = store.value;
    const applied = await migrate(database, allMigrations);
    if (applied.length > 0)
      logger.info({ migrations: applied.map(({ name }) => name) }, 'the schema was brought up');
    return await assemble({
      ...{ settings, logger, clock, environment, load, undo },
      check: clientCheck(clients, clock),
      portIsFixed: options.portIsFixed ?? true,
      database,
      loaded: loaded.value,
    });
  } catch (error) {
    await undoAll(undo, logger);
    throw error;
  }
}
