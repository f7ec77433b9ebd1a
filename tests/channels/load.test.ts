import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Config, loadConfig } from '../../src/exchange/channels/index.ts';
import { load, temporaryFolder, writeFiles } from './support.ts';

const home = (folder: string) => ({ home: join(folder, 'home') });

describe('loading', () => {
  test("[CH10] a configuration with local imports becomes one module; 'isthmus' is this package", async () => {
    const folder = writeFiles({
      'isthmus.config.ts': `
        import { channel, defineConfig, directory, ehr } from 'isthmus';
        import { port } from './ports.ts';
        export default defineConfig({
          systems: { general: ehr() },
          channels: [channel('adt', { from: directory({ path: String(port) }), to: [directory('general', { path: '/out' })] })],
        });`,
      'ports.ts': 'export const port: number = 2575;',
    });
    const loaded = await loadConfig(join(folder, 'isthmus.config.ts'), home(folder));
    const config = loaded.config as Config;
    expect(config.channels[0]?.from.options.path).toBe('2575');
    expect(loaded.module).toBe(join(folder, 'home', 'config', `${loaded.hash}.mjs`));
    expect(loaded.files.some((file) => file === join(folder, 'ports.ts'))).toBe(true);
  });

  test('[CH10] the same text is the same file; a change of an import is another', async () => {
    const folder = temporaryFolder();
    const text = "import { value } from './value.ts';\nexport default { value };";
    writeFiles({ 'value.ts': 'export const value = 1;' }, folder);
    const first = await load(text, folder);
    expect((await load(text, folder)).hash).toBe(first.hash);
    writeFiles({ 'value.ts': 'export const value = 2;' }, folder);
    const second = await load(text, folder);
    expect(second.hash).not.toBe(first.hash);
    expect((second.config as { value: number }).value).toBe(2);
  });

  test("[CH11] a package is found from the configuration's own folder and stays outside the bundle", async () => {
    const folder = writeFiles({
      'isthmus.config.ts':
        "import { greeting } from 'greeter';\nimport { sep } from 'node:path';\nexport default { greeting, sep };",
      'node_modules/greeter/package.json': JSON.stringify({
        name: 'greeter',
        type: 'module',
        main: 'main.js',
      }),
      'node_modules/greeter/main.js': "export const greeting = 'hello';",
    });
    const loaded = await loadConfig(join(folder, 'isthmus.config.ts'), home(folder));
    expect(loaded.config).toEqual({ greeting: 'hello', sep: '/' });
  });

  test.each([
    ['does not parse', 'export default {\n  systems: {,\n};', /isthmus\.config\.ts:2:\d+/],
    [
      'imports a file that is not there',
      "import './nowhere.ts';\nexport default {};",
      /isthmus\.config\.ts:1:\d+/,
    ],
    [
      'imports a package that is not there',
      "\nimport 'no-such-package';\nexport default {};",
      /isthmus\.config\.ts:2:\d+/,
    ],
    [
      'throws',
      'const systems = {};\nconst name = systems.general.name;\nexport default { name };',
      /isthmus\.config\.ts:2:\d+/,
    ],
    [
      'imports what isthmus does not have',
      "import { defineConfig, teleport } from 'isthmus';\nexport default defineConfig({ channels: [teleport('x')] });",
      /isthmus\.config\.ts:1:24.*isthmus has no teleport in this version; take it out/,
    ],
    ['has no default export', 'export const config = {};', /export default defineConfig/],
  ])('[CH12] a configuration that %s is refused with its line', async (_, text, place) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(place),
    });
  });

  test('[CH12] a file that is not there is refused by its name', async () => {
    await expect(loadConfig('/no/such/isthmus.config.ts', { home: '/tmp' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  test('[CH13] old bundles go, and no half-written file stays', async () => {
    const folder = temporaryFolder();
    for (let n = 0; n < 23; n++) await load(`export default { n: ${n} };`, folder);
    const names = readdirSync(join(folder, 'home', 'config'));
    expect(names.every((name) => name.endsWith('.mjs'))).toBe(true);
    expect(names.length).toBeLessThanOrEqual(20);
    const last = await load('export default { n: 22 };', folder);
    expect(existsSync(last.module)).toBe(true);
  });
});
