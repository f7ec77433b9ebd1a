import { execFile } from 'node:child_process';
import { IsthmusError } from '../../errors/index.ts';

/** The user that the server's processes run as when the engine is root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'isthmus';
const PROBE_LIMIT_MS = 10_000;

/**
 * undefined when the engine is not root: the server then runs as the same user. As root, PostgreSQL refuses to start, so in this order:
 * the owner of the data directory that exists; the user `isthmus`, made if that is possible; `postgres`; `nobody`. A user of its own
 * comes first because whoever else runs under a shared one could read the data.
 */
export async function chooseServerUser(ownerUid?: number): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (ownerUid !== undefined && ownerUid !== 0) {
    const owner = await lookUp(String(ownerUid));
    if (owner) return owner;
  }
  const own = (await lookUp(NAME)) ?? (await create());
  const user = own ?? (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (user) return user;
  throw new IsthmusError('DATABASE_START', {
    rule: 'PostgreSQL refuses to run as root and there is no other user to run it; make one named isthmus, or start Isthmus as an ordinary user',
  });
}

async function lookUp(nameOrUid: string): Promise<ServerUser | undefined> {
  const [uid, gid, name] = await Promise.all(['-u', '-g', '-un'].map((what) => run('id', [what, nameOrUid])));
  if (!uid?.ok || !gid?.ok || Number(uid.output) === 0) return undefined;
  return { name: name?.output || nameOrUid, uid: Number(uid.output), gid: Number(gid.output) };
}

async function create(): Promise<ServerUser | undefined> {
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    NAME,
  ]);
  // Whether it worked, or another process was faster, is seen by looking.
  return lookUp(NAME);
}

/** Whether this user can run the program: tried, not deduced, because modes are only half of it (ACLs, noexec, missing libraries). */
export async function canRun(program: string, user: ServerUser | undefined): Promise<boolean> {
  return (await run(program, ['--version'], user)).ok;
}

/** Whether this user can go to the directory. */
export async function canEnter(directory: string, user: ServerUser): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$0"', directory], user)).ok;
}

function run(
  program: string,
  parameters: readonly string[],
  user?: ServerUser,
): Promise<{ ok: boolean; output: string }> {
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  return new Promise((resolve) => {
    execFile(program, [...parameters], { ...as, cwd: '/', timeout: PROBE_LIMIT_MS }, (error, stdout) => {
      resolve({ ok: error === null, output: stdout.trim() });
    });
  });
}
