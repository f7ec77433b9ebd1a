import { systemClock } from '../../clock/index.ts';
import { secretAt } from '../../crypto/index.ts';
import type { Logger } from '../../logging/index.ts';
import { findPlace, passwordFile } from './place.ts';
import { findRunning } from './server-process.ts';
import { urlOf } from './url.ts';

/** Nobody here waits for the server's end, so nothing has to look for it. */
const onlyNow = { ...systemClock, after: () => ({ cancel: () => undefined }) };

/**
 * The URL of the server that an engine runs on the data in `home`, for a command beside it: nothing is started, watched or stopped. Undefined
 * when none runs.
 */
export async function attachEmbedded(options: {
  readonly home: string;
  readonly logger: Logger;
}): Promise<string | undefined> {
  const place = await findPlace(options.home, options.logger);
  const running = await findRunning(place, onlyNow);
  return running && urlOf(running.address, await secretAt(passwordFile(place)));
}
