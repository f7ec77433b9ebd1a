import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allMigrations } from '../../src/server/engine/index.ts';
import { codeSystem, manifest, profile, type TarEntry, tgz, valueSet } from '../packages/tarball.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { isthmus } from './support.ts';

let db: TestDatabase;
let folder: string;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: allMigrations });
  folder = await mkdtemp(join(tmpdir(), 'isthmus-packages-'));
});
afterAll(async () => {
  await db.drop();
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, entries: readonly TarEntry[]): Promise<string> {
  const path = join(folder, name);
  const file = createWriteStream(path);
  for await (const chunk of tgz(entries)) file.write(chunk);
  file.end();
  await once(file, 'close');
  return path;
}

const command = (...argv: string[]) =>
  isthmus(['package', ...argv], { DATABASE_URL: db.url, ISTHMUS_HOME: folder });

describe('isthmus package', () => {
  test('[K1] [K3] load, list and remove, told in words and as JSON, and audited', async () => {
    const first = await fileOf('one.tgz', [manifest(), profile(), valueSet, codeSystem]);
    const second = await fileOf('two.tgz', [manifest({ version: '1.1.0' }), profile('1.1.0')]);
    const loaded = await command('load', first, second);
    expect(loaded).toEqual({
      code: 0,
      err: '',
      out: 'example.visits 1.0.0 was loaded: 1 CodeSystem, 1 StructureDefinition, 1 ValueSet\nexample.visits 1.1.0 was loaded: 1 StructureDefinition\n',
    });
    expect(JSON.parse((await command('load', '--json', first)).out)).toMatchObject([{ kind: 'unchanged' }]);
    expect((await command('list')).out.split('\n')[1]).toMatch(
      /^example\.visits +1\.1\.0 +20\d\d-.* 1 StructureDefinition$/,
    );
    expect(JSON.parse((await command('list', '--json')).out)).toMatchObject([
      { version: '1.1.0' },
      { version: '1.0.0' },
    ]);
    expect(await command('remove', 'example.visits', '1.0.0', '--reason', 'it is old')).toMatchObject({
      code: 0,
      out: 'example.visits 1.0.0 was removed\n',
    });
    const trail = await isthmus(['admin', 'audit', 'list', '--json'], {
      DATABASE_URL: db.url,
      ISTHMUS_HOME: folder,
    });
    const { entries } = JSON.parse(trail.out) as { entries: { action: string; target: string }[] };
    const actions = entries.map(({ action, target }) => `${action} ${target}`);
    expect(actions.filter((one) => one.startsWith('package.')).sort()).toEqual([
      'package.load example.visits 1.0.0',
      'package.load example.visits 1.1.0',
      'package.remove example.visits 1.0.0',
    ]);
  });

  test('[K4] a file that is refused is named, with the place in it', async () => {
    const broken = await fileOf('broken.tgz', [manifest({ fhirVersions: ['5.0.0'] }), profile()]);
    const refused = await command('load', broken);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${broken}: package/package.json (fhirVersions has 4.0.1)`);
    expect((await command('load', join(folder, 'none.tgz'))).err).toContain('PACKAGE_INVALID');
    expect((await command('remove', 'nobody.knows')).err).toContain('PACKAGE_UNKNOWN');
    expect((await command('load')).code).toBe(2);
  });
});
