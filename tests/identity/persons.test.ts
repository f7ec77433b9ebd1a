import { afterAll, beforeAll, expect, test } from 'vitest';
import { personOf, sourcesOf } from '../../src/clinical/identity/index.ts';
import { patientId } from '../../src/clinical/record/index.ts';
import { CLINIC, decision, named, number, observation, openWorld, patient, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

const observationsOf = async (who: string) =>
  (await world.all.everything(who, { types: ['Observation'] })).matches.map(({ id, json }) => ({
    id,
    subject: (JSON.parse(json) as { subject: { reference: string } }).subject.reference,
  }));

test('[ID1] a link shows one chart under one Patient, and undone both are as they were', async () => {
  const [ann, anna] = [number('A-1'), number('C-1', CLINIC)];
  const [a, c] = [patientId(ann), patientId(anna)];
  await world.write(
    patient(ann, {
      ...named('Smith'),
      birthDate: '1980-01-01',
      'telecom@PID-13': [{ system: 'phone', value: '1' }],
    }),
    patient(anna, { ...named('Smith-Jones'), gender: 'female' }, { minute: 5 }),
    observation(ann, 'a-1'),
    observation(anna, 'c-1'),
  );
  const before = [await world.shown(ann), await world.shown(anna)];
  const change = await world.run((tx) =>
    world.persons.linkPersons(tx, { one: a, other: c, decision: decision() }),
  );
  expect(change).toMatchObject({ persons: [a, c].sort(), moved: [c], changedResources: 3 });
  expect(await world.shown(ann)).toEqual({
    resourceType: 'Patient',
    id: a,
    birthDate: '1980-01-01',
    gender: 'female',
    identifier: [
      { system: `urn:oid:${CLINIC}`, value: 'C-1' },
      { system: 'urn:oid:2.16.840.1.113883.19.5', value: 'A-1' },
    ],
    name: [
      { family: 'Smith-Jones', given: ['Ann'] },
      { family: 'Smith', given: ['Ann'] },
    ],
    telecom: [{ system: 'phone', value: '1' }],
    link: [{ other: { reference: `Patient/${c}` }, type: 'replaces' }],
  });
  expect(await world.shown(anna)).toEqual({
    resourceType: 'Patient',
    id: c,
    active: false,
    link: [{ other: { reference: `Patient/${a}` }, type: 'replaced-by' }],
  });
  expect(await observationsOf(a)).toHaveLength(2);
  expect(new Set((await observationsOf(a)).map(({ subject }) => subject))).toEqual(new Set([`Patient/${a}`]));
  // Meanwhile both sources go on speaking.
  await world.write(patient(anna, named('Jones'), { minute: 9 }), observation(anna, 'c-2', { minute: 9 }));
  expect(await world.shown(ann)).toMatchObject({ name: [{ family: 'Jones' }, { family: 'Smith' }] });
  await world.run((tx) =>
    world.persons.undo(tx, { eventId: change.eventId ?? 0, decision: decision('wrong') }),
  );
  expect(await world.shown(ann)).toEqual(before[0]);
  expect(await world.shown(anna)).toEqual({ ...before[1], name: [{ family: 'Jones', given: ['Ann'] }] });
  expect((await observationsOf(a)).map(({ subject }) => subject)).toEqual([`Patient/${a}`]);
  expect((await observationsOf(c)).map(({ subject }) => subject)).toEqual([`Patient/${c}`, `Patient/${c}`]);
  expect(await world.rows('SELECT * FROM source_demographics')).toEqual([]);
});

test('[ID2] a retired number leads to the one in its place, also one that nobody knew', async () => {
  const [right, wrong] = [number('A-20'), number('A-21')];
  await world.write(patient(right, named('Brown')));
  const change = await world.run((tx) =>
    world.persons.mergeNumbers(tx, { surviving: right, retired: wrong, decision: decision() }),
  );
  expect(await world.shown(right)).toMatchObject({
    identifier: [{ value: 'A-20' }, { value: 'A-21', use: 'old' }],
  });
  const [written] = await world.write(patient(wrong, { birthDate: '1970-02-03' }, { minute: 3 }));
  expect(written).toMatchObject({
    id: patientId(wrong),
    kind: 'created',
    published: [{ id: patientId(right) }],
  });
  await world.write(observation(wrong, 'late'));
  expect(await world.shown(right)).toMatchObject({ birthDate: '1970-02-03' });
  expect(await observationsOf(patientId(right))).toMatchObject([{ subject: `Patient/${patientId(right)}` }]);
  expect(await personOf(world.db.database, patientId(wrong))).toBe(patientId(right));
  expect(await sourcesOf(world.db.database, patientId(right))).toEqual(
    [patientId(right), patientId(wrong)].sort(),
  );
  await world.run((tx) => world.persons.undo(tx, { eventId: change.eventId ?? 0, decision: decision() }));
  expect(await world.shown(wrong)).toMatchObject({ birthDate: '1970-02-03' });
  expect(await world.shown(right)).not.toHaveProperty('birthDate');
});
