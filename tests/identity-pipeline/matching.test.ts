import { afterAll, beforeAll, expect, test } from 'vitest';
import { DUPLICATE_TAG, patientId } from '../../src/clinical/record/index.ts';
import { adt, CLINIC, HOSPITAL, openWorld, oru, type Person, type World } from './world.ts';

/** Who comes in by messages and by the API is matched, while data flow. One engine; each test has people of its own. */

let world: World;
beforeAll(async () => {
  world = await openWorld(`{ authorities: { 'http://hl7.org/fhir/sid/us-ssn': { trusted: true } } }`);
}, 60_000);
afterAll(() => world?.stop());

const ada: Person = {
  ...{ number: 'H-1', family: 'Okonkwo', given: 'Adaeze', born: '19710203', sex: 'F' },
  ...{ street: '14 Larkspur Lane', phone: '(217)555-0143' },
};

test('[ID20] [ID21] a duplicate that a second system registers is linked, and all results show under one person', async () => {
  await world.send('adt', adt('A04', ada));
  await world.send('lab', oru(ada, { filler: 'A1' }));
  await world.send('clinic', adt('A28', { ...ada, number: 'C-1', authority: CLINIC }));
  await world.send('clinic', oru({ ...ada, number: 'C-1', authority: CLINIC }, { filler: 'A2' }));
  await world.settled();
  const person = await world.person('H-1');
  expect(await world.person('C-1', CLINIC)).toBe(person);
  const history = await world.rows<{ actor: string; score: string; model_version: string }>(
    `SELECT actor, score, model_version FROM identity_event WHERE kind = 'link'`,
  );
  expect(history).toHaveLength(1);
  expect(history[0]).toMatchObject({ actor: 'model', model_version: world.identity.model.version });
  expect(history[0]?.score).not.toContain('Okonkwo');
  expect(await world.found('Observation', person)).toHaveLength(2);
});

test('[ID25] twins are not linked', async () => {
  const twin: Person = {
    ...{ number: 'H-20', family: 'Vandermolen', given: 'Joost', born: '20240517', sex: 'M', birth: 'Y|1' },
    ...{ street: '3 Canal Street', phone: '(217)555-0177' },
  };
  const other: Person = { ...twin, number: 'C-20', authority: CLINIC, given: 'Joris', birth: 'Y|2' };
  await world.send('adt', adt('A28', twin));
  await world.send('clinic', adt('A28', other), oru(other, { filler: 'T1' }));
  await world.settled();
  expect(await world.person('H-20')).not.toBe(await world.person('C-20', CLINIC));
  expect(await world.found('Observation', await world.person('H-20'))).toEqual([]);
  expect(await world.found('Observation', await world.person('C-20', CLINIC))).toHaveLength(1);
});

const bram: Person = {
  ...{ number: 'H-30', family: 'Castellanos', given: 'Bram', born: '19800229', sex: 'M' },
};
const uncertain: Person = { ...bram, number: 'C-30', authority: CLINIC };
const marks = (patient: { readonly [name: string]: unknown }) =>
  ((patient.meta as { tag?: { system: string; code: string }[] } | undefined)?.tag ?? []).filter(
    ({ system, code }) => system === DUPLICATE_TAG.system && code === DUPLICATE_TAG.code,
  );
const reviewOf = async (kind: 'possible-duplicate', about: string) =>
  (await world.identity.reviews.list({ kind, about }))[0];

test('[ID22] who may be somebody else is provisional: data flow, marked wherever the chart is read, and a person decides', async () => {
  await world.send('adt', adt('A28', bram));
  await world.send('clinic', adt('A28', uncertain), oru(uncertain, { filler: 'U1' }));
  await world.settled();
  const one = await world.person('H-30');
  const other = await world.person('C-30', CLINIC);
  expect(one).not.toBe(other);
  expect(await world.found('Observation', other)).toHaveLength(1);
  for (const [id, seen] of [
    [one, other],
    [other, one],
  ] as const) {
    const read = await world.get(`Patient/${id}`);
    expect(marks(read)).toHaveLength(1);
    expect(read.link).toContainEqual({ other: { reference: `Patient/${seen}` }, type: 'seealso' });
    for (const path of [`Patient?_id=${id}`, `Patient/${id}/$everything`]) {
      const entries = (await world.get(path)).entry as { resource: { resourceType: string; id: string } }[];
      const found = entries.find(({ resource }) => resource.resourceType === 'Patient' && resource.id === id);
      expect(marks(found?.resource ?? {})).toHaveLength(1);
    }
  }

  const review = await reviewOf('possible-duplicate', one);
  expect(review).toMatchObject({ state: 'open', modelVersion: world.identity.model.version });
  const picture = review && (await world.identity.sideBySide(review));
  expect(picture?.sides.map(({ number }) => number?.value).sort()).toEqual(['C-30', 'H-30']);
  expect(picture?.lines.find(({ field }) => field === 'birthDate')).toMatchObject({
    ...{ agreement: 'agrees', one: ['1980-02-29'], other: ['1980-02-29'] },
  });

  await world.answer(review, 'same');
  const person = await world.person('H-30');
  expect(await world.person('C-30', CLINIC)).toBe(person);
  expect(marks(await world.get(`Patient/${person}`))).toEqual([]);
  expect(await world.found('Observation', person)).toHaveLength(1);
  expect(await reviewOf('possible-duplicate', one)).toBeUndefined();
});

