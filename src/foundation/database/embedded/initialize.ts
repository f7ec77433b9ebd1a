import { execFile } from 'node:child_process';
import { chown, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IsthmusError } from '../../errors/index.ts';
import type { Binaries } from './binaries.ts';
import { type Place, passwordFile } from './place.ts';
import { isAlive, serverEnvironment } from './server-process.ts';
import { initdbArguments } from './settings.ts';

const LIMIT_MS = 120_000;
const ASIDE = 'data.new.';
const inProgress = new Set<string>();
let made = 0;

/**
 * Makes the data directory if there is none. It is made aside and renamed when whole, so that a kill in between leaves nothing that looks
 * like data; when two processes do it at the same time, the first one's stays.
 */
export async function initialize(place: Place, binaries: Binaries): Promise<void> {
  if (await exists(join(place.data, 'PG_VERSION'))) return;
  await removeLeftovers(place);
  if (place.user) await chown(passwordFile(place), place.user.uid, place.user.gid);
  const name = `${ASIDE}${process.pid}.${++made}`;
  const aside = join(place.directory, name);
  inProgress.add(name);
  try {
    await initdb(binaries, place, initdbArguments(aside, passwordFile(place)));
    await rename(aside, place.data).catch(async (error: NodeJS.ErrnoException) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes(error.code ?? '')) throw error;
      await rm(aside, { recursive: true, force: true });
    });
  } finally {
    inProgress.delete(name);
  }
}

function initdb(binaries: Binaries, place: Place, parameters: string[]): Promise<void> {
  const as = place.user ? { uid: place.user.uid, gid: place.user.gid } : {};
  const options = { ...as, cwd: place.directory, timeout: LIMIT_MS, env: serverEnvironment() };
  return new Promise((resolve, reject) => {
    execFile(binaries.initdb, parameters, options, (error, stdout, stderr) => {
      if (!error) return resolve();
      reject(
        new IsthmusError('DATABASE_START', {
          place: place.directory,
          rule: reasonIn(`${stdout}\n${stderr}`),
          cause: error,
        }),
      );
    });
  });
}

function reasonIn(output: string): string {
  const line =
    output
      .split('\n')
      .find((candidate) => /error|fatal|could not/i.test(candidate))
      ?.trim() ?? 'initdb failed';
  if (!/effective user ID/.test(line)) return line;
  return 'initdb wants a name for the present user id: give it one in /etc/passwd, or set DATABASE_URL';
}

async function removeLeftovers(place: Place): Promise<void> {
  for (const name of await readdir(place.directory)) {
    if (!name.startsWith(ASIDE)) continue;
    const pid = Number(name.slice(ASIDE.length).split('.')[0]);
    const isUsed = pid === process.pid ? inProgress.has(name) : isAlive(pid);
    if (!isUsed) await rm(join(place.directory, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
