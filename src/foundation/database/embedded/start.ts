import { type Clock, systemClock } from '../../clock/index.ts';
import { secretAt } from '../../crypto/index.ts';
import { toIsthmusError } from '../../errors/index.ts';
import type { Logger } from '../../logging/index.ts';
import { provideBinaries } from './binaries.ts';
import { initialize } from './initialize.ts';
import { findPlace, passwordFile, SHARED_DIRECTORY } from './place.ts';
import { Supervisor } from './supervisor.ts';

export interface EmbeddedOptions {
  /** The data directory of Isthmus (ISTHMUS_HOME); PostgreSQL's files lie in `postgresql` below it. */
  readonly home: string;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export interface EmbeddedServer {
  /** For openDatabase; holds the password, so it belongs in no log. */
  readonly url: string;
  /** Where data, password and log lie: below home, or elsewhere when the server's user can't reach home. */
  readonly directory: string;
  /** Of the running postmaster; undefined while it is being started again. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server that came with the npm package on the data in `home`, makes them at the first start, or takes over the
 * server that a killed engine left running. It listens on a unix socket in a directory of its own, never on a port (but on Windows, on
 * loopback). When the server ends unexpectedly it is started again, for ever. Throws DATABASE_START with what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { home, logger, clock = systemClock } = options;
  try {
    const place = await findPlace(home, logger);
    const binaries = await provideBinaries(place.user, SHARED_DIRECTORY);
    const password = await secretAt(passwordFile(place));
    await initialize(place, binaries);
    const supervisor = new Supervisor({ place, binaries, password, clock, logger });
    const { address } = await supervisor.start();
    return {
      url: supervisor.urlOf(address),
      directory: place.directory,
      pid: () => supervisor.server?.pid,
      stop: () => supervisor.stop(),
    };
  } catch (error) {
    throw toIsthmusError(error, 'DATABASE_START');
  }
}
