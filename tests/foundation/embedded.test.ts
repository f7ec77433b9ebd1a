import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Database,
  type EmbeddedServer,
  openDatabase,
  sql,
  startEmbedded,
} from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually } from '../support/index.ts';

const isRoot = process.getuid?.() === 0;
const root = fileURLToPath(new URL('../..', import.meta.url));
const create = sql('boot.create', 'CREATE TABLE IF NOT EXISTS boot (n int)');
const add = sql('boot.add', 'INSERT INTO boot VALUES (1)');
const count = sql('boot.count', 'SELECT count(*) AS n FROM boot');

let home: string;
let servers: EmbeddedServer[];
let databases: Database[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'isthmus-embedded-'));
  chmodSync(home, 0o755);
  servers = [];
  databases = [];
});
afterEach(async () => {
  for (const database of databases) await database.close();
  await Promise.all(servers.map((server) => server.stop()));
  for (const { directory } of servers) rmSync(directory, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

async function start(directory = home): Promise<{ server: EmbeddedServer; database: Database }> {
  const server = await startEmbedded({ home: directory, logger: silentLogger });
  servers.push(server);
  const database = await openDatabase({ url: server.url, logger: silentLogger, poolSize: 2 });
  databases.push(database);
  await database.query(create);
  return { server, database };
}

async function counted(database: Database): Promise<number | undefined> {
  return (await database.query<{ n: number }>(count))[0]?.n;
}

test('a second start finds the data of the first, at the same address', async () => {
  const { server, database } = await start();
  await database.query(add);
  await server.stop();
  const again = await start();
  expect(await counted(again.database)).toBe(1);
  expect(again.server.url).toBe(server.url);
});

test('nobody but its user can enter the data and the socket, and it listens on no port', async () => {
  const { server, database } = await start();
  const socket = new URL(server.url).searchParams.get('host') ?? '';
  expect(statSync(server.directory).mode & 0o077).toBe(0);
  expect(statSync(socket).mode & 0o077).toBe(0);
  expect(statSync(join(server.directory, 'password')).mode & 0o077).toBe(0);
  const shown = sql(
    'test.show',
    `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'fsync', 'data_checksums')`,
  );
  expect(await database.query(shown)).toEqual([
    { name: 'data_checksums', setting: 'on' },
    { name: 'fsync', setting: 'on' },
    { name: 'listen_addresses', setting: '' },
  ]);
  const wrong = new URL(server.url);
  wrong.password = 'wrong';
  const opening = openDatabase({ url: wrong.href, logger: silentLogger, patienceMs: 0 });
  await expect(opening).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('a server that is killed is started again, and an open database goes on', async () => {
  const { server, database } = await start();
  await database.query(add);
  const pid = server.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await eventually(async () => server.pid() !== pid && (await counted(database)), { deadlineMs: 15_000 });
  expect(await counted(database)).toBe(1);
});

test('two first starts at the same moment agree on one server', async () => {
  const both = await Promise.all([
    startEmbedded({ home, logger: silentLogger }),
    startEmbedded({ home, logger: silentLogger }),
  ]);
  servers.push(...both);
  expect(both[0].url).toBe(both[1].url);
  expect(both[0].pid()).toBe(both[1].pid());
});

test('a stale lock file whose pid now belongs to another program does not stop the start', async () => {
  const { server } = await start();
  await server.stop();
  const lock = [process.pid, join(server.directory, 'data'), 0, 5432, '/tmp', '', 0, 'ready'].join('\n');
  writeFileSync(join(server.directory, 'data', 'postmaster.pid'), `${lock}\n`);
  const again = await start();
  expect(await counted(again.database)).toBe(0);
});

test('a server whose socket was tidied away is stopped and started again at the next start', async () => {
  const { server } = await start();
  const socket = new URL(server.url).searchParams.get('host') ?? '';
  const pid = server.pid();
  rmSync(socket, { recursive: true });
  const again = await start();
  expect(again.server.pid()).not.toBe(pid);
  expect(await counted(again.database)).toBe(0);
});

/** Starts an engine-like process that is killed once it wrote a row, and returns the pid of the server it leaves behind. */
async function killedEngine(options: { directory: string; uid?: number; gid?: number }): Promise<number> {
  const door = (name: string) => JSON.stringify(join(root, `src/foundation/${name}/index.ts`));
  const contents = `
    import { openDatabase, sql, startEmbedded } from ${door('database')};
    import { silentLogger as logger } from ${door('logging')};
    const server = await startEmbedded({ home: ${JSON.stringify(options.directory)}, logger });
    const database = await openDatabase({ url: server.url, logger });
    await database.query(sql('c', 'CREATE TABLE IF NOT EXISTS boot (n int)'));
    await database.query(sql('a', 'INSERT INTO boot VALUES (1)'));
    console.log(server.pid());
    process.kill(process.pid, 'SIGKILL');`;
  const outfile = join(root, 'node_modules/.cache', `killed-engine-${process.pid}.mjs`);
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const { uid, gid } = options;
  const child = spawn(process.execPath, [outfile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
  });
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(outfile, { force: true });
  return Number(output);
}

test('a server that a killed engine left running is taken over, not started anew', async () => {
  const pid = await killedEngine({ directory: home });
  const { server, database } = await start();
  expect(server.pid()).toBe(pid);
  expect(await counted(database)).toBe(1);
  await server.stop();
  expect(existsSync(join(server.directory, 'data', 'postmaster.pid'))).toBe(false);
});

test('a server taken over that then dies is started again as well', async () => {
  const pid = await killedEngine({ directory: home });
  const { server, database } = await start();
  process.kill(pid, 'SIGKILL');
  await eventually(async () => server.pid() !== pid && (await counted(database)), { deadlineMs: 15_000 });
  expect(await counted(database)).toBe(1);
});

test('a server running with fsync off is taken over but refused by openDatabase, naming the settings', async () => {
  const { server, database } = await start();
  const program = existsSync('/proc') ? readlinkSync(`/proc/${server.pid()}/exe`) : undefined;
  await database.close();
  databases.pop();
  await server.stop();
  if (program === undefined) return;
  const { uid, gid } = statSync(join(server.directory, 'data'));
  const socket = new URL(server.url).searchParams.get('host') ?? '';
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'listen_addresses=',
    `unix_socket_directories=${socket}`,
  ];
  const parameters = [
    '-D',
    join(server.directory, 'data'),
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  spawn(program, parameters, { stdio: 'ignore', cwd: '/', ...(isRoot ? { uid, gid } : {}) });
  await eventually(() => existsSync(join(socket, '.s.PGSQL.5432')));
  const adopted = await startEmbedded({ home, logger: silentLogger });
  servers.push(adopted);
  await expect(openDatabase({ url: adopted.url, logger: silentLogger })).rejects.toMatchObject({
    code: 'DATABASE_UNSAFE',
    rule: expect.stringMatching(/fsync is off.*full_page_writes is off/),
  });
});

test.runIf(isRoot)(
  'as root under a 0700 directory the data go where the server can reach them, and are found again',
  async () => {
    const closed = join(home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const inside = join(closed, 'checkout', '.isthmus');
    const { server, database } = await start(inside);
    await database.query(add);
    expect(server.directory.startsWith('/var/lib/isthmus/')).toBe(true);
    expect(readFileSync(join(inside, 'postgresql.place'), 'utf8').trim()).toBe(server.directory);
    await server.stop();
    const again = await start(inside);
    expect(await counted(again.database)).toBe(1);
  },
);

test.runIf(isRoot)('an ordinary user with a 0700 home keeps everything in it', async () => {
  const uid = Number(execFileSync('id', ['-u', 'nobody']));
  const gid = Number(execFileSync('id', ['-g', 'nobody']));
  const own = join(home, 'own');
  mkdirSync(own, { mode: 0o700 });
  execFileSync('chown', [`${uid}:${gid}`, own]);
  const reachable = (() => {
    try {
      execFileSync('test', ['-r', join(root, 'package.json')], { uid, gid, cwd: '/' });
      return true;
    } catch {
      return false;
    }
  })();
  // In a checkout under a 0700 home this user can't read the program, so there is nothing to try.
  if (!reachable) return;
  const pid = await killedEngine({ directory: join(own, '.isthmus'), uid, gid });
  expect(statSync(`/proc/${pid}`).uid).toBe(uid);
  // And root, coming later, goes on with the same data under the same user.
  const { server, database } = await start(join(own, '.isthmus'));
  expect(server.pid()).toBe(pid);
  expect(await counted(database)).toBe(1);
});
