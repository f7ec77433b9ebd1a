import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../src/foundation/database/index.ts';
import { allMigrations } from '../../src/server/engine/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { patient, pulse } from './support.ts';

/** `isthmus import` as a process of its own. */

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: allMigrations });
  folder = mkdtempSync(join(tmpdir(), 'isthmus-import-command-'));
}, 60_000);
afterAll(async () => {
  await db?.drop();
  await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function start(...argv: string[]): Run {
  const env = { ...process.env, DATABASE_URL: db.url, ISTHMUS_HOME: folder };
  const child = spawn(process.execPath, [cli, 'import', ...argv], { env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out, err })) };
}

const lines = (name: string, resources: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, resources.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return path;
};
const count = sql('test.count', 'SELECT count(*)::int AS count, max(version)::int AS version FROM resource');

test('what is refused is listed and makes exit code 1; done is 0; once more is nothing to do', async () => {
  const path = lines('some.ndjson', [patient('a'), { ...pulse('b'), status: 'private' }, pulse('c')]);
  const report = join(folder, 'refused.ndjson');
  const first = await start(path, '--report', report).ended;
  expect(first.code).toBe(1);
  expect(first.out).toContain('2 resources written; 1 refused');
  expect(first.err).toContain(`${path}:2: Observation.status: `);
  const told = JSON.parse(readFileSync(report, 'utf8').trim());
  expect(told).toMatchObject({ file: path, item: 2, place: 'Observation.status' });
  expect(first.err + first.out + JSON.stringify(told)).not.toContain('private');

  const good = lines('good.ndjson', [patient('d')]);
  const second = await start(good, '--json').ended;
  expect(second.code).toBe(0);
  expect(JSON.parse(second.out)).toMatchObject({
    stopped: false,
    counts: { written: 1 },
    files: [{ state: 'done' }],
  });
  const third = await start(good).ended;
  expect([third.code, third.out]).toEqual([0, expect.stringContaining('imported before')]);
  const wrong = await start(join(folder, 'nothing.ndjson')).ended;
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('FILE_FAILED')]);
  expect((await start('--workers', '0', good).ended).code).toBe(2);
}, 30_000);

test('[T24] killed with SIGKILL, it goes on: nothing twice, nothing skipped', async () => {
  const [before] = await db.database.query<{ count: number }>(count);
  const size = 8_000;
  const path = lines(
    'large.ndjson',
    Array.from({ length: size }, (_, n) => pulse(n % 2 ? undefined : `k${n}`)),
  );
  const first = start(path);
  const position = sql(
    'test.position',
    `SELECT items FROM import_file WHERE path LIKE '%large.ndjson' AND items > 0`,
  );
  await eventually(async () => (await db.database.query(position)).length > 0, { deadlineMs: 20_000 });
  first.child.kill('SIGKILL');
  await first.ended;
  const [there] = await db.database.query<{ items: number }>(position);
  expect(there?.items).toBeLessThan(size);
  const second = await start(path, '--json').ended;
  expect(second.code).toBe(0);
  expect(JSON.parse(second.out).counts.written).toBe(size - (there?.items ?? 0));
  expect(await db.database.query(count)).toEqual([{ count: (before?.count ?? 0) + size, version: 1 }]);
}, 60_000);