test('[ID23] a decision that is taken back parts them again, with the question open, and no message brings them together', async () => {
  const [event] = await world.rows<{ id: number }>(
    `SELECT id FROM identity_event WHERE kind = 'link' AND actor = 'reviewer' ORDER BY id DESC LIMIT 1`,
  );
  await world.send('clinic', oru(uncertain, { filler: 'U2', minute: 7 }));
  await world.settled();
  await world.db.database.transaction((transaction) =>
    world.identity.undo(transaction, {
      eventId: event?.id ?? 0,
      decision: { actor: 'reviewer', reason: 'two cousins', at: new Date() },
    }),
  );
  const [one, other] = [await world.person('H-30'), await world.person('C-30', CLINIC)];
  expect(one).not.toBe(other);
  expect(await world.found('Observation', other)).toHaveLength(2);
  expect(await world.found('Observation', one)).toEqual([]);
  expect(marks(await world.get(`Patient/${one}`))).toHaveLength(1);
  expect(await reviewOf('possible-duplicate', one)).toMatchObject({ state: 'open' });

  // Everything agrees now, and still: people parted them.
  const more = { street: '77 Juniper Court', phone: '(217)555-0190' };
  await world.send('adt', adt('A31', { ...bram, ...more }, { minute: 20 }));
  await world.send('clinic', adt('A31', { ...uncertain, ...more }, { minute: 20 }));
  await world.settled();
  expect(await world.person('H-30')).not.toBe(await world.person('C-30', CLINIC));

  await world.answer(await reviewOf('possible-duplicate', one), 'different');
  expect(marks(await world.get(`Patient/${one}`))).toEqual([]);
  await world.send('clinic', adt('A31', { ...uncertain, ...more, ssn: '219-09-9999' }, { minute: 30 }));
  await world.send('adt', adt('A31', { ...bram, ...more, ssn: '219-09-9999' }, { minute: 30 }));
  await world.settled();
  expect(await world.person('H-30')).not.toBe(await world.person('C-30', CLINIC));
  expect(await reviewOf('possible-duplicate', one)).toBeUndefined();
});

test('[ID20] a Patient of the API is matched in the request that writes it', async () => {
  const { status, body, etag } = await world.call('POST', 'Patient', {
    resourceType: 'Patient',
    name: [{ family: 'Okonkwo', given: ['Adaeze'] }],
    birthDate: '1971-02-03',
    gender: 'female',
    address: [{ line: ['14 Larkspur Lane'], city: 'Springfield', state: 'IL', postalCode: '62701' }],
    telecom: [{ system: 'phone', value: '(217)555-0143' }],
  });
  expect(status).toBe(201);
  const [link] = await world.rows<{ person_id: string }>(
    'SELECT person_id FROM person_link WHERE source_patient_id = $1',
    body.id,
  );
  expect(link?.person_id).toBe(await world.person('H-1'));
  expect(body).toMatchObject({ active: false, link: [{ type: 'replaced-by' }] });
  expect((await world.get(`Patient/${body.id}`)).meta).toMatchObject({
    versionId: etag.replaceAll(/[^0-9]/g, ''),
  });
});

test('[ID33] a Patient that the API overwrites with somebody else is written, and put to a person', async () => {
  const id = patientId({ authority: HOSPITAL, identifier: 'H-50' });
  await world.send(
    'adt',
    adt('A28', { number: 'H-50', family: 'Lindqvist', given: 'Saga', born: '19900101', sex: 'F' }),
  );
  await world.settled();
  const before = await world.get(`Patient/${id}`);
  const { status } = await world.call('PUT', `Patient/${id}`, {
    ...before,
    name: [{ family: 'Mbeki', given: ['Thabo'] }],
    birthDate: '1955-06-17',
    gender: 'male',
  });
  expect(status).toBe(200);
  expect(await world.open('overlay')).toMatchObject([{ one: id, state: 'open' }]);
});
