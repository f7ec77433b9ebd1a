import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach } from 'vitest';
import {
  type Database,
  type EmbeddedServer,
  openDatabase,
  sql,
  startEmbedded,
} from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';

export const isRoot = process.getuid?.() === 0;
export const root = fileURLToPath(new URL('../..', import.meta.url));
const create = sql('boot.create', 'CREATE TABLE IF NOT EXISTS boot (n int)');
export const add = sql('boot.add', 'INSERT INTO boot VALUES (1)');
const count = sql('boot.count', 'SELECT count(*) AS n FROM boot');

interface Started {
  readonly server: EmbeddedServer;
  readonly database: Database;
}

/** For each test a home directory of its own, and every server on it stopped and removed at the end. */
export function useHome() {
  const context = { home: '', servers: [] as EmbeddedServer[], databases: [] as Database[], start };
  beforeEach(() => {
    context.home = mkdtempSync(join(tmpdir(), 'isthmus-embedded-'));
    chmodSync(context.home, 0o755);
    context.servers = [];
    context.databases = [];
  });
  afterEach(async () => {
    await Promise.all(context.databases.map((database) => database.close()));
    await Promise.all(context.servers.map((server) => server.stop()));
    for (const { directory } of context.servers) rmSync(directory, { recursive: true, force: true });
    rmSync(context.home, { recursive: true, force: true });
  });
  async function start(directory = context.home): Promise<Started> {
    const server = await startEmbedded({ home: directory, logger: silentLogger });
    context.servers.push(server);
    const database = await openDatabase({ url: server.url, logger: silentLogger, poolSize: 2 });
    context.databases.push(database);
    await database.query(create);
    return { server, database };
  }
  return context;
}

export async function counted(database: Database): Promise<number | undefined> {
  return (await database.query<{ n: number }>(count))[0]?.n;
}

const door = (name: string) => JSON.stringify(join(root, `src/foundation/${name}/index.ts`));

/** Starts an engine-like process that is killed once it wrote a row, and returns the pid of the server it leaves behind. */
export async function killedEngine(options: {
  directory: string;
  uid?: number;
  gid?: number;
}): Promise<number> {
  const { directory, ...as } = options;
  const { output } = await runScript(
    `
    import { openDatabase, sql, startEmbedded } from ${door('database')};
    import { silentLogger as logger } from ${door('logging')};
    const server = await startEmbedded({ home: ${JSON.stringify(directory)}, logger });
    const database = await openDatabase({ url: server.url, logger });
    await database.query(sql('c', 'CREATE TABLE IF NOT EXISTS boot (n int)'));
    await database.query(sql('a', 'INSERT INTO boot VALUES (1)'));
    console.log(server.pid());
    process.kill(process.pid, 'SIGKILL');`,
    as,
  );
  return Number(output);
}

/** A process that uses the server an engine runs, as a command does, and then has nothing more to do. */
export function attachedCommand(directory: string): Promise<{ output: string; signal: string | null }> {
  return runScript(`
    import { attachEmbedded, openDatabase, sql } from ${door('database')};
    import { silentLogger as logger } from ${door('logging')};
    const url = await attachEmbedded({ home: ${JSON.stringify(directory)}, logger });
    const database = await openDatabase({ url, logger });
    const [row] = await database.query(sql('count', 'SELECT count(*) AS n FROM boot'));
    await database.close();
    console.log(row.n);`);
}

let scripts = 0;

/** Runs it to its end; what does not end by itself is ended after a while, and `signal` says so. */
async function runScript(
  contents: string,
  as: { uid?: number; gid?: number } = {},
): Promise<{ output: string; signal: string | null }> {
  const outfile = join(root, 'node_modules/.cache', `script-${process.pid}-${++scripts}.mjs`);
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const child = spawn(process.execPath, [outfile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
    ...as,
  });
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
  });
  const signal = await new Promise<string | null>((resolve) => {
    child.once('close', (_code, ended) => resolve(ended));
  });
  rmSync(outfile, { force: true });
  return { output, signal };
}
