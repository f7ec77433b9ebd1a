import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordReader } from '../../src/clinical/record/index.ts';
import { listTerminology, removeTerminology, useTerminology } from '../../src/clinical/terminology/index.ts';
import { type Kit, openKit } from './kit.ts';
import { zip } from './zip.ts';

const URL = 'urn:test:local-to-loinc';
const LOCAL = 'urn:test:local';
const LOINC = 'http://loinc.org';
const HEAD = 'source_system,source_code,source_display,target_system,target_code,target_display,equivalence';

const line = (code: string, target: string, equivalence = 'equivalent') =>
  `${LOCAL},${code},,${target === '' ? '' : LOINC},${target},,${equivalence}`;
const csv = (...lines: readonly string[]) => [HEAD, ...lines, ''].join('\n');
const many = (count: number, target = '1-8') =>
  csv(...Array.from({ length: count }, (_, at) => line(`c${at}`, target)));

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());
beforeEach(() => kit.clear());

const loadMap = async (content: string, version = '1', options = {}) =>
  kit.load('csv-map', await kit.folder({ 'map.csv': content }), { url: URL, version, ...options });

/** What the current version says of a code. */
async function targetsOf(code: string): Promise<readonly (string | undefined)[]> {
  const [map] = await (await kit.terminology.source()).conceptMaps({ url: URL });
  const rows = await map?.rows(LOCAL, [code]);
  return (rows?.get(code) ?? []).map(({ target }) => target?.code);
}

const interrupted = new Error('the process was killed');
/** Loads until so many rows were read, and breaks off there without a word. */
async function killedAt(rows: number, path: string): Promise<void> {
  const load = kit.load('csv-map', path, {
    ...{ url: URL, version: '2' },
    onProgress(progress) {
      if (progress.rows >= rows) throw interrupted;
    },
  });
  await expect(load).rejects.toBe(interrupted);
}

