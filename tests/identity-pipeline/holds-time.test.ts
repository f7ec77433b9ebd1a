import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/clinical/record/index.ts';
import { eventually } from '../support/index.ts';
import { adt, HOSPITAL, merge, openWorld, type Person, type World } from './world.ts';

/** What nobody answers in time goes on, marked by a question that stays open. */

let world: World;
beforeAll(async () => {
  world = await openWorld(`{ holdFor: '2s' }`);
}, 60_000);
afterAll(() => world?.stop());

const saga: Person = { number: 'H-1', family: 'Lindqvist', given: 'Saga', born: '19900112', sex: 'F' };
const thabo: Person = { number: 'H-2', family: 'Mbeki', given: 'Thabo', born: '19550617', sex: 'M' };

test('[ID28] a registration goes on when its time is over, in order, and the question stays', async () => {
  await world.send('adt', adt('A04', saga));
  await world.send('adt', adt('A08', { ...thabo, number: 'H-1' }, { minute: 1 }));
  await world.send('adt', adt('A08', { ...thabo, number: 'H-1', phone: '(217)555-0101' }, { minute: 2 }));
  await eventually(async () => (await world.queue('adt'))?.held === 1);
  await eventually(async () => (await world.queue('adt'))?.depth === 0, { deadlineMs: 15_000 });
  const patient = await world.get(`Patient/${patientId({ authority: HOSPITAL, identifier: 'H-1' })}`);
  expect(patient).toMatchObject({ name: [{ family: 'Mbeki' }], telecom: [{ value: '(217)555-0101' }] });
  expect(await world.open('overlay')).toMatchObject([{ state: 'open' }]);
});

test('[ID28] [ID31] so does a merge of two who are not alike; but never one of two who are not the same by a decision', async () => {
  const one = { ...saga, number: 'H-10' };
  const two = { ...thabo, number: 'H-11' };
  await world.send('adt', adt('A04', one), adt('A04', two), merge('A40', one, two));
  await eventually(async () => (await world.queue('adt'))?.held === 1);
  await eventually(async () => (await world.queue('adt'))?.depth === 0, { deadlineMs: 15_000 });
  expect(await world.person('H-11')).toBe(await world.person('H-10'));
  expect(await world.open('contradictory-merge')).toHaveLength(1);

  const [three, four] = [
    { ...saga, number: 'H-20' },
    { ...saga, number: 'H-21' },
  ];
  await world.send('adt', adt('A04', three), adt('A04', four));
  await world.settled();
  await world.db.database.transaction((transaction) =>
    world.identity.persons.notSame(transaction, {
      one: patientId({ authority: HOSPITAL, identifier: 'H-20' }),
      other: patientId({ authority: HOSPITAL, identifier: 'H-21' }),
      decision: { actor: 'reviewer', reason: 'namesakes', at: new Date() },
    }),
  );
  await world.send('adt', merge('A40', three, four));
  await eventually(async () => (await world.queue('adt'))?.held === 1);
  await eventually(async () => (await world.queue('adt'))?.parked === 1, { deadlineMs: 15_000 });
  expect(await world.reasons('adt', 'parked')).toEqual([expect.stringContaining('not the same')]);
  expect(await world.person('H-21')).not.toBe(await world.person('H-20'));
});

test('[ID29] who says too late that a merge was wrong takes it back, and is told when an update stands already', async () => {
  const [one, two] = [
    { ...saga, number: 'H-30' },
    { ...thabo, number: 'H-31' },
  ];
  await world.send('adt', adt('A04', one), adt('A04', two), merge('A40', one, two));
  await eventually(async () => (await world.queue('adt'))?.held === 1);
  await eventually(async () => (await world.queue('adt'))?.depth === (await world.queue('adt'))?.parked, {
    deadlineMs: 15_000,
  });
  expect(await world.person('H-31')).toBe(await world.person('H-30'));
  const about = patientId({ authority: HOSPITAL, identifier: 'H-30' });
  const [merged] = await world.identity.reviews.list({ kind: 'contradictory-merge', about });
  const deciding = { answer: 'different', by: 'reviewer', reason: 'called the ward' } as const;
  const answered = await world.identity.answer({ id: merged?.id ?? 0, ...deciding });
  expect(answered.change?.moved).toHaveLength(1);
  expect(await world.person('H-31')).toBe(patientId({ authority: HOSPITAL, identifier: 'H-31' }));
  const [written] = await world.open('overlay');
  expect(await world.identity.answer({ id: written?.id ?? 0, ...deciding })).toMatchObject({ isLate: true });
});
