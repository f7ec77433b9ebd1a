import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImportProgress } from '../../src/gateway/import/index.ts';
import { bundle, create, patient, practitioner, pulse, startImport, type TestImport } from './support.ts';

let world: TestImport;
beforeEach(async () => {
  world = await startImport();
});
afterEach(() => world.stop());

const read = async (type: string, id: string) => {
  const found = await world.record.read(type, id);
  return found && JSON.parse(found.json);
};
const types = async (type: string) =>
  (await world.record.history({ type }, { count: 1_000 })).entries.flatMap(({ resource }) =>
    resource ? [JSON.parse(resource.json)] : [],
  );

describe('[T20] NDJSON', () => {
  test('mixed types keep their ids, what has none is given one, and digits stay', async () => {
    const path = world.file(
      'mixed.ndjson',
      `${JSON.stringify(patient('a'))}\r\n\n{"resourceType":"Observation","id":"b","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}\n${JSON.stringify(pulse(undefined))}`,
    );
    const { counts } = await world.run(path);
    expect(counts).toMatchObject({ written: 3, refused: 0 });
    expect(await read('Patient', 'a')).toMatchObject({ id: 'a', meta: { versionId: '1' } });
    expect((await world.record.read('Observation', 'b'))?.json).toContain('"value":1.50');
    expect(await types('Observation')).toHaveLength(2);
  });

  test('the mark of UTF-8 at the beginning of a file is no part of it', async () => {
    world.file('mark.ndjson', `\uFEFF${JSON.stringify(patient('a'))}\n${JSON.stringify(patient('b'))}`);
    world.file('mark.json', `\uFEFF${JSON.stringify(bundle('transaction', [create(patient(undefined))]))}`);
    const { counts } = await world.run(world.folder);
    expect(counts).toMatchObject({ written: 3, refused: 0 });
  });

  test('packed, in pieces, and larger than a unit', async () => {
    const lines = Array.from({ length: 1_203 }, (_, n) =>
      pulse(`o-${n}`, { note: [{ text: 'é'.repeat(300) }] }),
    );
    const { counts } = await world.run(world.file('many.ndjson.gz', lines));
    expect(counts.written).toBe(1_203);
    expect(await types('Observation')).toHaveLength(1_000);
    expect(await read('Observation', 'o-1202')).toBeDefined();
  });

  test('later lines of the same resource are later versions', async () => {
    const path = world.file('twice.ndjson', [
      patient('a', { active: true }),
      patient('b'),
      patient('a', { active: false }),
      patient('a', { active: false }),
    ]);
    const { counts } = await world.run(path);
    expect(counts).toMatchObject({ written: 3, unchanged: 1 });
    expect(await read('Patient', 'a')).toMatchObject({ active: false, meta: { versionId: '2' } });
  });

  test('what is refused is told by line, place and rule, and no value', async () => {
    const path = world.file(
      'bad.ndjson',
      [
        JSON.stringify(patient('good')),
        '{"resourceType":"Patient","id":"x",}',
        JSON.stringify({ ...pulse('secret'), status: 'secret-status' }),
        '{"resourceType":"NoSuchType","id":"1"}',
        '"text"',
        '',
        JSON.stringify(patient('not an id')),
        JSON.stringify(patient('good-2')),
      ].join('\n'),
    );
    const refusals = await world.refusals(path);
    expect([...new Set(refusals.map(({ item }) => item))]).toEqual([2, 3, 4, 5, 7]);
    expect(refusals.find(({ item }) => item === 3)?.place).toBe('Observation.status');
    expect(JSON.stringify(refusals)).not.toContain('secret');
    expect(await read('Patient', 'good')).toBeDefined();
    expect(await read('Patient', 'good-2')).toBeDefined();
    expect(await read('Observation', 'secret')).toBeUndefined();
  });

  test('--keep-invalid stores what is invalid with its issues, and still not what is no resource', async () => {
    const path = world.file('bad.ndjson', [
      { ...pulse('bad'), status: 'no-such' },
      { resourceType: 'Nothing' },
    ]);
    const { counts } = await world.run(path, { keepInvalid: true });
    expect(counts).toMatchObject({ written: 1, flagged: 1, refused: 1 });
    expect(await read('Observation', 'bad')).toMatchObject({ status: 'no-such' });
    const [row] = await world.db.database.query<{ issues: string }>({
      name: 'test.issues',
      text: `SELECT issues FROM resource WHERE id = 'bad'`,
    });
    expect(row?.issues).toContain('Observation.status');
  });

  test('conditional references, as Synthea writes them, are resolved where one is found and stay where none is', async () => {
    world.file('Practitioner.000.ndjson', [practitioner('1', 'curie')]);
    world.file('Encounter.000.ndjson', [
      pulse('found', { performer: [{ reference: 'Practitioner?identifier=urn:npi|1' }] }),
      pulse('missing', { performer: [{ reference: 'Practitioner?identifier=urn:npi|2' }] }),
    ]);
    const { counts } = await world.run(world.folder);
    expect(counts).toMatchObject({ written: 3, unresolved: 1 });
    expect((await read('Observation', 'found')).performer[0].reference).toBe('Practitioner/curie');
    expect((await read('Observation', 'missing')).performer[0].reference).toBe(
      'Practitioner?identifier=urn:npi|2',
    );
  });
});