describe('a load is whole or not at all', () => {
  test('[TL5] a device or a pipe is refused: files are read twice', async () => {
    await expect(kit.load('csv-map', '/dev/null', { url: URL, version: '1' })).rejects.toMatchObject({
      code: 'TERMINOLOGY_INVALID',
    });
  });

  test('[TL2] one that is stopped before the files are known leaves nothing', async () => {
    const path = await kit.folder({ 'map.csv': csv(line('a', '1-8')) });
    const options = { url: URL, version: '1', signal: AbortSignal.abort() };
    expect(await kit.load('csv-map', path, options)).toMatchObject({ outcome: 'stopped' });
    expect(await listTerminology(kit.database)).toEqual([]);
  });

  test('[TL1] nothing is seen before it is ready, and the version before stays in use', async () => {
    await loadMap(csv(line('a', '1-8')));
    const generation = await kit.terminology.generation();
    const path = await kit.folder({ 'map.csv': many(20_000) });
    await killedAt(10_000, path);
    expect(await listTerminology(kit.database)).toMatchObject([
      { version: '1', state: 'ready', isCurrent: true },
      { version: '2', state: 'loading', isCurrent: false },
    ]);
    expect(await kit.terminology.generation()).toBe(generation);
    expect(await targetsOf('a')).toEqual(['1-8']);
    expect(await targetsOf('c0')).toEqual([]);
  });

  test('[TL1] a load that is refused leaves nothing, and what was there is as it was', async () => {
    await loadMap(csv(line('a', '1-8')));
    const report = await loadMap(`${many(20_000)}one,two\n`, '2');
    expect(report).toMatchObject({
      outcome: 'refused',
      findings: [
        { severity: 'error', file: 'map.csv', line: 20_002, rule: expect.stringContaining('7 columns') },
      ],
    });
    expect(await listTerminology(kit.database)).toMatchObject([{ version: '1', isCurrent: true }]);
    expect(await kit.count('terminology_map_row')).toBe(1);
    expect(await targetsOf('a')).toEqual(['1-8']);
  });

  test('[TL2] a load that was killed goes on behind the rows that are there, with nothing twice and nothing left out', async () => {
    const path = await kit.folder({ 'map.csv': many(20_000) });
    await killedAt(10_000, path);
    const there = await kit.count('terminology_map_row');
    expect(there).toBeGreaterThan(0);
    const report = await kit.load('csv-map', path, { url: URL, version: '2' });
    expect(report).toMatchObject({ outcome: 'loaded', resumedAt: there, targets: [{ count: 20_000 }] });
    expect(await kit.count('terminology_map_row')).toBe(20_000);
    expect(await targetsOf('c19999')).toEqual(['1-8']);
  });

  test('[TL2] with other files it begins anew', async () => {
    await killedAt(10_000, await kit.folder({ 'map.csv': many(20_000) }));
    const report = await loadMap(many(20_000, '2-6'), '2');
    expect(report).toMatchObject({ outcome: 'loaded', resumedAt: 0 });
    expect(await targetsOf('c0')).toEqual(['2-6']);
  });

  test('[TL2] it stops between two batches when it is told to, and says so', async () => {
    const path = await kit.folder({ 'map.csv': many(20_000) });
    const stopping = new AbortController();
    const options = { url: URL, version: '2' };
    const report = await kit.load('csv-map', path, {
      ...{ ...options, signal: stopping.signal },
      onProgress: () => stopping.abort(),
    });
    expect(report.outcome).toBe('stopped');
    expect(await kit.load('csv-map', path, options)).toMatchObject({ outcome: 'loaded' });
    expect(await kit.count('terminology_map_row')).toBe(20_000);
  });

  test('[TL2] of two loads of the same files at once one is told', async () => {
    const path = await kit.folder({ 'map.csv': many(20_000) });
    const both = await Promise.allSettled(
      [1, 2].map(() => kit.load('csv-map', path, { url: URL, version: '2' })),
    );
    const failed = both.filter((one) => one.status === 'rejected');
    expect(failed.length).toBeLessThanOrEqual(1);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'CONFLICT' });
    await kit.load('csv-map', path, { url: URL, version: '2' });
    expect(await kit.count('terminology_map_row')).toBe(20_000);
  });

  test('[TL1] what belongs to it is committed with it or not at all', async () => {
    const failure = new Error('the audit trail cannot be written');
    await expect(
      loadMap(csv(line('a', '1-8')), '1', { alongside: () => Promise.reject(failure) }),
    ).rejects.toBe(failure);
    expect(await targetsOf('a')).toEqual([]);
  });
});

