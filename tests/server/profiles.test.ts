import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeSystem, manifest, profile, tgz, valueSet } from '../packages/tarball.ts';
import { eventually, freePort, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { EngineProcess, isthmus, sendMllp, temporaryHome } from './support.ts';

/** A channel demands a profile of what it writes: from the package on a disk to what a reader of the API sees. */

let db: TestDatabase;
let home: string;
beforeAll(async () => {
  db = await openTestDatabase();
  home = await temporaryHome();
});
afterAll(() => db?.drop());

const environmentOn = (port: number) => ({ ISTHMUS_HOME: home, DATABASE_URL: db.url, PORT: String(port) });

const adt = (controlId: string, patient: string, born: string): string =>
  [
    `MSH|^~\\&|EHR|GENERAL|ISTHMUS|ISTHMUS|20260310090000-0500||ADT^A28^ADT_A05|${controlId}|P|2.5.1`,
    'EVN||20260310090000-0500',
    `PID|1||${patient}^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Kanarienvogel^Quirin||${born}|M`,
    '',
  ].join('\r');

async function packageFile(): Promise<string> {
  const path = join(home, 'visits.tgz');
  const file = createWriteStream(path);
  for await (const chunk of tgz([manifest(), profile(), valueSet, codeSystem])) file.write(chunk);
  file.end();
  await once(file, 'close');
  return path;
}

function configOn(port: number, profiles: readonly string[]): string {
  const path = join(home, 'isthmus.config.ts');
  writeFileSync(
    path,
    `import { channel, defineConfig, ehr, mllp, record } from 'isthmus';
export default defineConfig({
  systems: { general: ehr({ authority: '2.16.840.1.113883.19.5' }) },
  channels: [channel('adt', { from: mllp({ port: ${port} }), to: [record({ profiles: ${JSON.stringify(profiles)} })] })],
});
`,
  );
  return path;
}

test('what a channel demands is checked of its type only, stored with its issues, flagged, and gone once it is met', async () => {
  const port = await freePort();
  const mllpPort = await freePort();
  const environment = environmentOn(port);
  const config = configOn(mllpPort, [
    'http://example.org/visit-patient|1.0.0',
    'http://example.org/not-loaded',
  ]);
  const engine = new EngineProcess(config, environment);
  await engine.until('owner');
  const loaded = await isthmus(['package', 'load', await packageFile()], environment);
  expect(loaded).toMatchObject({ code: 0, err: '' });
  const token = (await isthmus(['admin', 'token', 'show'], environment)).out.trim();
  const read = async (path: string) => {
    const response = await fetch(`${engine.url}/fhir/R4/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return (await response.json()) as {
      entry?: { resource: { identifier: { value: string }[] } }[];
      total?: number;
    };
  };
  const withTag = async () => {
    const { entry = [] } = await read('Patient?_tag=urn:isthmus:validation|invalid');
    return entry.map(({ resource }) => resource.identifier[0]?.value).sort();
  };
  await sendMllp(mllpPort, adt('P-1', 'MRN-1', ''));
  await sendMllp(mllpPort, adt('P-2', 'MRN-2', '19710203'));
  await eventually(async () => (await read('Patient')).entry?.length === 2);
  expect(await withTag()).toEqual(['MRN-1']);
  // Its type alone: the Provenance and the Organization of the same messages are not held against it.
  for (const type of ['Provenance', 'Organization'])
    expect((await read(`${type}?_tag=urn:isthmus:validation|invalid`)).entry ?? []).toEqual([]);
  await sendMllp(mllpPort, adt('P-3', 'MRN-1', '19700101'));
  await eventually(async () => (await withTag()).length === 0);
  expect(engine.log.match(/a profile that a channel demands is not loaded/g)).toHaveLength(1);
  expect(engine.log).toContain('http://example.org/not-loaded');
  expect(await engine.stop()).toBe(0);
}, 60_000);

test('isthmus check lists a profile that is no canonical URL', async () => {
  const config = configOn(await freePort(), ['http://example.org/fine', 'us core']);
  const { code, err } = await isthmus(['check', '--config', config], environmentOn(0));
  expect(code).toBe(1);
  expect(err).toContain('channels.adt.to[0].profiles[1]: the canonical URL of a profile');
});
