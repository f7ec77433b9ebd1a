import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/clinical/record/index.ts';
import { requestOperation } from '../../src/exchange/queue/index.ts';
import { eventually } from '../support/index.ts';
import { adt, HOSPITAL, openWorld, oru, type Person, type World } from './world.ts';

/** What would overwrite somebody, or stand on the wrong chart, waits for a person. */

const log: string[] = [];
let world: World;
beforeAll(async () => {
  world = await openWorld(`{ holdFor: '1h' }`, { log });
}, 60_000);
afterAll(() => world?.stop());

const saga: Person = { number: 'H-1', family: 'Lindqvist', given: 'Saga', born: '19900112', sex: 'F' };
const thabo: Person = { number: 'H-1', family: 'Mbeki', given: 'Thabo', born: '19550617', sex: 'M' };
const other: Person = { number: 'H-2', family: 'Abara', given: 'Ifeoma', born: '19630930', sex: 'F' };
const nameOf = async (identifier: string) => {
  const patient = await world.get(`Patient/${patientId({ authority: HOSPITAL, identifier })}`);
  return (patient.name as { family: string }[] | undefined)?.[0]?.family;
};

test('[ID26] [ID29] a registration that changes name, birth date and sex at once is held, alarmed, decided, and goes on in order', async () => {
  await world.send('adt', adt('A04', saga));
  await world.settled();
  await world.send(
    'adt',
    adt('A08', thabo, { minute: 1 }),
    adt('A08', { ...thabo, phone: '(217)555-0101' }, { minute: 2 }),
    adt('A04', other),
  );
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ held: 1, blocked: 1, parked: 0 });
  expect(await nameOf('H-1')).toBe('Lindqvist');
  expect(await nameOf('H-2')).toBe('Abara');
  const [review, ...rest] = await world.open('overlay');
  expect(rest).toEqual([]);
  expect(review).toMatchObject({ one: patientId({ authority: HOSPITAL, identifier: 'H-1' }) });
  expect(review?.heldUntil?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
  expect(await world.reasons('adt', 'held')).toEqual([expect.stringContaining(`review ${review?.id}`)]);
  expect(JSON.stringify([await world.reasons('adt', 'held'), review])).not.toMatch(/Mbeki|Lindqvist|1955/);
  await eventually(() => log.some((line) => line.includes('on hold: adt')), { deadlineMs: 15_000 });

  const picture = review && (await world.identity.sideBySide(review));
  expect(picture?.sides.map(({ source }) => source)).toEqual([review?.one, review?.one]);
  expect(picture?.lines).toContainEqual(
    expect.objectContaining({
      field: 'birthDate',
      agreement: 'disagrees',
      one: ['1990-01-12'],
      other: ['1955-06-17'],
    }),
  );

  // Who releases it without an answer changes nothing: the question is still open.
  await requestOperation(world.db.database, {
    ...{ action: 'release', queue: 'adt', actor: 'operator', reason: 'impatience' },
  });
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ held: 1, blocked: 1 });

  await world.answer(review, 'same');
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ depth: 0 });
  const patient = await world.get(`Patient/${patientId({ authority: HOSPITAL, identifier: 'H-1' })}`);
  expect(patient).toMatchObject({
    name: [{ family: 'Mbeki' }],
    birthDate: '1955-06-17',
    telecom: [{ value: '(217)555-0101' }],
  });
  expect(await world.open('overlay')).toEqual([]);
});

test('[ID27] [ID29] a result under the number of somebody else is held, across a restart, and parked when a person says so', async () => {
  await world.send('adt', adt('A04', { ...saga, number: 'H-10' }));
  await world.settled();
  await world.send('lab', oru({ ...thabo, number: 'H-10' }, { filler: 'W1' }));
  await world.send('lab', oru(other, { filler: 'W2' }));
  await world.settled();
  expect(await world.queue('lab')).toMatchObject({ held: 1, parked: 0 });
  const patient = await world.person('H-10');
  expect(await world.found('Observation', patient)).toEqual([]);
  expect(await world.found('Observation', await world.person('H-2'))).toHaveLength(1);
  await world.restart();
  await world.settled();
  expect(await world.queue('lab')).toMatchObject({ held: 1 });
  const [review] = await world.open('overlay');
  await world.answer(review, 'different');
  await world.settled();
  expect(await world.queue('lab')).toMatchObject({ held: 0, parked: 1 });
  expect(await world.reasons('lab', 'parked')).toEqual([
    expect.stringContaining(`review ${review?.id} (a person decided that it is about somebody else)`),
  ]);
  expect(await world.found('Observation', patient)).toEqual([]);
});

test('[ID26] a name of marriage, a corrected birth date, a changed sex, a result without demographics: none of them waits', async () => {
  const bride = { ...saga, number: 'H-20' };
  await world.send('adt', adt('A04', bride));
  await world.send(
    'adt',
    adt('A08', { ...bride, family: 'Andersson' }, { minute: 1 }),
    adt('A08', { ...bride, family: 'Andersson', born: '19911230' }, { minute: 2 }),
    adt('A08', { ...bride, family: 'Andersson', born: '19911230', sex: 'M', given: 'Sven' }, { minute: 3 }),
  );
  await world.send('lab', oru({ ...bride, family: '', given: '', born: '' }, { filler: 'N1' }));
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ depth: 0 });
  expect(await world.found('Observation', await world.person('H-20'))).toHaveLength(1);
});

test('[ID26] [ID27] both names and the birth date of somebody of the same sex are written, and put to a person once', async () => {
  const known = { ...saga, number: 'H-40' };
  const another = { ...known, family: 'Haddad', given: 'Mona', born: '19550617' };
  await world.send('adt', adt('A04', known));
  await world.settled();
  await world.send('lab', oru(another, { filler: 'S1' }), oru(another, { filler: 'S2', minute: 6 }));
  await world.settled();
  expect(await world.queue('lab')).toMatchObject({ held: 0 });
  const person = await world.person('H-40');
  expect(await world.found('Observation', person)).toHaveLength(2);
  const about = { kind: 'overlay', about: person } as const;
  const [review, ...more] = await world.identity.reviews.list(about);
  expect(more).toEqual([]);
  await world.identity.answer({ id: review?.id ?? 0, answer: 'different', by: 'reviewer', reason: 'called' });
  await world.send('adt', adt('A31', another, { minute: 10 }));
  await world.settled();
  expect(await world.identity.reviews.list(about)).toHaveLength(1);
});