describe('versions', () => {
  test('[TL3] old versions are kept, the new one is used, and which is used can be changed', async () => {
    await loadMap(csv(line('a', '1-8')), '1');
    await loadMap(csv(line('a', '2-6')), '2');
    expect(await targetsOf('a')).toEqual(['2-6']);
    await useTerminology(kit.database, { url: URL, version: '1' });
    expect(await targetsOf('a')).toEqual(['1-8']);
    const source = await kit.terminology.source();
    const [asked] = await source.conceptMaps({ url: URL, version: '2' });
    expect((await asked?.rows(LOCAL, ['a']))?.get('a')).toMatchObject([{ target: { code: '2-6' } }]);
    await loadMap(csv(line('a', '3-4')), '3', { keepCurrent: true });
    expect(await targetsOf('a')).toEqual(['1-8']);
    await expect(useTerminology(kit.database, { url: URL, version: '9' })).rejects.toMatchObject({
      code: 'TERMINOLOGY_UNKNOWN',
    });
  });

  test('[TL3] one is removed with all its rows, and the one loaded last is used in its place', async () => {
    await loadMap(csv(line('a', '1-8')), '1');
    await loadMap(csv(line('a', '2-6'), line('b', '2-6')), '2');
    expect(await removeTerminology(kit.database, { url: URL, version: '2' })).toEqual(['2']);
    expect(await targetsOf('a')).toEqual(['1-8']);
    expect(await kit.count('terminology_map_row')).toBe(1);
    expect(await removeTerminology(kit.database, { url: URL })).toEqual(['1']);
    expect(await targetsOf('a')).toEqual([]);
    await expect(removeTerminology(kit.database, { url: URL })).rejects.toMatchObject({
      code: 'TERMINOLOGY_UNKNOWN',
    });
  });

  test('[TL3] a load that was broken off can be removed', async () => {
    await killedAt(10_000, await kit.folder({ 'map.csv': many(20_000) }));
    await removeTerminology(kit.database, { url: URL });
    expect(await kit.count('terminology_map_row')).toBe(0);
    expect(await listTerminology(kit.database)).toEqual([]);
  });

  test('[TL3] the same files again change nothing; others under the same version take its place', async () => {
    const path = await kit.folder({ 'map.csv': csv(line('a', '1-8')) });
    const load = () => kit.load('csv-map', path, { url: URL, version: '1' });
    await load();
    const generation = await kit.terminology.generation();
    expect(await load()).toMatchObject({ outcome: 'unchanged' });
    expect(await kit.terminology.generation()).toBe(generation);
    await loadMap(csv(line('a', '2-6')), '1');
    expect(await targetsOf('a')).toEqual(['2-6']);
    expect(await kit.count('terminology_map_row')).toBe(1);
    expect(await kit.terminology.generation()).not.toBe(generation);
  });

  test('[TL4] a resource of the record stands for it, without its content, and goes with it', async () => {
    const reader = recordReader(kit.database, { scope: { kind: 'everything' } });
    const path = await kit.folder({
      'icd10cm_codes_2026.txt': 'A000    An invented disease\nA001    Another invented disease\n',
    });
    await kit.load('icd-10-cm', path);
    const [name] = (await reader.history({ type: 'CodeSystem' }, { count: 10 })).entries;
    const stub = await reader.read('CodeSystem', name?.id ?? '');
    expect(JSON.parse(stub?.json ?? '')).toMatchObject({
      ...{ resourceType: 'CodeSystem', url: 'http://hl7.org/fhir/sid/icd-10-cm', version: '2026' },
      ...{ name: 'ICD10CM', status: 'active', content: 'not-present', count: 2 },
    });
    const system = await (await kit.terminology.source()).codeSystem('http://hl7.org/fhir/sid/icd-10-cm');
    expect(system?.content).toBe('complete');
    await removeTerminology(kit.database, { url: 'http://hl7.org/fhir/sid/icd-10-cm' });
    expect(await reader.read('CodeSystem', name?.id ?? '')).toBeUndefined();
  });
});

