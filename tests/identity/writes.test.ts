import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Json,
  patientId,
  patientReference,
  type ResourceWrite,
  type WriteOrigin,
} from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import { CLINIC, decision, HOSPITAL, named, number, openWorld, patient, type World } from './world.ts';

/** Whole Patients, as the API writes them, where several sources stand behind the person. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

const write = (one: ResourceWrite, origin: WriteOrigin = { system: 'api' }) =>
  world.all.transaction(origin, async (tx) => (await tx.write([one]))[0]);
const put = (resource: Json, more: object = {}) => write({ op: 'update', method: 'PUT', resource, ...more });
const read = async (who: SourcePatient): Promise<Json> =>
  JSON.parse((await world.all.read('Patient', patientId(who)))?.json ?? '{}') as Json;
const link = (one: SourcePatient, other: SourcePatient) =>
  world.run((tx) =>
    world.persons.linkPersons(tx, { one: patientId(one), other: patientId(other), decision: decision() }),
  );
const undo = (eventId: number | undefined) =>
  world.run((tx) => world.persons.undo(tx, { eventId: eventId ?? 0, decision: decision() }));

async function pair(name: string): Promise<[SourcePatient, SourcePatient, number | undefined]> {
  const [one, other] = [number(`${name}-1`), number(`${name}-2`, CLINIC)];
  await world.write(
    patient(one, { ...named('Smith'), 'telecom@PID-13': [{ system: 'phone', value: '1' }] }),
    patient(
      other,
      { ...named('Jones'), birthDate: '1980-01-01', 'telecom@PID-13': [{ system: 'phone', value: '2' }] },
      { minute: 3 },
    ),
  );
  return [one, other, (await link(one, other)).eventId];
}

test('[ID11] who edits the Patient of several sources edits what its own source says, and nothing of the others', async () => {
  const [one, other, eventId] = await pair('edit');
  const before = await read(one);
  const telecom = [...(before.telecom as object[]), { system: 'email', value: 'ann@example.org' }];
  const outcome = await put({ ...before, telecom, maritalStatus: { text: 'married' } }, { ifMatch: 2 });
  expect(outcome).toMatchObject({ kind: 'updated', version: 3 });
  expect(JSON.parse(outcome?.json ?? '')).toEqual(await read(one));
  expect(await read(one)).toMatchObject({
    birthDate: '1980-01-01',
    maritalStatus: { text: 'married' },
    telecom: expect.arrayContaining([
      { system: 'email', value: 'ann@example.org' },
      { system: 'phone', value: '2' },
    ]),
  });
  expect(await put(await read(one))).toMatchObject({ kind: 'unchanged', version: 3 });
  expect(await put(await read(one), { ifMatch: 2 })).toMatchObject({ kind: 'conflict', version: 3 });
  await undo(eventId);
  expect(await world.shown(one)).toEqual({
    resourceType: 'Patient',
    id: patientId(one),
    identifier: [{ id: 'PID-3.1', system: `urn:oid:${HOSPITAL}`, value: 'edit-1' }],
    name: [{ family: 'Smith', given: ['Ann'] }],
    telecom: [
      { id: 'PID-13.1', system: 'phone', value: '1' },
      { system: 'email', value: 'ann@example.org' },
    ],
    maritalStatus: { text: 'married' },
  });
  expect(await world.shown(other)).toMatchObject({ name: [{ family: 'Jones' }], birthDate: '1980-01-01' });
});

test('[ID11] an edit leaves the times of what it does not touch, so that the newest still prevails', async () => {
  const [one, other] = [number('times-1'), number('times-2', CLINIC)];
  await world.write(
    patient(one, { birthDate: '1980-01-01' }, { minute: 1 }),
    patient(other, { birthDate: '1981-01-01' }, { minute: 2 }),
  );
  await link(one, other);
  expect(await read(one)).toMatchObject({ birthDate: '1981-01-01' });
  await put({ ...(await read(one)), gender: 'female' });
  expect(await read(one)).toMatchObject({ birthDate: '1981-01-01', gender: 'female' });
  // What it touched is as of now: nothing older changes it.
  await world.write(patient(one, { gender: 'male' }, { minute: 4 }));
  expect(await read(one)).toMatchObject({ gender: 'female' });
});

test('[ID11] a write to a replaced Patient is what its source says: nothing of it is lost, nothing of it hides the other', async () => {
  const [one, other, eventId] = await pair('old');
  const stub = await read(other);
  expect(await put(stub)).toMatchObject({ kind: 'unchanged' });
  // Somebody who does not know of the link.
  const content = { resourceType: 'Patient', id: patientId(other), name: [{ family: 'New' }] };
  expect(await put(content)).toMatchObject({ kind: 'updated', version: 2 });
  expect(await read(other)).toEqual(stub);
  expect(await read(one)).toMatchObject({ name: [{ family: 'New' }, { family: 'Smith' }] });
  await undo(eventId);
  expect(await world.shown(other)).toEqual(content);
});

test('[ID11] who names a patient by number speaks for the source whose number it is', async () => {
  const [one, other] = await pair('feed');
  const own = { system: `urn:oid:${CLINIC}`, value: 'feed-2' };
  const outcome = await world.all.transaction({ system: 'feed' }, async (tx) => {
    const id = await tx.sourceOf(own);
    expect(id).toBe(patientId(other));
    const resource = { resourceType: 'Patient', id: id ?? '', identifier: [own], name: [{ family: 'Fed' }] };
    return (await tx.write([{ op: 'update', method: 'PUT', resource, statement: true }]))[0];
  });
  expect(outcome).toMatchObject({ kind: 'updated', id: patientId(other) });
  expect(await read(one)).toMatchObject({ name: [{ family: 'Fed' }, { family: 'Smith' }] });
  expect(await read(one)).not.toHaveProperty('birthDate');
  // The same of the one by whom the person is known: what it leaves out it says no more.
  await world.all.transaction({ system: 'feed' }, (tx) =>
    tx.write([
      {
        ...{ op: 'update', method: 'PUT', statement: true },
        resource: { resourceType: 'Patient', id: patientId(one), name: [{ family: 'Fed' }] },
      },
    ]),
  );
  expect(await read(one)).toMatchObject({ name: [{ family: 'Fed' }] });
  expect(await read(one)).not.toHaveProperty('telecom');
});

test('[ID11] a number is known by its authority, by who states it, and within the scope only', async () => {
  const [one, other] = await pair('by');
  const passport = { system: 'urn:passport', value: 'C0FFEE' };
  await put({ ...(await read(other)), identifier: [passport], name: [{ family: 'Jones' }], link: [] });
  const asked = (number: { system: string; value: string }, scope = world.all) =>
    scope.transaction({ system: 'api' }, (tx) => tx.sourceOf(number));
  expect(await asked({ system: `urn:oid:${HOSPITAL}`, value: 'by-1' })).toBe(patientId(one));
  expect(await asked(passport)).toBe(patientId(other));
  expect(await asked({ system: 'urn:passport', value: 'none' })).toBeUndefined();
  expect(await asked(passport, world.as({ kind: 'compartment', person: patientId(one) }))).toBe(
    patientId(other),
  );
  expect(await asked(passport, world.as({ kind: 'compartment', person: 'somebody' }))).toBeUndefined();
  expect(await asked(passport, world.as({ kind: 'nothing' }))).toBeUndefined();
});

test('[ID11] a Patient of several sources is not deleted, and nobody speaks in the name of who publishes it', async () => {
  const [one, other, eventId] = await pair('del');
  for (const who of [one, other])
    await expect(write({ op: 'delete', type: 'Patient', id: patientId(who) })).rejects.toMatchObject({
      code: 'IDENTITY_REFUSED',
    });
  await expect(put(await read(one), {})).resolves.toMatchObject({ kind: 'unchanged' });
  await expect(
    write({ op: 'update', method: 'PUT', resource: await read(one) }, { system: 'urn:isthmus:identity' }),
  ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  await undo(eventId);
  expect(await write({ op: 'delete', type: 'Patient', id: patientId(other) })).toMatchObject({
    kind: 'deleted',
  });
});

test('[ID4] security labels of any source close the whole, and come apart with it', async () => {
  const [one, other] = [number('lab-1'), number('lab-2', CLINIC)];
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  await world.write(patient(one, named('Open')), patient(other, named('Closed')));
  await put({ ...(await read(other)), meta: { security } });
  const { eventId } = await link(one, other);
  expect((await read(one)).meta).toMatchObject({ security });
  expect((await read(other)).meta).toMatchObject({ security });
  // An edit that drops nothing makes the label nobody else's.
  await put({ ...(await read(one)), gender: 'female' });
  await undo(eventId);
  expect((await read(one)).meta).not.toHaveProperty('security');
  expect((await read(other)).meta).toMatchObject({ security });
  expect(await read(one)).toMatchObject({
    gender: 'female',
    id: patientReference(one).slice('Patient/'.length),
  });
});
