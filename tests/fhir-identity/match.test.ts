import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/trust/access/index.ts';
import { alice, ann, asked, BLUE, onlyCertain, openWorld, patient, RED, type World } from './support.ts';

/** `Patient/$match` (R4, PDQm ITI-119) over real HTTP. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.feed(patient(RED, 'alice-red', alice));
  await world.feed(patient(RED, ann.identifier, { ...ANN }));
  // Twins, and a namesake of another day.
  for (const [value, given] of [
    ['t1', 'JAN'],
    ['t2', 'JON'],
  ] as const)
    await world.feed(
      patient(BLUE, value, {
        name: [{ family: 'TWAIN', given: [given] }],
        gender: 'male',
        birthDate: '1990-05-05',
        address: [{ line: ['1 MAIN ST'], city: 'OAK BROOK', state: 'IL', postalCode: '60523' }],
      }),
    );
});
afterAll(() => world.stop());

const ANN = {
  name: [{ family: 'Quill', given: ['Ann'] }],
  gender: 'female',
  birthDate: '1971-09-02',
  telecom: [{ system: 'phone', value: '555-867-5309' }],
  address: [{ line: ['5 Ink Lane'], city: 'Ames', state: 'IA', postalCode: '50010' }],
};
const GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade';
const match = (body: object, as?: string) => world.post('/Patient/$match', body, as);
// biome-ignore lint/suspicious/noExplicitAny: JSON of a test
const entries = (body: any): any[] => body.entry ?? [];
// biome-ignore lint/suspicious/noExplicitAny: JSON of a test
const grade = (entry: any) => entry.search.extension.find((one: any) => one.url === GRADE)?.valueCode;
const sought = { resourceType: 'Patient', ...alice };
const aliceId = patientId({ authority: RED, identifier: 'alice-red' });

test('[IF1] who is the same is listed first, with score and grade, as a match', async () => {
  const { status, body } = await match(asked(sought));
  expect(status).toBe(200);
  expect(body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: entries(body).length });
  const [first] = entries(body);
  expect(first).toMatchObject({
    fullUrl: `${world.base}/Patient/${aliceId}`,
    resource: { resourceType: 'Patient', id: aliceId },
    search: { mode: 'match' },
  });
  expect(grade(first)).toBe('certain');
  expect(first.search.score).toBeGreaterThan(0.9);
  const scores = entries(body).map((entry) => entry.search.score);
  expect(scores).toEqual([...scores].sort((one, other) => other - one));
  for (const score of scores) expect(score).toSatisfy((one: number) => one >= 0 && one <= 1);
});

test('[IF1] a Patient may come by itself, and nobody is an empty searchset', async () => {
  const { body } = await match(sought);
  expect(entries(body)[0].resource.id).toBe(aliceId);
  const none = await match({
    resourceType: 'Patient',
    name: [{ family: 'Nobody', given: ['Known'] }],
    birthDate: '2001-02-03',
  });
  expect(none.status).toBe(200);
  expect(none.body).toMatchObject({ type: 'searchset', total: 0 });
  expect(none.body.entry).toBeUndefined();
});

test('[IF2] onlyCertainMatches is one or none: an uncertain one is not listed, nor are several', async () => {
  const certain = await match(asked(sought, onlyCertain));
  expect(entries(certain.body)).toHaveLength(1);
  const twin = {
    resourceType: 'Patient',
    name: [{ family: 'TWAIN', given: ['J'] }],
    birthDate: '1990-05-05',
    address: [{ line: ['1 MAIN ST'], city: 'OAK BROOK', state: 'IL', postalCode: '60523' }],
  };
  const uncertain = await match(asked(twin));
  expect(entries(uncertain.body)).toHaveLength(2);
  for (const entry of entries(uncertain.body)) expect(grade(entry)).not.toBe('certain');
  const refused = await match(asked(twin, onlyCertain));
  expect(refused.status).toBe(200);
  expect(refused.body).toMatchObject({ type: 'searchset', total: 0 });
});

test('[IF1] count bounds what is listed, best first', async () => {
  const all = await match(
    asked({ resourceType: 'Patient', birthDate: '1990-05-05', name: [{ family: 'TWAIN' }] }),
  );
  expect(entries(all.body).length).toBe(2);
  const one = await match(
    asked(
      { resourceType: 'Patient', birthDate: '1990-05-05', name: [{ family: 'TWAIN' }] },
      { name: 'count', valueInteger: 1 },
    ),
  );
  expect(entries(one.body)).toHaveLength(1);
  expect(one.body.entry[0].resource.id).toBe(all.body.entry[0].resource.id);
});

test('[IF3] what cannot be matched by is refused with an outcome: no Patient, too little, unreadable', async () => {
  const refusals: [object, string][] = [
    [{ resourceType: 'Parameters' }, 'invalid'],
    [{ resourceType: 'Observation', status: 'final', code: { text: 'x' } }, 'invalid'],
    [asked({ resourceType: 'Practitioner' }), 'invalid'],
    [asked(sought, { name: 'resource', resource: sought }), 'invalid'],
    [asked({ resourceType: 'Patient' }), 'required'],
    [asked({ resourceType: 'Patient', gender: 'female' }), 'required'],
    [asked({ resourceType: 'Patient', name: [{ family: 'UNKNOWN', given: ['TEST'] }] }), 'required'],
    [asked({ resourceType: 'Patient', name: 'Mohr' }), 'structure'],
    [asked({ resourceType: 'Patient', birthDate: '1980-13-45' }), 'value'],
    [asked({ ...sought, modifierExtension: [{ url: 'urn:x', valueBoolean: true }] }), 'invalid'],
    [asked(sought, { name: 'count', valueInteger: 0 }), 'invalid'],
    [asked(sought, { name: 'onlyCertainMatches', valueString: 'maybe' }), 'invalid'],
  ];
  for (const [body, code] of refusals) {
    const { status, body: outcome } = await match(body);
    expect(outcome, JSON.stringify(body)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code }, ...outcome.issue.slice(1)],
    });
    expect(status).toBe(400);
    expect(JSON.stringify(outcome)).not.toContain('MOHR');
  }
  const got = await world.get('/Patient/$match');
  expect(got.status).toBe(405);
  expect(got.headers.get('allow')).toContain('POST');
});

test('[IF1] what is only incomplete is taken', async () => {
  const { status, body } = await match(
    asked({
      ...sought,
      name: [
        {
          family: 'MOHR',
          given: [null, 'ALICE'],
          _given: [{ extension: [{ url: 'urn:x', valueCode: 'x' }] }, null],
        },
      ],
      contact: [{ relationship: [{ text: 'none of pat-1' }] }],
      gender: 'f',
    }),
  );
  expect(status, JSON.stringify(body)).toBe(200);
  expect(entries(body).map((entry) => entry.resource.id)).toContain(aliceId);
});

test('[IF3] what is bounded stays so: 500 numbers, a name of 10,000 characters', async () => {
  const { status } = await match(
    asked({
      resourceType: 'Patient',
      birthDate: '1958-01-30',
      name: [{ family: 'X'.repeat(10_000), given: ['Y'.repeat(10_000)] }],
      identifier: Array.from({ length: 500 }, (_, n) => ({ system: 'urn:x', value: String(n) })),
    }),
  );
  expect(status).toBe(200);
});

test('[IF4] who may see one patient only is matched with no other', async () => {
  const own = await match(asked({ resourceType: 'Patient', ...ANN }), 'ann');
  expect(entries(own.body).map((entry) => entry.resource.id)).toEqual([patientId(ann)]);
  for (const as of ['ann', 'nobody']) {
    const { status, body } = await match(asked(sought), as);
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 0 });
    expect(body.entry).toBeUndefined();
  }
});

test('[IF5] a person is certain only while none of its sources contradicts it', async () => {
  const one = {
    name: [{ family: 'Thorne', given: ['Ida'] }],
    gender: 'female',
    birthDate: '1949-10-08',
    address: ANN.address,
  };
  const other = { name: [{ family: 'Vasquez', given: ['Leo'] }], gender: 'male', birthDate: '1999-01-17' };
  await world.feed(patient(RED, 'ida-1', one));
  await world.feed(patient(BLUE, 'leo-1', other));
  const graded = async () =>
    entries((await match(asked({ resourceType: 'Patient', ...one }))).body).map(grade);
  expect(await graded()).toEqual(['certain']);
  const reference = (name: string, authority: string, identifier: string) => ({
    name,
    valueReference: { reference: `Patient/${patientId({ authority, identifier })}` },
  });
  // An operator joins the two by mistake.
  const parameter = [reference('source-patient', BLUE, 'leo-1'), reference('target-patient', RED, 'ida-1')];
  expect(
    (await world.post('/Patient/$merge', { resourceType: 'Parameters', parameter }, 'operator')).status,
  ).toBe(200);
  const [now] = await graded();
  expect(['probable', 'possible']).toContain(now);
});

test('[IF5] who was replaced is not listed', async () => {
  const twice = { ...ANN, name: [{ family: 'Feather', given: ['Bea'] }], birthDate: '1966-06-06' };
  await world.feed(patient(RED, 'bea-1', twice));
  await world.feed(patient(BLUE, 'bea-2', twice));
  const { body } = await match(asked({ resourceType: 'Patient', ...twice }));
  const found = entries(body).filter((entry) => grade(entry) === 'certain');
  expect(found).toHaveLength(1);
  expect(found[0].resource.identifier.length).toBe(2);
});

test('[IF6] the audit trail hears of each query and of everybody who was shown, and of no value', async () => {
  world.heard.length = 0;
  await match(asked(sought));
  expect(world.heard).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ caller: 'televisit', reference: 'Patient', status: 200 }),
      expect.objectContaining({ caller: 'televisit', reference: `Patient/${aliceId}`, status: 200 }),
    ]),
  );
  expect(JSON.stringify(world.heard)).not.toContain('MOHR');
  expect(world.unexpected).toEqual([]);
});
