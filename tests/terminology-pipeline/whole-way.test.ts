import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineProcess, isthmus, sendMllp, temporaryHome } from '../server/support.ts';
import { eventually, freePort, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { codesOf, conceptMap, ICD9, ICD10 } from './world.ts';

/** A channel that translates, as a site runs it: messages in over MLLP, maps by the API, the work list by the command. One story, in order. */

let db: TestDatabase;
let home: string;
let config: string;
let environment: Record<string, string> & { PORT: string };
let mllpPort: number;
let engine: EngineProcess;

beforeAll(async () => {
  db = await openTestDatabase();
  home = await temporaryHome();
  mllpPort = await freePort();
  environment = { ISTHMUS_HOME: home, DATABASE_URL: db.url, PORT: String(await freePort()) };
  config = join(home, 'isthmus.config.ts');
  writeFileSync(
    config,
    `import { channel, defineConfig, ehr, identify, mllp, record, translate } from 'isthmus';
export default defineConfig({
  systems: { general: ehr({ authority: '2.16.840.1.113883.19.5' }) },
  channels: [channel('adt', { from: mllp({ port: ${mllpPort}, system: 'general' }),
    steps: [identify(), translate('general-to-standard')], to: [record()] })],
});
`,
  );
  engine = new EngineProcess(config, environment);
  await engine.until('owner');
}, 60_000);

afterAll(async () => {
  await engine?.stop();
  await db?.drop();
});

const fhir = (path: string, init: { method?: string; body?: string } = {}) =>
  fetch(`${engine.url}/fhir/R4/${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`,
      'content-type': 'application/fhir+json',
    },
  });
const put = async (resource: { resourceType: string; id?: string }) =>
  (await fhir(`${resource.resourceType}/${resource.id}`, { method: 'PUT', body: JSON.stringify(resource) }))
    .status;

interface Found {
  readonly id: string;
  readonly code: unknown;
  readonly meta: { readonly versionId: string };
}
const conditions = async (query: string): Promise<readonly Found[]> => {
  const { entry = [] } = (await (await fhir(`Condition?${query}`)).json()) as {
    entry?: { resource: Found }[];
  };
  return entry.map(({ resource }) => resource);
};

const admission = (controlId: string, ...diagnoses: string[]) =>
  [
    `MSH|^~\\&|EHR|GENERAL|ISTHMUS|ISTHMUS|20260310090000-0500||ADT^A01^ADT_A01|${controlId}|P|2.5.1`,
    'EVN||20260310090000-0500',
    'PID|1||MRN-9^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Translated^Tess||19710203|F',
    'PV1|1|I|WARD^12^1^GENERAL||||||||||||||||V-9^^^GENERAL^VN',
    ...diagnoses.map((diagnosis, n) => `DG1|${n + 1}||${diagnosis}|||F`),
    '',
  ].join('\r');

const run = async (...argv: string[]) => {
  const { code, out, err } = await isthmus(['terminology', ...argv], environment);
  expect(err).toBe('');
  expect(code).toBe(0);
  return out;
};
const unmapped = async (...more: string[]) =>
  JSON.parse(await run('unmapped', '--json', ...more)) as {
    codes: { id: number; code: string; count: number; messageId: number }[];
  };

test('[TU1] 250.00 is E11.9 by a map that was put there, as an approximate match, beside the original', async () => {
  expect(
    await put(
      conceptMap('http://cms.example/gems', [[`${ICD9}|250.00`, `${ICD10}|E11.9`, 'inexact']]) as never,
    ),
  ).toBe(201);
  expect(await sendMllp(mllpPort, admission('T-1', '250.00^Diabetes II^I9CDX'))).toContain('MSA|AA|T-1');
  const [found] = await eventually(async () => {
    const all = await conditions(`code=${encodeURIComponent(`${ICD10}|E11.9`)}`);
    return all.length > 0 && all;
  });
  expect(found?.code).toMatchObject({
    coding: [
      { system: ICD9, code: '250.00', display: 'Diabetes II' },
      {
        ...{ system: ICD10, code: 'E11.9' },
        extension: [
          {
            extension: [
              { url: 'map', valueCanonical: 'http://cms.example/gems|2018' },
              { url: 'equivalence', valueCode: 'inexact' },
              { url: 'translation', valueString: 'general-to-standard' },
            ],
          },
        ],
      },
    ],
  });
  expect(await conditions(`code=${encodeURIComponent(`${ICD9}|250.00`)}`)).toHaveLength(1);
  const judged = (await (await fhir(`Condition/${found?.id}/$validate`)).json()) as {
    issue: { severity: string; expression?: string[] }[];
  };
  expect(
    judged.issue.filter(({ expression = [] }) => expression.some((at) => at.includes('coding'))),
  ).toEqual([]);
});

