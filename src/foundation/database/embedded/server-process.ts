import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock/index.ts';
import { IsthmusError } from '../../errors/index.ts';
import type { Binaries } from './binaries.ts';
import type { Place } from './place.ts';
import { type Address, serverArguments } from './settings.ts';

/** A running postmaster, started by us or found running. */
export interface ServerProcess {
  readonly pid: number;
  readonly address: Address;
  readonly adopted: boolean;
  /** Resolves when the postmaster is gone. */
  readonly exited: Promise<void>;
}

const MAX_LOG_BYTES = 8 * 1024 * 1024;
const ADOPTED_PROBE_MS = 100;

/** Starts `postgres` in a session of its own, so that Ctrl-C on the terminal reaches the engine only, which then stops it in order. */
export async function launch(binaries: Binaries, place: Place, address: Address): Promise<ServerProcess> {
  await rotateLog(place.log);
  if (address.socketDirectory !== undefined)
    await readLock(join(address.socketDirectory, `.s.PGSQL.${address.port}.lock`));
  const log = openSync(place.log, 'a', 0o600);
  try {
    const child = spawn(binaries.postgres, serverArguments(place.data, address), {
      cwd: place.directory,
      detached: true,
      stdio: ['ignore', log, log],
      env: serverEnvironment(),
      ...(place.user ? { uid: place.user.uid, gid: place.user.gid } : {}),
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    child.unref();
    if (child.pid === undefined)
      throw new IsthmusError('DATABASE_START', {
        place: binaries.postgres,
        rule: 'the program could not be run',
      });
    return { pid: child.pid, address, adopted: false, exited };
  } finally {
    closeSync(log);
  }
}

/** Only what the server needs: the engine's environment holds secrets, and PG* variables would speak to the server. */
export function serverEnvironment(): Record<string, string> {
  const kept = ['PATH', 'TMPDIR', 'SystemRoot', 'TEMP', 'LD_LIBRARY_PATH'];
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

async function rotateLog(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(log, `${log}.1`);
}

/**
 * The postmaster that a killed engine left running on this data directory, or undefined. postmaster.pid may be stale: a container that
 * starts again gives the same small pid to another program, so the process is looked at, not only its number.
 */
export async function findRunning(place: Place, clock: Clock): Promise<ServerProcess | undefined> {
  const lock = await readLock(join(place.data, 'postmaster.pid'));
  if (!lock?.commandLine.includes(place.data)) return undefined;
  const [, , , portText, socketText] = lock.lines;
  const address = { socketDirectory: socketText || undefined, port: Number(portText) };
  return { pid: lock.pid, address, adopted: true, exited: whenGone(lock.pid, clock) };
}

interface Lock {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Of the process that holds it; empty when that can't be found out. */
  readonly commandLine: string;
}

/** Reads a lock file of PostgreSQL. One whose holder is dead or another program is disowned and counts as none. */
async function readLock(path: string): Promise<Lock | undefined> {
  const file = await readFile(path, 'utf8').catch(() => '');
  const lines = file.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const commandLine = isAlive(pid) ? await commandLineOf(pid) : undefined;
  const isServers = commandLine !== undefined && (commandLine === '' || commandLine.includes('postgres'));
  if (isServers) return { pid, lines, commandLine };
  await disown(path, file);
  return undefined;
}

/** Above every system's largest pid. */
const NOBODYS_PID = 2_147_483_647;

/**
 * PostgreSQL takes a stale lock for a live one while its pid is a zombie's or another program's. The file stays, only without that pid: with
 * the rest of it PostgreSQL makes sure that no orphaned backend still uses the data.
 */
async function disown(path: string, file: string): Promise<void> {
  await writeFile(path, file.replace(/^\s*\d+/, String(NOBODYS_PID)), { flag: 'r+' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    },
  );
}

/** A zombie is dead, only not yet reaped: in a container the first process may never do that. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
    return state.startsWith('Z') || state.startsWith('X');
  } catch {
    // No /proc on this system, or the process ended between the two looks; the next look tells.
    return false;
  }
}

/** Empty when it can't be found out. */
function commandLineOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => psCommandLine(pid));
}

function psCommandLine(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { timeout: 5_000 }, (error, stdout) =>
      resolve(error ? '' : stdout),
    );
  });
}

/** Of a process that is not our child nobody tells us, so it is looked at. */
function whenGone(pid: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (isAlive(pid)) clock.after(ADOPTED_PROBE_MS, look);
      else resolve();
    };
    look();
  });
}

/** What the server said last, for the one who reads the error: the first FATAL or PANIC among the last lines of its log. */
export async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-30);
  const line = lines.findLast((candidate) => /FATAL|PANIC/.test(candidate)) ?? lines.at(-1) ?? '';
  return line.replace(/^.*?(FATAL|PANIC|ERROR|LOG):\s*/, '').trim();
}
