import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, readFile, realpath, rename, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { randomId } from '../../crypto/index.ts';
import { IsthmusError } from '../../errors/index.ts';
import type { Logger } from '../../logging/index.ts';
import { canEnter, chooseServerUser, type ServerUser } from './user.ts';

/** Where root keeps what an unprivileged server can't reach under the home directory. */
export const SHARED_DIRECTORY = '/var/lib/isthmus';

/** Everything of one embedded server, and who runs it. */
export interface Place {
  /** `data`, `password` and `postgresql.log` lie in here. */
  readonly directory: string;
  readonly data: string;
  readonly log: string;
  readonly user: ServerUser | undefined;
}

/**
 * Finds or makes the server's directory: `<home>/postgresql`, or under SHARED_DIRECTORY when the engine is root and the server's user can't
 * traverse the way to home. The choice is remembered in home, so that another start finds the same data.
 */
export async function findPlace(home: string, logger: Logger): Promise<Place> {
  await mkdir(home, { recursive: true });
  // Without links, so that the data directory has one name in hashes and on command lines.
  const realHome = await realpath(home);
  const own = join(realHome, 'postgresql');
  const pointer = join(home, 'postgresql.place');
  const remembered = await readIfThere(pointer);
  const directory = remembered?.trim() || own;
  const user = await chooseServerUser(await ownerOf(join(directory, 'data')));
  await makeFor(directory, user);
  if (!user || (await canEnter(directory, user))) return placeIn(directory, user);
  if (remembered !== undefined) {
    throw new IsthmusError('DATABASE_START', {
      place: directory,
      rule: `user ${user.name} can't reach the data directory any more`,
    });
  }
  if (await ownerOf(join(own, 'data'))) {
    throw new IsthmusError('DATABASE_START', {
      place: own,
      rule: `there is data, but user ${user.name} can't reach it; allow it to traverse the directories above, or start as before`,
    });
  }
  await rmdir(own);
  const shared = join(SHARED_DIRECTORY, createHash('sha256').update(realHome).digest('hex').slice(0, 16));
  await makeShared(shared, user);
  await writeAtomically(pointer, `${shared}\n`);
  logger.info(
    { home: realHome, place: shared },
    `PostgreSQL's data are kept outside home, which user ${user.name} can't reach`,
  );
  return placeIn(shared, user);
}

const placeIn = (directory: string, user: ServerUser | undefined): Place => ({
  directory,
  data: join(directory, 'data'),
  log: join(directory, 'postgresql.log'),
  user,
});

async function makeFor(directory: string, user: ServerUser | undefined): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (user) await chown(directory, user.uid, user.gid);
}

async function makeShared(directory: string, user: ServerUser): Promise<void> {
  const advice =
    'start Isthmus as an ordinary user, choose an ISTHMUS_HOME that others may traverse, or set DATABASE_URL';
  try {
    await mkdir(SHARED_DIRECTORY, { recursive: true, mode: 0o755 });
    await makeFor(directory, user);
  } catch (cause) {
    throw new IsthmusError('DATABASE_START', {
      place: directory,
      rule: `can't be made for PostgreSQL, which refuses root; ${advice}`,
      cause,
    });
  }
  if (await canEnter(directory, user)) return;
  throw new IsthmusError('DATABASE_START', {
    place: directory,
    rule: `user ${user.name} can't reach it; ${advice}`,
  });
}

/** The superuser's password, made once; it lies beside the data, so neither is lost without the other. */
export const passwordFile = ({ directory }: Place): string => join(directory, 'password');

/** A path with its socket's name must stay below 104 bytes (macOS; 108 on Linux). */
const MAX_SOCKET_DIRECTORY = 80;

/**
 * A directory for the server's socket that nobody else can enter. Short and not in home, whose path may be too long for a socket; its name
 * follows from the data directory, so that busy ports and other servers never matter.
 */
export async function socketDirectory(place: Place): Promise<string> {
  const name = `isthmus-${createHash('sha256').update(place.data).digest('hex').slice(0, 16)}`;
  const wanted = place.user?.uid ?? process.getuid?.();
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const directory = join(parent, name);
    if (directory.length > MAX_SOCKET_DIRECTORY || !(await isDirectory(parent))) continue;
    if (place.user && !(await canEnter(parent, place.user))) continue;
    await mkdir(directory, { mode: 0o700 }).then(
      () => (place.user ? chown(directory, place.user.uid, place.user.gid) : undefined),
      () => undefined,
    );
    // In a directory for all, another user may have made it first: then it is not ours and not to be trusted.
    const made = await lstat(directory).catch(() => undefined);
    if (made?.isDirectory() && made.uid === wanted && (made.mode & 0o077) === 0) return directory;
  }
  throw new IsthmusError('DATABASE_START', {
    place: join(tmpdir(), name),
    rule: 'no directory for the socket could be made that is ours alone',
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.uid,
    () => undefined,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new IsthmusError('DATABASE_START', {
      place: path,
      rule: 'the present user can not read it; start Isthmus as the user who made it',
      cause: error,
    });
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const aside = join(dirname(path), `.${randomId()}.new`);
  await writeFile(aside, text, { mode: 0o600, flush: true });
  await rename(aside, path);
}
