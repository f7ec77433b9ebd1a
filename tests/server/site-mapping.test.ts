import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, freePort, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { EngineProcess, isthmus, sendMllp, temporaryHome } from './support.ts';

/** A site's own lines of the mapping: judged by `isthmus check`, shown by `isthmus test`, and in the record. */

let db: TestDatabase;
let home: string;
beforeAll(async () => {
  db = await openTestDatabase();
  home = await temporaryHome();
});
afterAll(() => db?.drop());

const environmentOn = (port: number) => ({ ISTHMUS_HOME: home, DATABASE_URL: db.url, PORT: String(port) });

function configWith(port: number, mapping: string): string {
  const path = join(home, 'isthmus.config.ts');
  writeFileSync(
    path,
    `import { channel, codes, cwe, cx, defineConfig, each, ehr, extend, extension, first, from, mllp, onto, record, yn } from 'isthmus';
export default defineConfig({
  systems: { general: ehr({ authority: '2.16.840.1.113883.19.5' }) },
  channels: [channel('adt', { from: mllp({ port: ${port} }), to: [record({ mapping: ${mapping} })] })],
});
`,
  );
  return path;
}

const good = `extend({
  PID: [{ field: 26, to: extension('http://hospital.example/fhir/citizen'), as: each(cwe('0171')) }],
  ZPI: onto('Patient', [
    { field: 1, to: 'identifier@ZPI-1', as: each(cx) },
    { field: 2, to: extension('http://hospital.example/fhir/televisits'), as: first(yn()) },
  ]),
}, { 'PV1-19': from('ZPV-1'), 'PID-8': codes({ W: 'F' }) })`;

const adt = [
  'MSH|^~\\&|EHR|GENERAL|ISTHMUS|ISTHMUS|20260310090000-0500||ADT^A01^ADT_A01|S-1|P|2.5.1',
  'EVN||20260310090000-0500',
  'PID|1||MRN-1^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Kanarienvogel^Quirina||19710203|W||||||||||||||||||USA|v',
  'PV1|1|I',
  'ZPI|77^^^LOCAL^PI|Y|unread',
  'ZPV|V-77',
  '',
].join('\r');

test('[MS4] isthmus check lists every mistake of a mapping with its place', async () => {
  const config = configWith(
    await freePort(),
    "extend({ PID: [{ field: 26, to: 'citizen', as: each(cwe('0171')) }], ZPI: [{ field: 1, to: 'name', as: first(cx) }] })",
  );
  const { code, err } = await isthmus(['check', '--config', config], environmentOn(0));
  expect(code).toBe(1);
  expect(err.split('\n').slice(0, 2)).toEqual([
    'channels.adt.to[0].mapping.segments.PID[0].to: citizen is no place in Patient',
    expect.stringContaining('channels.adt.to[0].mapping.segments.ZPI: onto(…) says which resource'),
  ]);
});

test('[MS4] the configuration of the how-to has no mistake', async () => {
  const howTo = fileURLToPath(new URL('../../docs/how-to/map-a-site.md', import.meta.url));
  const [, shown = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(howTo, 'utf8')) ?? [];
  const path = join(home, 'how-to.config.ts');
  writeFileSync(path, shown);
  expect(await isthmus(['check', '--config', path], environmentOn(0))).toMatchObject({ code: 0, err: '' });
});

test('[MS1] [MS5] isthmus test shows the resources that come of it, and what nothing reads', async () => {
  const config = configWith(await freePort(), good);
  mkdirSync(join(home, 'tests/adt'), { recursive: true });
  writeFileSync(join(home, 'tests/adt/a01.hl7'), adt);
  const updated = await isthmus(['test', '--update', '--config', config], environmentOn(0));
  expect(updated).toMatchObject({ code: 0, err: '' });
  const { record } = JSON.parse(readFileSync(join(home, 'tests/adt/a01.expected.json'), 'utf8')) as {
    record: { resources: { resourceType: string }[]; unmapped: object; findings?: object }[];
  };
  expect(record).toHaveLength(1);
  expect(record[0]).toMatchObject({ unmapped: { 'PID-27': 1, 'ZPI-3': 1 } });
  expect(record[0]?.resources.filter(({ resourceType }) => resourceType === 'Patient')).toMatchObject([
    {
      gender: 'female',
      identifier: [{ value: 'MRN-1' }, { value: '77' }],
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-citizenship' },
        { url: 'http://hospital.example/fhir/citizen' },
        { url: 'http://hospital.example/fhir/televisits', valueBoolean: true },
      ],
    },
  ]);
});

test('[MS1] [MS2] [MS3] what the site maps itself stands in the record', async () => {
  const port = await freePort();
  const mllpPort = await freePort();
  const environment = environmentOn(port);
  const engine = new EngineProcess(configWith(mllpPort, good), environment);
  await engine.until('owner');
  expect(await sendMllp(mllpPort, adt)).toContain('MSA|AA|S-1');
  const token = (await isthmus(['admin', 'token', 'show'], environment)).out.trim();
  const search = async (path: string) => {
    const response = await fetch(`${engine.url}/fhir/R4/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { entry = [] } = (await response.json()) as { entry?: { resource: object }[] };
    return entry.map(({ resource }) => resource);
  };
  const [patient] = await eventually(async () => {
    const found = await search('Patient?identifier=77');
    return found.length > 0 ? found : undefined;
  });
  expect(patient).toMatchObject({ gender: 'female' });
  expect(await search('Encounter?identifier=V-77')).toHaveLength(1);
  const shown = await isthmus(['messages', 'show', '1'], environment);
  expect(shown.out).toContain('\nnot read by the standard mapping: PID-27, ZPI, ZPV\n');
  expect(await engine.stop()).toBe(0);
}, 60_000);
