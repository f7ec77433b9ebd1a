import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../support/index.ts';
import { add, attachedCommand, counted, isRoot, killedEngine, root, useHome } from './embedded-home.ts';

const context = useHome();

test('a server that a killed engine left running is taken over, not started anew', async () => {
  const pid = await killedEngine({ directory: context.home });
  const { server, database } = await context.start();
  expect(server.pid()).toBe(pid);
  expect(await counted(database)).toBe(1);
  await server.stop();
  expect(existsSync(join(server.directory, 'data', 'postmaster.pid'))).toBe(false);
});

test('a command beside an engine ends by itself: nothing of it watches over the server', async () => {
  const { server } = await context.start();
  expect(await attachedCommand(context.home)).toEqual({ output: '0\n', signal: null });
  expect(server.pid()).toBeGreaterThan(0);
});

test('a server taken over that then dies is started again as well', async () => {
  const pid = await killedEngine({ directory: context.home });
  const { server, database } = await context.start();
  process.kill(pid, 'SIGKILL');
  await eventually(async () => server.pid() !== pid && (await counted(database)), { deadlineMs: 15_000 });
  expect(await counted(database)).toBe(1);
});

test.runIf(isRoot)(
  'as root under a 0700 directory the data go where the server can reach them, and are found again',
  async () => {
    const closed = join(context.home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const inside = join(closed, 'checkout', '.isthmus');
    const { server, database } = await context.start(inside);
    await database.query(add);
    expect(server.directory.startsWith('/var/lib/isthmus/')).toBe(true);
    expect(readFileSync(join(inside, 'postgresql.place'), 'utf8').trim()).toBe(server.directory);
    await server.stop();
    const again = await context.start(inside);
    expect(await counted(again.database)).toBe(1);
  },
);

test.runIf(isRoot)('an ordinary user with a 0700 home keeps everything in it', async () => {
  const uid = Number(execFileSync('id', ['-u', 'nobody']));
  const gid = Number(execFileSync('id', ['-g', 'nobody']));
  const own = join(context.home, 'own');
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
  const { server, database } = await context.start(join(own, '.isthmus'));
  expect(server.pid()).toBe(pid);
  expect(await counted(database)).toBe(1);
});