describe('[T21] bundles', () => {
  test('a transaction is all or nothing, and its entries are named', async () => {
    world.file('a-good.json', bundle('transaction', [create(patient(undefined)), create(pulse(undefined))]));
    world.file(
      'b-bad.json',
      bundle('transaction', [create(pulse(undefined)), create({ ...pulse(undefined), status: 'no' })]),
    );
    const { files, counts } = await world.run(world.folder);
    expect(counts).toMatchObject({ written: 2, refused: 2 });
    expect(files.map(({ state }) => state)).toEqual(['done', 'done']);
    const refusals = await world.refusals(world.folder);
    expect(refusals).toEqual([
      { item: 2, place: 'Bundle.entry[1].resource.status', rule: expect.any(String) },
    ]);
    expect(await types('Observation')).toHaveLength(1);
  });

  test('entries of a batch stand each for itself', async () => {
    const entries = Array.from({ length: 230 }, (_, n) =>
      create(practitioner(`p${n % 200}`), { ifNoneExist: `identifier=urn:npi|p${n % 200}` }),
    );
    entries[120] = create({ ...pulse(undefined), status: 'no' });
    const { counts } = await world.run(world.file('batch.json.gz', bundle('batch', entries)));
    expect(counts).toMatchObject({ written: 199, unchanged: 30, refused: 1 });
    expect((await types('Practitioner')).length).toBe(199);
  });

  test('a collection keeps ids, and its entries name each other', async () => {
    const collection = bundle('collection', [
      { fullUrl: 'urn:uuid:1', resource: patient('p') },
      { fullUrl: 'urn:uuid:2', resource: pulse('o', { subject: { reference: 'urn:uuid:1' } }) },
      { resource: { ...pulse('bad'), status: 'no' } },
    ]);
    const { counts } = await world.run(world.file('collection.json', collection));
    expect(counts).toMatchObject({ written: 2, refused: 1 });
    expect((await read('Observation', 'o')).subject.reference).toBe('Patient/p');
  });

  test('a single resource, too', async () => {
    await world.run(world.file('one.json', patient('one')));
    expect(await read('Patient', 'one')).toBeDefined();
  });

  test.each([
    ['a history', bundle('history', []), 'Bundle.type'],
    ['a document', bundle('document', []), 'Bundle.type'],
    ['no JSON', '{"resourceType":', 'line 1, column 17'],
    [
      'an entry without a request',
      bundle('transaction', [{ resource: patient('x') }]),
      'Bundle.entry[0].request',
    ],
  ])('%s is refused as a whole', async (_what, content, place) => {
    const path = world.file('refused.json', content);
    const { counts, files } = await world.run(path);
    expect(counts).toMatchObject({ written: 0, refused: 1 });
    expect(files[0]?.state).toBe('done');
    expect((await world.refusals(path)).map((one) => one.place)).toEqual([place]);
  });
});

