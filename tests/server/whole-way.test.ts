import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, freePort } from '../support/index.ts';
import {
  canaries,
  EngineProcess,
  isthmus,
  MllpReceiver,
  oru,
  sendMllp,
  temporaryHome,
  WebhookReceiver,
} from './support.ts';

/** The built program, as a site runs it: an embedded database, real sockets, both directions, a restart. One story, in order. */

const hospital = new MllpReceiver();
const platform = new WebhookReceiver();
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const visitText = 'Seen by video. Kanarienvogel feels well.';
let home: string;
let config: string;
let environment: Record<string, string> & { PORT: string };
let mllpPort: number;
let engine: EngineProcess;

beforeAll(async () => {
  home = await temporaryHome();
  mllpPort = await freePort();
  const [hospitalPort, platformPort] = await Promise.all([hospital.listen(), platform.listen()]);
  environment = { ISTHMUS_HOME: home, PORT: String(await freePort()), WEBHOOK_SECRET: secret };
  config = join(home, 'isthmus.config.ts');
  writeFileSync(
    config,
    `import { channel, closeVisit, defineConfig, ehr, http, identify, mllp, record, secret, telehealth, webhook } from 'isthmus';
export default defineConfig({
  systems: {
    general: ehr({ authority: '2.16.840.1.113883.19.5', mllp: { host: '127.0.0.1', port: ${hospitalPort} } }),
    televisit: telehealth({ webhook: {
      url: 'http://127.0.0.1:${platformPort}/hook',
      secrets: [secret('WEBHOOK_SECRET')],
      allow: [{ host: '127.0.0.1', port: ${platformPort}, plaintext: true, private: true }],
    } }),
  },
  channels: [
    channel('adt', { from: mllp({ port: ${mllpPort}, system: 'general' }), steps: [identify()], to: [record(), webhook('televisit')] }),
    channel('visits', { from: http({ path: '/in/visits', system: 'televisit' }), order: 'strict', steps: [closeVisit()],
      to: [record(), mllp('general', { order: 'strict', commit: 'each' })] }),
  ],
});
`,
  );
  engine = new EngineProcess(config, environment);
  await engine.until('owner');
}, 60_000);

afterAll(async () => {
  await engine?.stop();
  await Promise.all([hospital.close(), platform.close()]);
});

