import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { referencePages } from '../../scripts/reference.ts';
import { checkConfig, formatMistakes, loadConfig } from '../../src/exchange/channels/index.ts';
import { manifest } from '../../src/foundation/config/index.ts';
import { errorRegistry } from '../../src/foundation/errors/index.ts';
import { productKinds } from '../../src/server/engine/index.ts';
import { mistakeIn } from './support/command-lines.ts';
import { anchorsOf, blocksOf, linksOf, page, pages, proseOf, root } from './support/markdown.ts';
import { rulesOf, testedIds } from './support/rules.ts';

/** What the documents say is held against the code: links, rules, commands, configurations, error codes, generated pages. */

const all = pages();
const written = all.filter(({ path }) => !path.startsWith('docs/reference/'));

describe('links', () => {
  test.each(all.filter((each) => linksOf(each).length > 0))('$path: every link leads somewhere', (from) => {
    const broken = linksOf(from).filter((target) => {
      const [file = '', anchor] = target.split('#', 2);
      const path = file === '' ? from.path : normalize(join(dirname(from.path), decodeURIComponent(file)));
      if (path.startsWith('..') || !existsSync(join(root, path))) return true;
      return anchor !== undefined && path.endsWith('.md') && !anchorsOf(page(path)).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('a link to a file or heading that is not there is noticed', () => {
    const text = '# One heading\n[a](#one-heading) [b](#two) [c](missing.md) `[d](code.md)`';
    expect(linksOf({ path: 'x.md', text })).toEqual(['#one-heading', '#two', 'missing.md']);
    expect(anchorsOf({ path: 'x.md', text })).toEqual(new Set(['one-heading']));
  });
});

describe('rules', () => {
  const rules = all.filter(({ path }) => path.startsWith('docs/design/')).flatMap(rulesOf);

  test('the design pages have rules, each id once', () => {
    expect(rules.length).toBeGreaterThan(60);
    const ids = rules.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  test('each rule is held by a test that names it, or says why not', () => {
    const tested = testedIds();
    const excused = /\*(Elsewhere|Not tested)\b/;
    const open = rules.filter(({ id, text }) => !tested.has(id) && !excused.test(text));
    expect(open.map(({ id, page: where }) => `${id} of ${where}`)).toEqual([]);
  });
});

describe('README', () => {
  const readme = page('README.md');
  const rows =
    /\| the promise \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)/.exec(readme.text)?.[1]?.trimEnd().split('\n') ?? [];

  test('every promise has a rule and a test that is there', () => {
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      const targets = linksOf({ path: 'README.md', text: row });
      expect(
        targets.some((target) => target.startsWith('docs/')),
        row,
      ).toBe(true);
      const tests = targets.filter((target) => /^tests\/.+\.test\.ts$/.test(target));
      expect(tests.length, row).toBeGreaterThan(0);
      for (const file of tests) expect(existsSync(join(root, file)), file).toBe(true);
    }
  });

  test('the two commands are those of package.json', () => {
    expect(readme.text).toContain('    npm ci && npm start\n');
    expect(readme.text).toContain('    npm ci && npm test\n');
  });

  test.each(written.filter(({ path }) => !path.startsWith('docs/design/')))(
    '$path: no word is stronger than the mechanism',
    (each) => {
      expect(proseOf(each)).not.toMatch(
        /exactly[- ]once|zero[- ](data[- ])?loss|guaranteed delivery|never loses/i,
      );
    },
  );
});

describe('commands and codes', () => {
  const settings = new Set<string>(Object.values(manifest).map(({ name }) => name));
  const lines = written.flatMap((each) =>
    blocksOf(each)
      .filter(({ language }) => language === 'sh' || language === '')
      .flatMap(({ text, line }) =>
        text
          .split('\n')
          .map((command) => /(?:^|&& |\$\()(isthmus .*?)(?:\)|$)/.exec(command)?.[1] ?? '')
          .filter((command) => command !== '' && !command.includes('…'))
          .map((command) => ({ place: `${each.path}:${line}`, command })),
      ),
  );

  test('there are command lines to look at', () => expect(lines.length).toBeGreaterThan(20));

  test.each(lines)('$place: $command', ({ command }) => {
    expect(mistakeIn(command)).toBeUndefined();
  });

  test('a command, an option or an argument that is not there is noticed', () => {
    expect(mistakeIn('isthmus frobnicate')).toBe('no command frobnicate');
    expect(mistakeIn('isthmus queue --loud')).toBe('queue has no option --loud');
    expect(mistakeIn('isthmus queue release')).toMatch(/needs --reason/);
    expect(mistakeIn('isthmus queue release --reason why')).toMatch(/other arguments/);
  });

  test.each(written)('$path: error codes are those of the registry', ({ text }) => {
    const families = new Set(Object.keys(errorRegistry).map((code) => code.split('_')[0]));
    const codes = [...text.matchAll(/`([A-Z]+(?:_[A-Z0-9]+)+)`/g)].map(([, code = '']) => code);
    const unknown = codes.filter((code) => families.has(code.split('_')[0]) && !(code in errorRegistry));
    expect(unknown.filter((code) => !settings.has(code))).toEqual([]);
  });
});

describe('configurations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-docs-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  writeFileSync(join(folder, 'webhook-secret'), secret);
  const environment = new Proxy<Record<string, string>>({}, { get: () => secret });

  const examples = written.flatMap((each) =>
    blocksOf(each)
      .filter(({ language, text }) => language === 'ts' && text.includes('export default defineConfig'))
      .map(({ text, line }) => ({ place: `${each.path}:${line}`, text })),
  );

  test('there are configurations to check', () => expect(examples.length).toBeGreaterThan(3));

  test.each(examples)('$place has no mistake', async ({ place, text }) => {
    const path = join(folder, `${place.replaceAll(/\W/g, '-')}.config.ts`);
    writeFileSync(path, text);
    const { config } = await loadConfig(path, { home: join(folder, 'home') });
    expect(formatMistakes(checkConfig(config, { kinds: productKinds(), environment, folder }))).toEqual([]);
  });
});

describe('reference', () => {
  test.each(Object.entries(referencePages()))(
    '%s is as the code has it (npm run docs writes it anew)',
    (name, text) => {
      expect(page(`docs/reference/${name}`).text).toBe(text);
    },
  );
});
