import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diffLines, loadConfig, type Message, runGoldenTests } from '../../src/exchange/channels/index.ts';
import { connectorKinds } from '../../src/exchange/connectors/index.ts';
import { adt, checkKinds, temporaryFolder, writeFiles } from './support.ts';

const options = (folder: string) => ({
  kinds: checkKinds,
  keysOf: (message: Message) => (message.isHl7 ? [`GENERAL|${message.text('PID-3.1')}`] : []),
  environment: {},
  home: join(folder, 'home'),
});

const config = `
  import { channel, defineConfig, ehr, event, filter, http, identify, mllp, record, secret, system, telehealth, transform, webhook } from 'isthmus';
  export default defineConfig({
    systems: {
      general: ehr({ authority: '1.2.3' }),
      lab: system({ mllp: { host: '127.0.0.1', port: 2600 } }),
      televisit: telehealth({ webhook: { url: 'https://televisit.example/', secrets: [secret('NOT_SET_WHERE_TESTS_RUN')] } }),
    },
    channels: [
      channel('adt', {
        from: mllp({ port: 2575 }),
        steps: [identify(), filter(event('A04', 'A08')), transform((message) => { if (message.event === 'A08') message.set('PV1-2', 'I'); })],
        to: [record(), webhook('televisit'), mllp('lab')],
      }),
    ],
  });`;

const files = {
  'isthmus.config.ts': config,
  'tests/adt/a04.hl7': adt('A04').toString().replaceAll('\r', '\n'),
  'tests/adt/a08.hl7': adt('A08'),
  'tests/adt/a03.hl7': adt('A03'),
  'tests/adt/broken.hl7': 'PID|1',
};

async function bench(more: Record<string, string> = {}) {
  const folder = writeFiles({ ...files, ...more }, temporaryFolder());
  const loaded = await loadConfig(join(folder, 'isthmus.config.ts'), { home: join(folder, 'home') });
  return { folder, run: (extra: object = {}) => runGoldenTests(loaded, { ...options(folder), ...extra }) };
}

describe('golden messages', () => {
  test('[CH70] --update writes what comes out, and what was written passes', async () => {
    const { folder, run } = await bench();
    expect(await run()).toMatchObject({ passed: 0, failed: 4, updated: 0 });
    expect(await run({ update: true })).toMatchObject({ passed: 0, failed: 0, updated: 4 });
    expect(await run()).toMatchObject({ passed: 4, failed: 0, updated: 0 });
    const expected = (name: string) =>
      JSON.parse(readFileSync(join(folder, 'tests/adt', `${name}.expected.json`), 'utf8'));
    expect(expected('a04')).toMatchObject({
      type: 'ADT^A04',
      destinations: { lab: ['as received'] },
      record: [{ channel: 'adt', system: 'general', notify: ['adt>televisit'], facts: { identify: true } }],
    });
    expect(expected('a08').destinations.lab[0]).toContain('PV1|1|I|ROOM^1');
    expect(expected('a03')).toMatchObject({ filtered: 'channels.adt.steps[1]' });
    expect(expected('broken')).toMatchObject({ refused: { code: 'HL7_NO_MSH' } });
  });

  test('[CH71] a channel that does something else fails with the lines that differ', async () => {
    const { folder, run } = await bench();
    await run({ update: true });
    writeFiles({ 'isthmus.config.ts': config.replace("'I'", "'E'") }, folder);
    const loaded = await loadConfig(join(folder, 'isthmus.config.ts'), { home: join(folder, 'home') });
    const report = await runGoldenTests(loaded, options(folder));
    expect(report).toMatchObject({ passed: 3, failed: 1 });
    const [failed] = report.results.filter((result) => result.outcome === 'failed');
    expect(failed?.file).toBe('adt/a08.hl7');
    const changed = (mark: string) => failed?.diff.filter((line) => line.startsWith(mark)) ?? [];
    expect(changed('-').join()).toContain('PV1|1|I|ROOM^1');
    expect(changed('+').join()).toContain('PV1|1|E|ROOM^1');
    expect(changed('-')).toHaveLength(changed('+').length);
  });

  test('[CH71] expectations formatted otherwise still pass', async () => {
    const { folder, run } = await bench();
    await run({ update: true });
    const file = join(folder, 'tests/adt/a04.expected.json');
    writeFiles(
      { 'tests/adt/a04.expected.json': JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))) },
      folder,
    );
    expect(await run()).toMatchObject({ passed: 4, failed: 0 });
  });

  test('[CH72] a folder of no channel and an expectation of no message fail', async () => {
    const { run } = await bench({ 'tests/oru/r01.hl7': 'x', 'tests/adt/gone.expected.json': '{}' });
    const report = await run();
    expect(report.results.find(({ file }) => file === 'oru/r01.hl7')?.diff).toEqual([
      'there is no channel oru',
    ]);
    expect(report.results.find(({ file }) => file === 'adt/gone.expected.json')?.diff).toEqual([
      'there is no message of this name',
    ]);
  });

  test('[CH72] one can ask for some of them', async () => {
    const { run } = await bench();
    expect((await run({ only: 'a04' })).results.map(({ file }) => file)).toEqual(['adt/a04.hl7']);
  });

  test('[CH73] a configuration with mistakes is not tested at all', async () => {
    const { folder } = await bench();
    writeFiles({ 'isthmus.config.ts': config.replace("mllp('lab')", "mllp('nowhere')") }, folder);
    const loaded = await loadConfig(join(folder, 'isthmus.config.ts'), { home: join(folder, 'home') });
    await expect(runGoldenTests(loaded, options(folder))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('differences', () => {
  test.each([
    ['a\nb\nc', 'a\nb\nc', []],
    ['a\nb\nc', 'a\nx\nc', ['  a', '- b', '+ x', '  c']],
    ['a', 'a\nb', ['  a', '+ b']],
    ['a\nb', 'b', ['- a', '  b']],
    [
      '1\n2\n3\n4\n5\n6\n7\n8\n9',
      '0\n2\n3\n4\n5\n6\n7\n8\nx',
      ['- 1', '+ 0', '  2', '  3', '  …', '  7', '  8', '- 9', '+ x'],
    ],
  ])('[CH71] %j to %j', (before, after, diff) => {
    expect(diffLines(before, after)).toEqual(diff);
  });
});

describe('the example', () => {
  const example = fileURLToPath(new URL('../../examples/two-destinations/', import.meta.url));

  test('[CH1] [CH70] it has no mistake, and its golden messages pass', async () => {
    const home = temporaryFolder();
    const loaded = await loadConfig(join(example, 'isthmus.config.ts'), { home });
    const kinds = { ...connectorKinds, steps: [] };
    const report = await runGoldenTests(loaded, { ...options(home), kinds });
    expect(report.results.flatMap(({ diff }) => diff)).toEqual([]);
    expect(report.passed).toBe(2);
  });
});
