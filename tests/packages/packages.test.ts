import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type ArchiveLimits,
  listPackages,
  loadPackage,
  migrations,
  openProfiles,
  type Profiles,
  removePackage,
} from '../../src/clinical/packages/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { chunksOf, codeSystem, manifest, profile, type TarEntry, tarball, tgz, valueSet } from './tarball.ts';

const name = 'example.visits';
const PROFILE = 'http://example.org/visit-patient';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());
beforeEach(async () => {
  for (const { name, version } of await listPackages(db.database))
    await removePackage(db.database, { name, version });
});

const load = (entries: readonly TarEntry[], limits: ArchiveLimits = {}) =>
  loadPackage(db.database, { source: tgz(entries), limits });
const whole = [manifest(), profile(), valueSet, codeSystem];

const failureOf = async (work: Promise<unknown>): Promise<IsthmusError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof IsthmusError) return error;
  throw error ?? new Error('nothing was thrown');
};

describe('loading', () => {
  test('[K1] a package is there with what it defines', async () => {
    const progress: number[] = [];
    const examples = Array.from({ length: 120 }, (_, index) => ({
      path: `package/Patient-${index}.json`,
      content: { resourceType: 'Patient', id: `p${index}` },
    }));
    const outcome = await loadPackage(db.database, {
      source: tgz([...whole, ...examples, { path: 'package/.index.json', content: 'none of ours' }]),
      onProgress: (files) => progress.push(files),
    });
    const counts = { StructureDefinition: 1, ValueSet: 1, CodeSystem: 1 };
    expect(outcome).toEqual({
      ...{ kind: 'loaded', name: 'example.visits', version: '1.0.0', counts },
      ...{ withoutSnapshot: [], missing: [] },
    });
    expect(progress).toEqual([100]);
    expect(await listPackages(db.database)).toEqual([
      { name: 'example.visits', version: '1.0.0', loadedAt: expect.any(Date), counts },
    ]);
  });

  test('[K2] the same package again changes nothing, another content replaces it', async () => {
    await load(whole);
    expect((await load([...whole].reverse())).kind).toBe('unchanged');
    expect((await load([manifest({ title: 'Visits' }), profile()])).kind).toBe('replaced');
    expect(await listPackages(db.database)).toMatchObject([
      { title: 'Visits', counts: { StructureDefinition: 1 } },
    ]);
  });

  test('[K2] loading it many times at once leaves it there once', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => load(whole)));
    expect(outcomes.map(({ kind }) => kind)).toContain('loaded');
    expect(await listPackages(db.database)).toHaveLength(1);
  });

  test('[K3] versions stand beside each other, the newest first, and are removed one by one or together', async () => {
    for (const version of ['1.9.0', '1.10.0', '1.10.0-ballot', '1.2.0'])
      await load([manifest({ version }), profile(version)]);
    expect((await listPackages(db.database)).map(({ version }) => version)).toEqual([
      '1.10.0',
      '1.10.0-ballot',
      '1.9.0',
      '1.2.0',
    ]);
    expect(await removePackage(db.database, { name, version: '1.9.0' })).toEqual(['1.9.0']);
    expect(await removePackage(db.database, { name })).toEqual(['1.2.0', '1.10.0-ballot', '1.10.0']);
    expect((await failureOf(removePackage(db.database, { name }))).code).toBe('PACKAGE_UNKNOWN');
  });

  test('[K1] what belongs to it is in the same transaction', async () => {
    const alongside = () => Promise.reject(new IsthmusError('INTERNAL'));
    expect((await failureOf(loadPackage(db.database, { source: tgz(whole), alongside }))).code).toBe(
      'INTERNAL',
    );
    expect(await listPackages(db.database)).toEqual([]);
    await load(whole);
    expect((await failureOf(removePackage(db.database, { name, alongside }))).code).toBe('INTERNAL');
    expect(await listPackages(db.database)).toHaveLength(1);
  });

  test('says what it builds on that is not loaded, and which profiles have no snapshot', async () => {
    const dependencies = { 'hl7.fhir.r4.core': '4.0.1', 'example.base': '2.0.0' };
    const outcome = await load([manifest({ dependencies }), profile('1.0.0', { snapshot: undefined })]);
    expect(outcome).toMatchObject({ missing: ['example.base 2.0.0'], withoutSnapshot: [PROFILE] });
    await load([manifest({ name: 'example.base' }), codeSystem]);
    expect((await load([manifest({ dependencies }), profile()])).missing).toEqual([]);
  });

  test.each<[string, readonly TarEntry[], string | RegExp]>([
    ['no manifest', [profile()], 'package/package.json'],
    [
      'a manifest elsewhere',
      [{ ...manifest(), path: 'other/package.json' }, profile()],
      'package/package.json',
    ],
    ['another FHIR', [manifest({ fhirVersions: ['5.0.0'] }), profile()], 'package/package.json'],
    ['no FHIR version', [manifest({ fhirVersions: undefined }), profile()], 'package/package.json'],
    ['no name', [manifest({ name: '' }), profile()], 'package/package.json'],
    ['a name that is a path', [manifest({ name: '../../etc' }), profile()], 'package/package.json'],
    ['nothing that is defined', [manifest()], 'package'],
    [
      'a file that is no JSON',
      [manifest(), { path: 'package/X.json', content: '{\n "a": }' }],
      'package/X.json, line 2, column 7',
    ],
    [
      'a name twice',
      [manifest(), { path: 'package/X.json', content: '{"a":1,"a":1}' }],
      'package/X.json, line 1, column 8',
    ],
  ])('[K4] %s is refused with its place, and nothing is stored', async (_what, entries, place) => {
    expect(await failureOf(load(entries))).toMatchObject({ code: 'PACKAGE_INVALID', place });
    expect(await listPackages(db.database)).toEqual([]);
  });

  test('[K4] a broken archive is refused', async () => {
    const archive = gzipSync(tarball(whole));
    const damaged = tarball(whole);
    damaged.fill(0x41, 148, 156);
    const broken: Record<string, Buffer> = {
      'a text': Buffer.from('no archive at all'),
      nothing: Buffer.alloc(0),
      'a tar without gzip': tarball(whole),
      'a gzip without tar': gzipSync('x'.repeat(5000)),
      'half an archive': archive.subarray(0, archive.length / 2),
      'half a tar': gzipSync(tarball(whole).subarray(0, 1300)),
      'a wrong checksum': gzipSync(damaged),
    };
    for (const [what, bytes] of Object.entries(broken)) {
      const error = await failureOf(loadPackage(db.database, { source: chunksOf(bytes) }));
      expect(error.code, what).toBe('PACKAGE_INVALID');
    }
    expect(await listPackages(db.database)).toEqual([]);
  });

  test('[K5] no limit is passed: files, bytes of a file, bytes unpacked', async () => {
    expect(await failureOf(load(whole, { maxFiles: 3 }))).toMatchObject({ rule: 'at most 3 files' });
    expect(await failureOf(load(whole, { maxFileBytes: 300 }))).toMatchObject({
      rule: 'at most 300 bytes a file',
    });
    const bomb = { path: 'package/other.bin', content: Buffer.alloc(50 * 1024 * 1024) };
    const error = await failureOf(load([bomb, ...whole], { maxBytes: 1024 * 1024, maxFileBytes: 1e9 }));
    expect(error.rule).toBe('at most 1048576 bytes, unpacked');
  });

  test('[K6] names lead nowhere: links, folders and files outside of package are passed over', async () => {
    const content = { resourceType: 'CodeSystem', url: 'urn:evil', content: 'complete' };
    const outcome = await load([
      ...whole,
      { path: '../package/evil.json', content },
      { path: '/package/evil.json', content },
      { path: 'package/../evil.json', content },
      { path: 'package/example/evil.json', content },
      { path: 'package/evil.txt', content },
      { path: 'package/link.json', content: '', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      { path: 'package/folder.json', content: '', type: 'Directory' },
    ]);
    expect(outcome.counts).toEqual({ StructureDefinition: 1, ValueSet: 1, CodeSystem: 1 });
  });
});

