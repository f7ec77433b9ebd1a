import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/trust/access/index.ts';
import { patient as registered } from '../identity/world.ts';
import { alice, BLUE, FED, GREEN, oid, openWorld, patient, RED, type World } from './support.ts';

/** The Patient Identity Feed (PIXm ITI-104) over real HTTP: conditional PUT, Resolve Duplicate, removal. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.stop());

const idOf = (authority: string, identifier: string) => patientId({ authority, identifier });
const read = async (id: string) => (await world.get(`/Patient/${id}`)).body;
const search = async (authority: string, value: string) =>
  ((await world.get(`/Patient?identifier=${oid(authority)}|${value}`)).body.entry ?? []).map(
    // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
    ({ resource }: any) => resource.id,
  );
const replacedBy = (authority: string, value: string) => ({
  active: false,
  link: [{ type: 'replaced-by', other: { identifier: { system: oid(authority), value } } }],
});

test('[IF10] the first feed of a number makes its source patient, whoever else speaks of it', async () => {
  const made = await world.feed(patient(RED, 'f-1', alice));
  expect(made.status).toBe(201);
  expect(made.body.id).toBe(idOf(RED, 'f-1'));
  const again = await world.feed(patient(RED, 'f-1', { ...alice, gender: 'other' }));
  expect(again).toMatchObject({ status: 200, body: { id: made.body.id, gender: 'other' } });
  // A channel that speaks of the same number speaks of the same patient.
  const told = { authority: RED, identifier: 'f-1' };
  await world.write(registered(told, { maritalStatus: { text: 'M' } }));
  expect(await search(RED, 'f-1')).toEqual([made.body.id]);
  const { entry = [] } = (await world.get('/Patient?family=MOHR')).body;
  expect(entry).toHaveLength(1);
});

test('[IF10] a feed says what its own source says, and nothing of what others do', async () => {
  await world.feed(patient(RED, 'own-1', alice));
  await world.feed(
    patient(BLUE, 'own-2', { ...alice, telecom: [{ system: 'phone', value: '555-123-4567' }] }),
  );
  const [person] = await search(BLUE, 'own-2');
  expect(await search(RED, 'own-1')).toEqual([person]);
  // Blue moves house; red's address stays red's.
  await world.feed(
    patient(BLUE, 'own-2', {
      ...alice,
      address: [{ line: ['9 New Rd'], city: 'Elgin', state: 'IL', postalCode: '60120' }],
    }),
  );
  const now = await read(person);
  expect(now.address.map((one: { city: string }) => one.city).sort()).toEqual(['Elgin', 'OAK BROOK']);
  expect(now.identifier.map((one: { value: string }) => one.value)).toEqual(
    expect.arrayContaining(['own-1', 'own-2']),
  );
  // What blue left out is gone, because nobody else says it.
  expect(now.telecom).toBeUndefined();
  const sources = (await world.get(`/Patient/${person}/$sources`, 'operator')).body;
  expect(sources.total ?? sources.entry.length).toBeGreaterThanOrEqual(2);
});

test('[IF11] Resolve Duplicate merges numbers of one system: reversible, repeatable, the retired one leads to the other', async () => {
  await world.feed(
    patient(GREEN, 'd-1', {
      ...alice,
      name: [{ family: 'Stone', given: ['Mary'] }],
      birthDate: '1940-01-01',
    }),
  );
  await world.feed(
    patient(GREEN, 'd-2', {
      ...alice,
      name: [{ family: 'Rivers', given: ['Mary'] }],
      birthDate: '1940-01-01',
    }),
  );
  const [stays, goes] = [idOf(GREEN, 'd-1'), idOf(GREEN, 'd-2')];
  const resolve = () => world.feed(patient(GREEN, 'd-2', replacedBy(GREEN, 'd-1')));
  const resolved = await resolve();
  expect(resolved.status).toBe(200);
  expect(resolved.body).toMatchObject({
    id: goes,
    active: false,
    link: [{ type: 'replaced-by', other: { reference: `Patient/${stays}` } }],
  });
  expect(await search(GREEN, 'd-2')).toEqual([stays]);
  const survivor = await read(stays);
  expect(survivor.identifier).toContainEqual(expect.objectContaining({ value: 'd-2', use: 'old' }));
  expect((await resolve()).status).toBe(200);
  const events = (await world.get(`/Patient/${stays}/$identity-history`, 'operator')).body;
  const told: { part: { valueCode?: string }[] }[] = events.parameter;
  const merges = told.filter(({ part }) => part.some(({ valueCode }) => valueCode === 'merge'));
  expect(merges).toHaveLength(1);
  const audited = await world.audited();
  expect(audited.filter(({ action }) => action === 'identity.merge')).toHaveLength(1);
  expect(JSON.stringify(audited)).not.toMatch(/Stone|Rivers|1940/);
});

test('[IF11] Resolve Duplicate is refused with the rule, and then nothing has changed', async () => {
  await world.feed(
    patient(RED, 'r-1', {
      ...alice,
      name: [{ family: 'Oak', given: ['Tom'] }],
      gender: 'male',
      birthDate: '1930-03-03',
    }),
  );
  await world.feed(
    patient(RED, 'r-2', {
      ...alice,
      name: [{ family: 'Elm', given: ['Sue'] }],
      gender: 'female',
      birthDate: '1999-09-09',
    }),
  );
  await world.feed(
    patient(BLUE, 'r-3', { ...alice, name: [{ family: 'Ash', given: ['Ida'] }], birthDate: '1955-05-05' }),
  );
  const refusals: [object, number][] = [
    // Differing in name, birth date and sex at once: a person decides.
    [replacedBy(RED, 'r-1'), 409],
    [replacedBy(RED, 'nobody'), 422],
    [replacedBy(BLUE, 'r-3'), 422],
    [{ active: false, link: [{ type: 'replaced-by', other: { display: 'somebody' } }] }, 400],
    [{ active: false, link: [...replacedBy(RED, 'r-1').link, ...replacedBy(RED, 'r-9').link] }, 400],
  ];
  for (const [body, status] of refusals) {
    const answer = await world.feed(patient(RED, 'r-2', body));
    expect(answer.body, JSON.stringify(body)).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  }
  expect(await read(idOf(RED, 'r-2'))).toMatchObject({ active: true, name: [{ family: 'Elm' }] });
  expect((await world.feed(patient(RED, 'r-2', replacedBy(RED, 'r-1')), 'ann')).status).toBe(403);
});

test('[IF12] a number whose feeder is declared is fed by nobody else', async () => {
  expect((await world.feed(patient(FED, '1', alice))).status).toBe(403);
  expect((await world.feed(patient(FED, '1', alice), 'operator')).status).toBe(201);
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        resource: patient(FED, '1', alice),
        request: { method: 'PUT', url: `Patient?identifier=${oid(FED)}|1` },
      },
    ],
  };
  expect((await world.post('', bundle)).status).toBe(403);
  expect((await world.call('DELETE', `/Patient?identifier=${oid(FED)}|1`)).status).toBe(403);
});

test('[IF10] an entry of a transaction feeds the same way', async () => {
  await world.feed(
    patient(RED, 'tx-1', { ...alice, name: [{ family: 'Fern', given: ['Lea'] }], birthDate: '1961-01-01' }),
  );
  await world.feed(
    patient(BLUE, 'tx-2', { ...alice, name: [{ family: 'Fern', given: ['Lea'] }], birthDate: '1961-01-01' }),
  );
  const [person] = await search(BLUE, 'tx-2');
  expect(await search(RED, 'tx-1')).toEqual([person]);
  const entry = (authority: string, value: string, more: object) => ({
    resource: patient(authority, value, {
      ...alice,
      name: [{ family: 'Fern', given: ['Lea'] }],
      birthDate: '1961-01-01',
      ...more,
    }),
    request: { method: 'PUT', url: `Patient?identifier=${oid(authority)}|${value}` },
  });
  const { status } = await world.post('', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry(BLUE, 'tx-2', { maritalStatus: { text: 'S' } }),
      entry(GREEN, 'tx-3', { name: [{ family: 'New', given: ['Kid'] }], birthDate: '2020-02-02' }),
    ],
  });
  expect(status).toBe(200);
  expect(await search(GREEN, 'tx-3')).toEqual([idOf(GREEN, 'tx-3')]);
  expect((await read(person)).maritalStatus).toEqual({ text: 'S' });
  // It was blue that said so.
  const gone = await world.call('DELETE', `/Patient?identifier=${oid(BLUE)}|tx-2`);
  expect(gone.status).toBe(204);
  const [left] = await search(RED, 'tx-1');
  expect((await read(left)).maritalStatus).toBeUndefined();
});

test('[IF13] a source that removes its patient takes its number and what it said, and leaves the others', async () => {
  const who = { ...alice, name: [{ family: 'Reed', given: ['Max'] }], birthDate: '1977-07-07' };
  await world.feed(patient(RED, 'x-1', who));
  await world.feed(patient(BLUE, 'x-2', { ...who, maritalStatus: { text: 'M' } }));
  const [person] = await search(RED, 'x-1');
  expect(await search(BLUE, 'x-2')).toEqual([person]);
  const remove = () => world.call('DELETE', `/Patient?identifier=${oid(BLUE)}|x-2`);
  expect((await remove()).status).toBe(204);
  expect(await search(BLUE, 'x-2')).toEqual([]);
  const [left] = await search(RED, 'x-1');
  const now = await read(left);
  expect(now).toMatchObject({ active: true, name: [{ family: 'Reed' }] });
  expect(now.maritalStatus).toBeUndefined();
  expect(now.identifier).toHaveLength(1);
  expect((await remove()).status).toBe(204);
  expect((await world.get(`/Patient/${idOf(BLUE, 'x-2')}`)).status).toBe(410);
});

test("[IF10] a number that several sources of one person state is nobody's to feed by", async () => {
  const ssn = { system: 'http://hl7.org/fhir/sid/us-ssn', value: '219-45-6789' };
  const who = { ...alice, name: [{ family: 'Lund', given: ['Eva'] }], birthDate: '1969-04-04' };
  for (const [authority, value] of [
    [RED, 's-1'],
    [BLUE, 's-2'],
  ] as const) {
    const fed = patient(authority, value, who);
    await world.feed({ ...fed, identifier: [...fed.identifier, ssn] });
  }
  const { status } = await world.feed({ ...patient(RED, 's-1', who), identifier: [ssn] });
  expect(status).toBe(412);
});

test('[IF11] patients under ids of a client are merged the same way, and what the retired one was known by is old', async () => {
  const who = { name: [{ family: 'Vance', given: ['Iris'] }], gender: 'female', birthDate: '1958-12-30' };
  for (const [id, value] of [
    ['vance-1', 'v-1'],
    ['vance-2', 'v-2'],
  ] as const) {
    const made = await world.feed({ ...patient(RED, value, who), id });
    expect(made).toMatchObject({ status: 201, body: { id } });
  }
  const resolved = await world.feed({ ...patient(RED, 'v-2', replacedBy(RED, 'v-1')), id: 'other-id' });
  expect(resolved).toMatchObject({ status: 200, body: { id: 'vance-2', active: false } });
  expect((await read('vance-1')).identifier).toContainEqual(
    expect.objectContaining({ value: 'v-2', use: 'old' }),
  );
  expect(await search(RED, 'v-2')).toEqual(['vance-1']);
});

test('[IF11] an entry of a transaction does not retire a number unheard, one of a batch retires it', async () => {
  const who = { name: [{ family: 'Abbott', given: ['June'] }], gender: 'female', birthDate: '1963-08-08' };
  await world.feed(patient(RED, 'b-1', who));
  await world.feed(patient(RED, 'b-2', { ...who, name: [{ family: 'Abott', given: ['June'] }] }));
  const bundle = (type: string) => ({
    resourceType: 'Bundle',
    type,
    entry: [
      {
        resource: patient(RED, 'b-2', replacedBy(RED, 'b-1')),
        request: { method: 'PUT', url: `Patient?identifier=${oid(RED)}|b-2` },
      },
    ],
  });
  expect((await world.post('', bundle('transaction'))).status).toBe(400);
  expect((await world.post('', bundle('batch'))).body.entry[0].response.status).toMatch(/^200/);
  expect(await search(RED, 'b-2')).toEqual([idOf(RED, 'b-1')]);
});

test('[IF10] a number that is fed for the first time by twenty at once is one patient', async () => {
  const who = {
    ...alice,
    name: [{ family: 'Zimmer', given: ['Kurt'] }],
    gender: 'male',
    birthDate: '1951-02-19',
  };
  await world.feed(patient(BLUE, 'many-other', who));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      world.feed(patient(RED, 'many', { ...who, maritalStatus: { text: `${n}` } })),
    ),
  );
  expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 201)).toEqual(
    [],
  );
  expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([idOf(RED, 'many')]));
  const [person, ...others] = await search(RED, 'many');
  expect(others).toEqual([]);
  expect(await search(BLUE, 'many-other')).toEqual([person]);
});