describe('[T22] the order of files', () => {
  test('hospitals and practitioners come first, and what refers to what is not there yet is tried again', async () => {
    const needs = (value: string) =>
      bundle('transaction', [
        create(pulse(undefined, { performer: [{ reference: `Practitioner?identifier=urn:npi|${value}` }] })),
      ]);
    world.file('0aaa.json', needs('1'));
    world.file('Abel.json', needs('2'));
    world.file('practitionerInformation1.json', bundle('batch', [create(practitioner('1'))]));
    world.file('zeta.json', bundle('transaction', [create(practitioner('2'))]));
    world.file('zulu.json', needs('3'));
    const { counts } = await world.run(world.folder, { workers: 1 });
    expect(counts).toMatchObject({ written: 4, refused: 1 });
    const refusals = await world.refusals(world.folder);
    expect(refusals).toEqual([
      {
        item: 1,
        place: 'Bundle.entry[0].resource.performer[0].reference',
        rule: expect.stringContaining('exactly one'),
      },
    ]);
  });

  test('other files of a folder are left out; a named one is refused', async () => {
    world.file('README.txt', 'read me');
    world.file('log.ndjson', [{ exportId: 1 }]);
    world.file('a.ndjson', [patient('a')]);
    expect((await world.run(world.folder)).files).toHaveLength(1);
    await expect(world.run(`${world.folder}/README.txt`)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(world.run(`${world.folder}/nothing.json`)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });
});

describe('[T23] what was imported is not imported again', () => {
  test('by its content, wherever it lies; unless it is told to', async () => {
    const content = bundle('transaction', [create(patient(undefined))]);
    const path = world.file('a.json', content);
    await world.run(path);
    const again = await world.run([path, world.file('copy.json', content)]);
    expect(again.files.map(({ state }) => state)).toEqual(['before', 'before']);
    expect(await types('Patient')).toHaveLength(1);
    await world.run(path, { restart: true });
    expect(await types('Patient')).toHaveLength(2);
    await world.run(path, { system: 'other' });
    expect(await types('Patient')).toHaveLength(3);
  });
});

describe('[T25] bounds', () => {
  test('a line that is too long is refused, and the next one is taken', async () => {
    const long = JSON.stringify({ resourceType: 'Binary', id: 'long', data: 'A'.repeat(17 * 1_024 * 1_024) });
    const path = world.file(
      'long.ndjson',
      `${JSON.stringify(patient('a'))}\n${long}\n${JSON.stringify(patient('b'))}\n`,
    );
    const refusals = await world.refusals(path);
    expect(refusals).toEqual([{ item: 2, place: '', rule: 'a line of 16 MiB at most' }]);
    expect(await read('Patient', 'b')).toBeDefined();
  });

  test('a bundle of more entries than a request may have is refused', async () => {
    const entries = Array.from({ length: 10_001 }, () => create(patient(undefined)));
    const refusals = await world.refusals(world.file('many.json', bundle('transaction', entries)));
    expect(refusals).toEqual([{ item: 0, place: 'Bundle.entry', rule: 'at most 10000 entries' }]);
  });

  test('a packed file that is damaged is told and holds up no other; when it is whole it is imported', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => patient(`d${n}`));
    const path = world.file('damaged.ndjson.gz', lines);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 20));
    const other = world.file('other.ndjson', [patient('other')]);
    const { files } = await world.run(world.folder, { workers: 1 });
    const stateOf = (name: string) => files.find((file) => file.path === name);
    expect(stateOf(path)).toMatchObject({ state: 'unreadable', counts: { refused: 1 } });
    expect(stateOf(other)).toMatchObject({ state: 'done', counts: { written: 1 } });
    for await (const refusal of stateOf(path)?.refusals() ?? [])
      expect(refusal).toEqual({ item: 0, place: '', rule: 'a file that can be read and unpacked' });
    writeFileSync(path, whole);
    const { counts } = await world.run(path);
    expect(counts.written + counts.unchanged).toBe(3_000);
  });
});

describe('[T26] progress', () => {
  test('grows to the whole, in resources, files and bytes', async () => {
    world.file(
      'a.ndjson.gz',
      Array.from({ length: 1_200 }, (_, n) => patient(`a${n}`)),
    );
    world.file('b.json', bundle('transaction', [create(patient(undefined))]));
    const told: ImportProgress[] = [];
    await world.run(world.folder, { workers: 1, onProgress: (progress) => told.push(progress) });
    const resources = told.map(({ counts }) => counts.written);
    expect(resources).toEqual([...resources].sort((one, other) => one - other));
    const last = told.at(-1);
    expect(last).toMatchObject({
      counts: { written: 1_201 },
      files: 2,
      filesDone: 2,
      bytesDone: last?.bytes,
    });
  });
});
