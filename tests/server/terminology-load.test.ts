import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listTerminology } from '../../src/clinical/terminology/index.ts';
import { allMigrations } from '../../src/server/engine/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { isthmus } from './support.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const URL_OF_MAP = 'urn:test:map';

let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: allMigrations });
  folder = await mkdtemp(join(tmpdir(), 'isthmus-terminology-'));
}, 60_000);
afterAll(async () => {
  await db?.drop();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({ DATABASE_URL: db.url, ISTHMUS_HOME: folder });
const command = (...argv: string[]) => isthmus(['terminology', ...argv], environment());
async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('isthmus terminology', () => {
  test('[TL1] [TL3] load, list, use and remove, told in words and as JSON, and audited', async () => {
    const first = await fileOf('icd10cm_codes_2025.txt', 'A000    An invented disease\n');
    const second = await fileOf(
      'icd10cm_codes_2026.txt',
      'A000    An invented disease\nA001    Another one\n',
    );
    expect(await command('load', 'icd-10-cm', first)).toEqual({
      ...{ code: 0, err: '', out: `${ICD10} 2025 was loaded: 1 concepts\n` },
    });
    expect(await command('load', 'icd-10-cm', second)).toMatchObject({ code: 0 });
    expect(await command('load', 'icd-10-cm', second)).toMatchObject({
      code: 0,
      out: 'these files were loaded before\n',
    });
    const listed = (await command('list')).out.split('\n');
    expect(listed[1]).toMatch(/^code-system +http\S+ +2025 +1 +icd-10-cm +kept /);
    expect(listed[2]).toMatch(/^code-system +http\S+ +2026 +2 +icd-10-cm +in use /);
    expect(await command('use', ICD10, '2025', '--reason', 'a mistake')).toMatchObject({ code: 0 });
    expect(JSON.parse((await command('list', '--json')).out)).toMatchObject([
      { isCurrent: true },
      { isCurrent: false },
    ]);
    expect(await command('remove', ICD10, '2026')).toMatchObject({
      code: 0,
      out: `${ICD10} 2026 was removed\n`,
    });
    const trail = await isthmus(['admin', 'audit', 'list', '--json'], environment());
    const actions = (JSON.parse(trail.out).entries ?? JSON.parse(trail.out)) as {
      action: string;
      target: string;
    }[];
    const ours = actions.filter(({ action }) => action.startsWith('terminology.'));
    expect(ours.map(({ action, target }) => `${action} ${target}`).sort()).toEqual([
      `terminology.load ${ICD10}|2025`,
      `terminology.load ${ICD10}|2026`,
      `terminology.remove ${ICD10}|2026`,
      `terminology.use ${ICD10}|2025`,
    ]);
  });

  test('[TL9] what is wrong is listed with file and line, and makes exit code 1', async () => {
    const path = await fileOf('icd10cm_codes_2027.txt', 'A000    An invented disease\nno code\n');
    expect(await command('load', 'icd-10-cm', path)).toEqual({
      code: 1,
      err: 'icd10cm_codes_2027.txt:2: expected: a code and its description\n',
      out: 'nothing was loaded; what was there before is as it was\n',
    });
    const unknown = await command('load', 'icd-11', path);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('TERMINOLOGY_INVALID') });
    expect((await command('formats')).out).toContain('snomed-rf2');
  });

  test('[TL2] a load whose process is killed goes on when the command is given again', async () => {
    const rows = Array.from({ length: 400_000 }, (_, at) => `urn:l,c${at},http://loinc.org,1-8,wider\n`);
    const path = await fileOf(
      'map.csv',
      `source_system,source_code,target_system,target_code,equivalence\n${rows.join('')}`,
    );
    const argv = ['terminology', 'load', 'csv-map', path, '--url', URL_OF_MAP, '--release', '1'];
    const child = spawn(process.execPath, [cli, ...argv], {
      stdio: 'ignore',
      env: { ...process.env, ...environment() },
    });
    const loading = async () => (await listTerminology(db.database)).find(({ url }) => url === URL_OF_MAP);
    await eventually(async () => ((await loading())?.rows ?? 0) > 0, { deadlineMs: 20_000 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const there = await loading();
    expect(there).toMatchObject({ state: 'loading', isCurrent: false });
    const report = JSON.parse((await isthmus([...argv, '--json'], environment())).out);
    expect(report).toMatchObject({ outcome: 'loaded', targets: [{ count: 400_000 }] });
    expect(report.resumedAt).toBeGreaterThanOrEqual(there?.rows ?? 0);
    expect(report.resumedAt).toBeGreaterThan(0);
    expect(await loading()).toMatchObject({ state: 'ready', rows: 400_000 });
  }, 60_000);
});
