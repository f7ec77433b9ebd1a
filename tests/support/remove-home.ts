import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Only what the engine makes there as root: a folder named by a hash. */
const keptElsewhere = /^\/var\/lib\/isthmus\/[0-9a-f]{16}$/;

/**
 * Removes a data directory whose engine has stopped, and what PostgreSQL kept of it elsewhere: as root under a 0700 directory, its user can't
 * reach home, and `postgresql.place` says where the data are.
 */
export async function removeHome(home: string): Promise<void> {
  const place = await readFile(join(home, 'postgresql.place'), 'utf8').catch(() => '');
  if (keptElsewhere.test(place.trim())) await rm(place.trim(), { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}