test('[TU11] [TU12] [TU15] a code of the hospital is listed, mapped by a person, and applied to what came in', async () => {
  expect(await sendMllp(mllpPort, admission('T-2', 'HTN01^Bluthochdruck^L'))).toContain('MSA|AA|T-2');
  const [listed] = await eventually(async () => {
    const { codes } = await unmapped('--element', 'Condition.code');
    return codes.length > 0 && codes;
  });
  expect(listed).toMatchObject({ code: 'HTN01', count: 1, messageId: expect.any(Number) });
  const table = await run('unmapped', '--source', 'general');
  expect(table).toContain('urn:isthmus:codes:general:L');
  const reason = ['--reason', 'agreed with coding'];
  const { code, err } = await isthmus(
    [
      'terminology',
      'map',
      String(listed?.id),
      '--to',
      `${ICD10}|I10`,
      '--display',
      'Hypertension',
      ...reason,
    ],
    environment,
  );
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('not loaded') });
  const preview = JSON.parse(await run('apply', 'general-to-standard', '--preview', '--json')) as {
    byType: { type: string; changed: number; examples: string[] }[];
  };
  expect(preview.byType).toEqual([{ type: 'Condition', changed: 1, examples: [expect.any(String)] }]);
  expect(await run('apply', 'general-to-standard', ...reason)).toMatch(/Condition +1 +/);
  const [found] = await conditions(`code=${encodeURIComponent(`${ICD10}|I10`)}`);
  expect(found).toMatchObject({ id: preview.byType[0]?.examples[0], meta: { versionId: '2' } });
  expect(codesOf(found?.code)).toEqual(['urn:isthmus:codes:general:L|HTN01', `+${ICD10}|I10`]);
  expect(await sendMllp(mllpPort, admission('T-3', 'HTN01^Bluthochdruck^L'))).toContain('MSA|AA|T-3');
  expect(await sendMllp(mllpPort, admission('T-4', 'HTN01^Bluthochdruck^L', 'NEW^Neu^L'))).toContain(
    'MSA|AA|T-4',
  );
  await eventually(async () => (await unmapped()).codes.some((one) => one.code === 'NEW'));
  expect(await conditions(`code=${encodeURIComponent(`${ICD10}|I10`)}`)).toMatchObject([
    { meta: { versionId: '2' } },
  ]);
});

test('[TU14] an ignored code leaves the open list', async () => {
  const { codes } = await unmapped();
  const id = codes.find(({ code }) => code === 'NEW')?.id;
  await run('ignore', String(id), '--reason', 'administrative');
  expect((await unmapped()).codes.map(({ code }) => code)).not.toContain('NEW');
  expect((await unmapped('--state', 'ignored')).codes).toMatchObject([{ code: 'NEW' }]);
});

test('[TU12] what cannot be done says why', async () => {
  const wrong = await isthmus(
    ['terminology', 'map', '4711', '--to', `${ICD10}|I10`, '--reason', 'why not'],
    environment,
  );
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('there is no such unmapped code') });
  const bare = await isthmus(['terminology', 'apply', 'general-to-standard'], environment);
  expect(bare).toMatchObject({ code: 1, err: expect.stringContaining('--reason') });
  const target = await isthmus(
    ['terminology', 'map', '1', '--to', 'I10', '--reason', 'why not'],
    environment,
  );
  expect(target.code).toBe(2);
});

test('[TU10] isthmus test says by which translation a message is to be translated', async () => {
  mkdirSync(join(home, 'tests/adt'), { recursive: true });
  writeFileSync(join(home, 'tests/adt/a01.hl7'), admission('T-9', 'HTN01^Bluthochdruck^L'));
  const updated = await isthmus(['test', '--update', '--config', config], environment);
  expect(updated).toMatchObject({ code: 0, err: '' });
  const { record } = JSON.parse(readFileSync(join(home, 'tests/adt/a01.expected.json'), 'utf8')) as {
    record: { translations: string[] }[];
  };
  expect(record[0]?.translations).toEqual(['general-to-standard']);
});