describe('files', () => {
  const icd = 'A000    An invented disease\n';
  const codes = 'icd10cm_codes_2026.txt';

  test('[TL5] plain, gzip and zip are the same', async () => {
    const folders = [
      { [codes]: icd },
      { [`${codes}.gz`]: gzipSync(icd) },
      { 'release.zip': zip({ [`folder/${codes}`]: icd }) },
      { 'release.zip': zip({ [codes]: icd }, { stored: true }) },
    ];
    for (const files of folders) {
      await kit.clear();
      expect(await kit.load('icd-10-cm', await kit.folder(files))).toMatchObject({
        ...{ outcome: 'loaded', findings: [], targets: [{ version: '2026', count: 1 }] },
      });
    }
  });

  const long = Array.from(
    { length: 3_000 },
    (_, at) => `B${String(at).padStart(6, '0')} Disease ${at}\n`,
  ).join('');
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0x01;
    return copy;
  };
  test.each([
    [
      'a gzip that was cut off',
      { [`${codes}.gz`]: gzipSync(long).subarray(0, -200) },
      /gzip file that is whole/,
    ],
    [
      'a zip with a wrong byte',
      { 'a.zip': flipped(zip({ [codes]: long }, { stored: true }), 300) },
      /checksum/,
    ],
    ['bytes that are no UTF-8', { [codes]: Buffer.from(`${icd}A001    M\xe9ni\xe8re\n`, 'latin1') }, /UTF-8/],
    ['UTF-16', { [codes]: Buffer.from(`\ufeff${icd}`, 'utf16le') }, /UTF-8|zero bytes/],
    ['a line without end', { [codes]: Buffer.alloc(3_000_000, 'A') }, /lines of at most/],
    ['zero bytes', { [codes]: `${icd}A001 \0 B\n` }, /zero bytes/],
    ['another layout', { [codes]: `${icd}not a row\n` }, /a code and its description/],
  ])('[TL5] %s: a finding, and nothing is loaded', async (_what, files, rule) => {
    const report = await kit.load('icd-10-cm', await kit.folder(files as Record<string, Buffer>));
    expect(report).toMatchObject({
      outcome: 'refused',
      findings: [{ severity: 'error', file: expect.any(String), rule: expect.stringMatching(rule) }],
    });
    expect(await listTerminology(kit.database)).toEqual([]);
    expect(await kit.count('terminology_concept')).toBe(0);
  });

  test('[TL5] the line of a wrong byte is told', async () => {
    const text = `${Array.from({ length: 99 }, (_, at) => `B${String(at).padStart(2, '0')}     Disease\n`).join('')}C00     M\xe9\n`;
    const report = await kit.load('icd-10-cm', await kit.folder({ [codes]: Buffer.from(text, 'latin1') }));
    expect(report.findings).toMatchObject([{ file: codes, line: 100 }]);
    const again = await kit.load('icd-10-cm', await kit.folder({ [codes]: Buffer.from(text, 'latin1') }), {
      encoding: 'windows-1252',
    });
    expect(again).toMatchObject({ outcome: 'loaded' });
    const system = await (await kit.terminology.source()).codeSystem('http://hl7.org/fhir/sid/icd-10-cm');
    expect((await system?.find(['C00']))?.get('C00')?.display).toBe('Mé');
  });

  test.each([
    [
      'a zip whose end is missing',
      'icd-10-cm',
      { 'a.zip': zip({ [codes]: long }).subarray(0, -30) },
      'TERMINOLOGY_INVALID',
    ],
    ['no file of the format', 'icd-10-cm', { 'other.txt': 'x' }, 'TERMINOLOGY_INVALID'],
    ['two where one is meant', 'icd-10-cm', { [codes]: icd, [`b/${codes}`]: icd }, 'TERMINOLOGY_INVALID'],
    ['no version', 'icd-10-cm', { 'icd10cm_codes.txt': icd }, 'TERMINOLOGY_INVALID'],
    ['an unknown format', 'icd-11', { [codes]: icd }, 'TERMINOLOGY_INVALID'],
  ])('[TL5] %s is refused before anything is read', async (_what, format, files, code) => {
    const folder = await kit.folder(files as Record<string, string>);
    await expect(kit.load(format, folder)).rejects.toMatchObject({ code });
    await expect(kit.load(format === 'icd-11' ? 'gem' : format, `${folder}/nowhere`)).rejects.toMatchObject({
      code: 'FILE_FAILED',
    });
  });

  test('[TL6] a code that is there twice is told with its line, in one batch and across batches', async () => {
    const row = (at: number) => `B${String(at).padStart(6, '0')} Disease ${at}`;
    for (const [count, twice] of [
      [10, 4],
      [30_000, 2],
    ] as const) {
      const text = `${[...Array.from({ length: count }, (_, at) => row(at)), row(twice)].join('\n')}\n`;
      const report = await kit.load('icd-10-cm', await kit.folder({ [codes]: text }));
      expect(report).toMatchObject({
        outcome: 'refused',
        findings: [{ file: codes, line: count + 1, rule: expect.stringContaining('each code once') }],
      });
    }
  });

  test('[TL6] at most twenty errors are listed, and then nobody reads on', async () => {
    const text = Array.from({ length: 60_000 }, () => 'wrong\n').join('');
    const report = await kit.load('icd-10-cm', await kit.folder({ [codes]: text }));
    expect(report.findings).toHaveLength(20);
  });

  test('[TL7] maps that contradict each other are told and kept as they are', async () => {
    const report = await loadMap(
      csv(line('a', '1-8'), line('a', '2-6'), line('b', '3-4', 'wider'), line('b', '4-2', 'wider')),
    );
    expect(report).toMatchObject({
      outcome: 'loaded',
      findings: [
        {
          severity: 'warning',
          rule: expect.stringContaining('a is said to be the same as each of 1-8, 2-6'),
        },
      ],
    });
    expect(await targetsOf('a')).toEqual(['1-8', '2-6']);
  });
});
