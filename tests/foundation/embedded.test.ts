import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase, sql, startEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually } from '../support/index.ts';
import { add, counted, isRoot, useHome } from './embedded-home.ts';

const context = useHome();

test('a second start finds the data of the first, at the same address', async () => {
  const { server, database } = await context.start();
  await database.query(add);
  await server.stop();
  const again = await context.start();
  expect(await counted(again.database)).toBe(1);
  expect(again.server.url).toBe(server.url);
});

test('nobody but its user can enter the data and the socket, and it listens on no port', async () => {
  const { server, database } = await context.start();
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
  const { server, database } = await context.start();
  await database.query(add);
  const pid = server.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await eventually(async () => server.pid() !== pid && (await counted(database)), { deadlineMs: 15_000 });
  expect(await counted(database)).toBe(1);
});

test('two first starts at the same moment agree on one server', async () => {
  const both = await Promise.all([
    startEmbedded({ home: context.home, logger: silentLogger }),
    startEmbedded({ home: context.home, logger: silentLogger }),
  ]);
  context.servers.push(...both);
  expect(both[0].url).toBe(both[1].url);
  expect(both[0].pid()).toBe(both[1].pid());
});

test('a stale lock file whose pid now belongs to another program does not stop the start', async () => {
  const { server } = await context.start();
  await server.stop();
  const lock = [process.pid, join(server.directory, 'data'), 0, 5432, '/tmp', '', 0, 'ready'].join('\n');
  writeFileSync(join(server.directory, 'data', 'postmaster.pid'), `${lock}\n`);
  const again = await context.start();
  expect(await counted(again.database)).toBe(0);
});

test('a server whose socket was tidied away is stopped and started again at the next start', async () => {
  const { server } = await context.start();
  const socket = new URL(server.url).searchParams.get('host') ?? '';
  const pid = server.pid();
  rmSync(socket, { recursive: true });
  const again = await context.start();
  expect(again.server.pid()).not.toBe(pid);
  expect(await counted(again.database)).toBe(0);
});

test('a server running with fsync off is taken over but refused by openDatabase, naming the settings', async () => {
  const { server } = await context.start();
  const program = existsSync('/proc') ? readlinkSync(`/proc/${server.pid()}/exe`) : undefined;
  await server.stop();
  if (program === undefined) return;
  const { uid, gid } = statSync(join(server.directory, 'data'));
  const socket = new URL(server.url).searchParams.get('host') ?? '';
  mkdirSync(socket, { mode: 0o700 });
  chownSync(socket, uid, gid);
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
  const adopted = await startEmbedded({ home: context.home, logger: silentLogger });
  context.servers.push(adopted);
  await expect(openDatabase({ url: adopted.url, logger: silentLogger })).rejects.toMatchObject({
    code: 'DATABASE_UNSAFE',
    rule: expect.stringMatching(/fsync is off.*full_page_writes is off/),
  });
});