const token = () => readFileSync(join(home, 'token'), 'utf8').trim();
const pull = (path: string, bearer = token()) =>
  fetch(`${engine.url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
const referencesSoFar = () =>
  platform.notified.map(({ body }) => (JSON.parse(body) as { data: { reference: string } }).data.reference);

test('a message is acknowledged, recorded, told of by a signed notification, and pulled', async () => {
  const answer = await sendMllp(mllpPort, oru('LAB-1'));
  expect(answer).toContain('MSA|AA|LAB-1');
  const reference = await eventually(() => referencesSoFar().find((each) => each.startsWith('Observation/')));
  const told = platform.notified[referencesSoFar().indexOf(reference)];
  const {
    'webhook-id': id = '',
    'webhook-timestamp': timestamp = '',
    'webhook-signature': signature = '',
  } = (told?.headers ?? {}) as Record<string, string>;
  new Webhook(secret).verify(told?.body ?? '', {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  });
  for (const canary of [...canaries, '6.3']) expect(told?.body).not.toContain(canary);
  const response = await pull(`/fhir/R4/${reference}`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ resourceType: 'Observation', valueQuantity: { value: 6.3 } });
});

test('a result says which message it came from', async () => {
  const reference = referencesSoFar().find((each) => each.startsWith('Observation/')) ?? '';
  const found = await pull(
    `/fhir/R4/Observation?_id=${reference.split('/')[1]}&_revinclude=Provenance:target`,
  );
  const { entry } = (await found.json()) as { entry: { resource: Record<string, unknown> }[] };
  const provenance = entry.find(({ resource }) => resource.resourceType === 'Provenance')?.resource;
  expect(provenance).toMatchObject({
    target: expect.arrayContaining([{ reference: `${reference}/_history/1` }]),
    agent: [{ who: { identifier: { value: 'general' } } }],
    entity: [{ role: 'source', what: { display: 'ORU^R01 LAB-1' } }],
  });
});

test('the same message again is acknowledged again, and told to nobody twice', async () => {
  const before = platform.notified.length;
  expect(await sendMllp(mllpPort, oru('LAB-1'))).toContain('MSA|AA|LAB-1');
  expect(await sendMllp(mllpPort, oru('LAB-2', '7.1'))).toContain('MSA|AA|LAB-2');
  await eventually(() => platform.notified.length > before);
  await eventually(async () => (await queues()).every(({ depth }) => depth === 0));
  const again = referencesSoFar().slice(before);
  expect(again.length).toBe(new Set(again).size);
});

test('who is named in passing is recorded, and told to nobody', async () => {
  const before = platform.notified.length;
  const admission = [
    'MSH|^~\\&|EHR|GENERAL|ISTHMUS|SITE|20260303104500-0500||ADT^A01^ADT_A01|ADM-1|P|2.5.1',
    'EVN|A01|20260303104500-0500',
    'PID|1||MRN-77^^^GENERAL^MR||Whole^Way^^^^^L||19700101|F',
    'PV1|1|I|WARD^12^1^GENERAL||||4711^Passing^Pat^^^Dr||||||||||||V-77^^^GENERAL^VN',
    'AL1|1|DA|1191^Aspirin^RXNORM|MO|Rash',
  ].join('\r');
  expect(await sendMllp(mllpPort, `${admission}\r`)).toContain('MSA|AA|ADM-1');
  await eventually(() =>
    referencesSoFar()
      .slice(before)
      .some((each) => each.startsWith('AllergyIntolerance/')),
  );
  await eventually(async () => (await queues()).every(({ depth }) => depth === 0));
  const told = new Set(
    referencesSoFar()
      .slice(before)
      .map((each) => each.split('/')[0]),
  );
  expect([...told].sort()).toEqual(['AllergyIntolerance', 'Encounter', 'Patient']);
  for (const path of ['Practitioner?name=Passing', 'Location?name=WARD', 'List?_summary=count']) {
    const { total } = (await (await pull(`/fhir/R4/${path}`)).json()) as { total: number };
    expect(total, path).toBeGreaterThan(0);
  }
});

const queues = async () => {
  const { out } = await isthmus(['queue', '--json'], environment);
  return (JSON.parse(out) as { queues: { name: string; depth: number; parked: number }[] }).queues;
};

test('without the token nothing is told, and a visit is not taken', async () => {
  expect((await fetch(`${engine.url}/fhir/R4/Patient`)).status).toBe(401);
  expect((await pull('/fhir/R4/Patient', 'a-wrong-token')).status).toBe(401);
  expect((await fetch(`${engine.url}/in/visits`, { method: 'POST', body: '{}' })).status).toBe(401);
  expect(statSync(join(home, 'token')).mode & 0o077).toBe(0);
});

const visit = {
  type: 'VisitReport',
  patient: { identifier: 'MRN-77001', authority: '2.16.840.1.113883.19.5' },
  ...{ start: '2026-03-10T14:00:00-04:00', end: '2026-03-10T14:20:00-04:00', placeOfService: '10' },
  performer: { npi: '1999999133', family: 'Esempio', given: 'Luca' },
  note: { text: visitText },
  diagnoses: [{ code: 'I10' }],
  procedures: [{ code: '99213', modifiers: ['95'], units: 1 }],
};
const postVisit = (key: string, body: unknown = visit) =>
  fetch(`${engine.url}/in/visits`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token()}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });

test('a finished visit goes back to the chart as a note and a charge, once', async () => {
  expect((await postVisit('visit-1')).ok).toBe(true);
  expect((await postVisit('visit-1')).ok).toBe(true);
  await eventually(() => hospital.messages.length >= 2);
  await eventually(async () => (await queues()).every(({ depth }) => depth === 0));
  expect(hospital.messages.map((message) => message.split('|')[8]?.slice(0, 7))).toEqual([
    'MDM^T02',
    'DFT^P03',
  ]);
  // The name comes from the record: the platform did not send it.
  for (const message of hospital.messages) expect(message).toContain('Kanarienvogel^Quirin');
  expect(hospital.messages[0]).toContain('Seen by video.');
  expect(hospital.messages[1]).toContain('99213');
  const { out } = await isthmus(['messages', '--channel', 'visits', '--json'], environment);
  expect(JSON.parse(out)).toMatchObject({ messages: [{ type: 'VisitReport' }] });
});

test('a visit with mistakes is parked with the place of each, and the command line says so', async () => {
  expect((await postVisit('visit-2', { ...visit, placeOfService: '11', performer: { npi: '1' } })).ok).toBe(
    true,
  );
  await eventually(async () => (await queues()).some(({ parked }) => parked === 1));
  const { out } = await isthmus(['messages', '--state', 'parked', '--json'], environment);
  const [found] = (JSON.parse(out) as { messages: { id: number }[] }).messages;
  const shown = await isthmus(['messages', 'show', String(found?.id)], environment);
  expect(shown.out).toContain('placeOfService');
  expect(shown.out).toContain('performer.npi');
  const skipped = await isthmus(
    ['queue', 'skip', 'visits', '--reason', 'the platform sends it anew'],
    environment,
  );
  expect([skipped.code, skipped.out]).toEqual([0, 'skip of visits: done (1)\n']);
});

test('metrics, page, lists and log carry no patient', async () => {
  const paths = [
    '/metrics',
    '/flow/state',
    '/flow/messages',
    '/flow/messages?queue=adt&state=done',
    '/flow/messages/1',
  ];
  for (const path of paths) {
    const text = await (await fetch(`${engine.url}${path}`)).text();
    expect(text.length).toBeGreaterThan(100);
    for (const canary of canaries) expect(text, path).not.toContain(canary);
  }
  for (const canary of canaries) expect(engine.log).not.toContain(canary);
});

test('what a message holds is shown by the command line alone, byte for byte on request, and audited', async () => {
  const { out } = await isthmus(['messages', '--control-id', 'LAB-1', '--json'], environment);
  const [message] = (JSON.parse(out) as { messages: { id: number }[] }).messages;
  const id = String(message?.id);
  expect((await isthmus(['messages', 'show', id, '--raw'], environment)).out).toBe(oru('LAB-1'));
  const shown = await isthmus(['messages', 'show', id], environment);
  expect(shown.out).toMatch(/^PID-5\.1 +Kanarienvogel$/m);
  expect(shown.out).toMatch(/^PID-3\.4\.2 +2\.16\.840\.1\.113883\.19\.5$/m);
  expect(shown.out).toMatch(/^ {2}attempt 1 at \S+ \S+Z: delivered.*, (\d\.\d|\d{2,3}) ms$/m);
  const { out: json } = await isthmus(['messages', 'show', id, '--json'], environment);
  expect(json).toMatch(/"durationMs": \d+(\.\d{1,3})?$/m);
  expect(json).not.toMatch(/"durationMs": \d+\.\d{4}/);
  expect((await isthmus(['messages'], environment)).out).not.toContain('Kanarienvogel');
  expect((await isthmus(['messages', 'show', '999999'], environment)).code).toBe(1);
});

test('eight commands at once beside the engine all answer, and it goes on undisturbed', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { code, out } = await isthmus(['queue', '--json'], environment);
      return [code, (JSON.parse(out) as { queues: unknown[] }).queues.length];
    }),
  );
  expect(answers).toEqual(answers.map(() => [0, 4]));
  expect((await engine.readiness()).state).toBe('owner');
}, 60_000);

test('a rotated token counts within a second, and the old one no longer does', async () => {
  const old = token();
  expect((await isthmus(['admin', 'token', 'rotate', '--reason', 'a test'], environment)).code).toBe(0);
  await eventually(async () => (await pull('/fhir/R4/Patient', old)).status === 401);
  expect((await pull('/fhir/R4/Patient')).status).toBe(200);
});

test('a stop is clean, and the next start goes on where it was', async () => {
  const before = hospital.messages.length;
  expect(await engine.stop()).toBe(0);
  engine = new EngineProcess(config, environment);
  await engine.until('owner');
  expect(await sendMllp(mllpPort, oru('LAB-1'))).toContain('MSA|AA|LAB-1');
  expect((await postVisit('visit-1')).ok).toBe(true);
  const told = platform.notified.length;
  expect(await sendMllp(mllpPort, oru('LAB-3', '8.2'))).toContain('MSA|AA|LAB-3');
  await eventually(() => platform.notified.length > told);
  await eventually(async () => (await queues()).every(({ depth }) => depth === 0));
  expect(hospital.messages.length).toBe(before);
  const history = await pull(
    `/fhir/R4/${referencesSoFar().find((each) => each.startsWith('Observation/'))}/_history`,
  );
  expect(((await history.json()) as { entry: unknown[] }).entry.length).toBeGreaterThanOrEqual(3);
});