describe('profiles', () => {
  let profiles: Profiles;
  beforeEach(async () => {
    profiles = await openProfiles(db.database, { logger: silentLogger });
    return () => profiles.close();
  });
  const patient = (more: object = {}) => ({
    resourceType: 'Patient',
    meta: { profile: [PROFILE] },
    birthDate: '1980-01-01',
    ...more,
  });
  const errorsOf = (resource: object) =>
    profiles.validator
      .validate(resource as { resourceType: string })
      .filter(({ severity }) => severity === 'error')
      .map(({ expression }) => expression);
  const coded = (system: string, code: string) => ({ maritalStatus: { coding: [{ system, code }] } });

  test('[K7] are in force moments after a package was loaded, and no longer after it was removed', async () => {
    const before = profiles.current();
    const { birthDate: _, ...undated } = patient();
    expect(errorsOf(undated)).toEqual([]);
    await load(whole);
    await eventually(() => expect(profiles.current()).not.toBe(before));
    expect(errorsOf(undated)).toEqual(['Patient.birthDate']);
    expect(errorsOf(patient())).toEqual([]);
    await removePackage(db.database, { name });
    await eventually(() => expect(profiles.current().structure(PROFILE)).toBeUndefined());
    expect(errorsOf(undated)).toEqual([]);
  });

  test('[K7] are told by the type that they are of', async () => {
    expect(profiles.profilesOf('Patient')).toEqual([]);
    await load(whole);
    await profiles.refresh();
    expect(profiles.profilesOf('Patient')).toEqual([PROFILE]);
    expect(profiles.profilesOf('Observation')).toEqual([]);
  });

  test('[K8] a canonical is the newest version, or the one it names', async () => {
    for (const version of ['1.10.0', '1.9.0', '2.0.0-ballot'])
      await load([manifest({ version }), profile(version)]);
    await profiles.refresh();
    const versionOf = (canonical: string) => {
      const found = profiles.current().structure(canonical);
      return typeof found === 'object' ? found.version : found;
    };
    expect(versionOf(PROFILE)).toBe('2.0.0-ballot');
    expect(versionOf(`${PROFILE}|1.9.0`)).toBe('1.9.0');
    expect(versionOf(`${PROFILE}|1.8.0`)).toBeUndefined();
    expect(versionOf('constructor')).toBeUndefined();
    await removePackage(db.database, { name, version: '2.0.0-ballot' });
    await profiles.refresh();
    expect(versionOf(PROFILE)).toBe('1.10.0');
  });

  test('[K8] one without a snapshot is known as such', async () => {
    await load([manifest(), profile('1.0.0', { snapshot: undefined })]);
    await profiles.refresh();
    expect(profiles.current().structure(PROFILE)).toBe('no-snapshot');
  });

  test('[K9] value sets draw on the code systems of the package and of R4', async () => {
    await load(whole);
    await profiles.refresh();
    const systems = profiles.current().valueSet?.('http://example.org/vs/marital')?.systems;
    expect([...(systems?.keys() ?? [])]).toEqual([
      'http://example.org/cs/marital',
      'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus',
      'http://hl7.org/fhir/administrative-gender',
    ]);
    expect(errorsOf(patient(coded('http://example.org/cs/marital', 'together')))).toEqual([]);
    expect(errorsOf(patient(coded('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'M')))).toEqual(
      [],
    );
    expect(errorsOf(patient(coded('http://example.org/cs/marital', 'alone')))).toEqual([
      'Patient.maritalStatus',
    ]);
  });

  test('[K9] a code is not refused while its code system is not at hand', async () => {
    await load([manifest(), profile(), valueSet]);
    await profiles.refresh();
    expect(errorsOf(patient(coded('http://example.org/cs/marital', 'alone')))).toEqual([]);
    await load([manifest({ name: 'example.terminology' }), codeSystem]);
    await profiles.refresh();
    expect(errorsOf(patient(coded('http://example.org/cs/marital', 'alone')))).toEqual([
      'Patient.maritalStatus',
    ]);
  });

  test('[K10] many refreshes at once end with what was loaded last', async () => {
    const refreshes = [profiles.refresh(), profiles.refresh()];
    await load(whole);
    refreshes.push(profiles.refresh(), profiles.refresh(), profiles.refresh());
    await refreshes.at(-1);
    expect(profiles.current().structure(PROFILE)).toBeDefined();
    await Promise.all(refreshes);
  });
});
