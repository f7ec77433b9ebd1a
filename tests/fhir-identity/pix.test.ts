import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/trust/access/index.ts';
import { alice, ann, BLUE, DECLARED, GREEN, oid, openWorld, patient, RED, type World } from './support.ts';

/** `Patient/$ihe-pix` (PIXm ITI-83) over real HTTP. Alice is known to three; Ann to one. */

let world: World;
let person = '';
beforeAll(async () => {
  world = await openWorld();
  for (const [authority, value] of [
    [RED, 'IHERED-994'],
    [GREEN, 'IHEGREEN-994'],
    [BLUE, 'IHEBLUE-994'],
  ] as const)
    await world.feed(patient(authority, value, alice));
  await world.feed(
    patient(RED, ann.identifier, { name: [{ family: 'Quill', given: ['Ann'] }], birthDate: '1971-09-02' }),
  );
  person = patientId({ authority: RED, identifier: 'IHERED-994' });
});
afterAll(() => world.stop());

const ask = (source: string, targets: readonly string[] = [], as?: string) => {
  const query = new URLSearchParams({ sourceIdentifier: source });
  for (const target of targets) query.append('targetSystem', target);
  return world.get(`/Patient/$ihe-pix?${query}`, as);
};
const red = `${oid(RED)}|IHERED-994`;
// biome-ignore lint/suspicious/noExplicitAny: JSON of a test
const numbers = (body: any): string[] => {
  const given: { name: string; valueIdentifier?: { value: string } }[] = body.parameter ?? [];
  return given
    .flatMap(({ name, valueIdentifier }) =>
      name === 'targetIdentifier' ? [valueIdentifier?.value ?? ''] : [],
    )
    .sort();
};

test('[IF7] the other numbers of a patient, and the Patient; never the one that was asked by', async () => {
  const { status, body } = await ask(red);
  expect(status).toBe(200);
  expect(body.resourceType).toBe('Parameters');
  expect(numbers(body)).toEqual(['IHEBLUE-994', 'IHEGREEN-994']);
  expect(body.parameter).toContainEqual({
    name: 'targetId',
    valueReference: { reference: expect.stringMatching(/^Patient\//) },
  });
  const id = body.parameter[0].valueReference.reference;
  expect((await world.get(`/${id}`)).body).toMatchObject({ resourceType: 'Patient', active: true });
});

test('[IF7] targetSystem keeps to its systems, and POST asks the same', async () => {
  expect(numbers((await ask(red, [oid(BLUE)])).body)).toEqual(['IHEBLUE-994']);
  const posted = await world.post('/Patient/$ihe-pix', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'sourceIdentifier', valueString: red },
      { name: 'targetSystem', valueString: oid(BLUE) },
      { name: 'targetSystem', valueUri: oid(GREEN) },
      { name: '_format', valueString: 'application/fhir+json' },
    ],
  });
  expect(posted.status).toBe(200);
  expect(numbers(posted.body)).toEqual(['IHEBLUE-994', 'IHEGREEN-994']);
});

test('[IF7] nothing to cross-reference is 200 without parameters', async () => {
  const alone = await ask(`${oid(RED)}|${ann.identifier}`);
  expect(alone).toMatchObject({ status: 200, body: { resourceType: 'Parameters' } });
  expect(alone.body.parameter).toBeUndefined();
  expect((await ask(red, [oid(DECLARED)])).body.parameter).toBeUndefined();
});

test('[IF8] each refusal has its status and code', async () => {
  const refusals: [string, string[], number, string][] = [
    [`${oid(RED)}|nobody`, [], 404, 'not-found'],
    [`${oid(DECLARED)}|nobody`, [], 404, 'not-found'],
    ['urn:oid:9.9.9|1', [], 400, 'code-invalid'],
    [red, ['urn:oid:9.9.9'], 403, 'code-invalid'],
    [red, [oid(BLUE), 'urn:oid:9.9.9'], 403, 'code-invalid'],
    ['IHERED-994', [], 400, 'invalid'],
    [`${oid(RED)}|`, [], 400, 'invalid'],
    ['|IHERED-994', [], 400, 'invalid'],
  ];
  for (const [source, targets, status, code] of refusals) {
    const answer = await ask(source, targets);
    expect(answer.body, source).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code }],
    });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toContain('994');
  }
  expect((await world.get('/Patient/$ihe-pix')).status).toBe(400);
  expect((await world.get(`/Patient/$ihe-pix?sourceIdentifier=${red}&sourceIdentifier=${red}`)).status).toBe(
    400,
  );
});

test('[IF4] who may see one patient only learns of no other', async () => {
  expect((await ask(`${oid(RED)}|${ann.identifier}`, [], 'ann')).status).toBe(200);
  expect((await ask(red, [], 'ann')).status).toBe(404);
  expect((await ask(`${oid(BLUE)}|IHEBLUE-994`, [], 'ann')).status).toBe(400);
  expect((await ask(red, [], 'nobody')).status).toBe(400);
});

test('[IF9] a number that was retired leads to the one in its place, and is not told of any more', async () => {
  await world.feed(patient(RED, 'IHERED-m94', { ...alice, name: [{ family: 'MAIDEN', given: ['ALICE'] }] }));
  const retired = await world.feed(
    patient(RED, 'IHERED-m94', {
      active: false,
      link: [{ type: 'replaced-by', other: { identifier: { system: oid(RED), value: 'IHERED-994' } } }],
    }),
  );
  expect(retired.status).toBe(200);
  expect(numbers((await ask(`${oid(RED)}|IHERED-m94`)).body)).toEqual([
    'IHEBLUE-994',
    'IHEGREEN-994',
    'IHERED-994',
  ]);
  expect(numbers((await ask(red)).body)).toEqual(['IHEBLUE-994', 'IHEGREEN-994']);
  expect(person).not.toBe('');
});

test('[IF8] a number that two patients claim cross-references neither', async () => {
  const shared = { system: 'urn:oid:1.3.6.1.4.1.21367.13.20.7777', value: 'both' };
  const claims: [string, object][] = [
    [
      'claim-1',
      { name: [{ family: 'Kestrel', given: ['Maria'] }], gender: 'female', birthDate: '1931-05-17' },
    ],
    ['claim-2', { name: [{ family: 'Wren', given: ['Oscar'] }], gender: 'male', birthDate: '2002-11-28' }],
  ];
  for (const [value, who] of claims) {
    const fed = patient(RED, value, who);
    await world.feed({ ...fed, identifier: [...fed.identifier, shared] });
  }
  const { status, body } = await ask(`${shared.system}|${shared.value}`);
  expect(status).toBe(409);
  expect(body.issue[0].code).toBe('multiple-matches');
});

test('[IF8] an entry of a transaction asks for what it can answer itself, and waits for no other connection', async () => {
  const ask = (source: string) => ({
    request: { method: 'GET', url: `Patient/$ihe-pix?sourceIdentifier=${source}` },
  });
  const bundle = (source: string, type: string) => ({ resourceType: 'Bundle', type, entry: [ask(source)] });
  const known = await world.post('', bundle(red, 'transaction'));
  expect(known.status, JSON.stringify(known.body)).toBe(200);
  const all = await Promise.all(
    Array.from({ length: 12 }, () => world.post('', bundle(`${oid(RED)}|nobody`, 'transaction'))),
  );
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([400]));
  const batch = await world.post('', bundle(`${oid(RED)}|nobody`, 'batch'));
  expect(batch.body.entry[0].response.status).toMatch(/^404/);
});
