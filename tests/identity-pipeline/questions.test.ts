import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentity, type Identity } from '../../src/clinical/identity/index.ts';
import { applyWrites, patientId, type RecordWrite } from '../../src/clinical/record/index.ts';
import { listAudit } from '../../src/foundation/audit/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { sql, type Transaction } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { allMigrations } from '../../src/server/engine/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { CLINIC, HOSPITAL } from './world.ts';

/** Matching and its questions, on the database alone. */

let db: TestDatabase;
let identity: Identity;
let careful: Identity;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: allMigrations });
  const parts = { database: db.database, clock: systemClock, logger: silentLogger };
  identity = createIdentity(parts);
  careful = createIdentity({ ...parts, settings: () => ({ dualControl: true }) });
});
afterAll(() => db?.drop());

interface Who {
  readonly identifier: string;
  readonly authority?: string;
}
const idOf = ({ authority = HOSPITAL, identifier }: Who) => patientId({ authority, identifier });

const lena = {
  name: [{ family: 'Zielinski', given: ['Lena', 'Maria'] }],
  birthDate: '1984-11-23',
  gender: 'female',
  address: [{ line: ['5 Foundry Row'], city: 'Springfield', state: 'IL', postalCode: '62701' }],
  telecom: [{ system: 'phone', value: '(217)555-0111' }],
};
const other = { name: [{ family: 'Oduya', given: ['Kofi'] }], birthDate: '1950-05-05', gender: 'male' };

const said = (who: Who, set: object, minute = 0): RecordWrite => ({
  ...{ type: 'Patient', id: idOf(who), key: who.identifier, set: { ...set } },
  origin: {
    system: 'adt',
    patient: { authority: who.authority ?? HOSPITAL, identifier: who.identifier },
    eventTime: new Date(Date.UTC(2026, 2, 3, 10, minute)),
  },
});

async function register(transaction: Transaction, ...writes: readonly RecordWrite[]) {
  await applyWrites(transaction, writes);
  return identity.observe(transaction, { sources: writes.map(({ id }) => id), at: new Date() });
}
const inOne = (...writes: readonly RecordWrite[]) =>
  db.database.transaction((transaction) => register(transaction, ...writes));

async function personOf(who: Who): Promise<string | undefined> {
  const text = 'SELECT person_id AS person FROM person_link WHERE source_patient_id = $1';
  const [row] = await db.database.query<{ person: string }>(sql('test.person', text), [idOf(who)]);
  return row?.person;
}

test('[ID34] two who are registered by transactions that can not see each other are brought together afterwards', async () => {
  const [one, two] = [{ identifier: 'S-1' }, { identifier: 'S-1', authority: CLINIC }];
  await db.database.transaction(async (transaction) => {
    await register(transaction, said(one, lena));
    await inOne(said(two, lena));
  });
  expect(await personOf(one)).not.toBe(await personOf(two));
  // Transactions of other tests on the same server hold it back, too.
  await eventually(
    async () => {
      await identity.settle();
      return (await personOf(one)) === (await personOf(two));
    },
    { deadlineMs: 20_000, what: 'one person' },
  );
  expect(await identity.settle()).toBe(0);
});

test('[ID24] a source that is like none of its person any more is asked about, and parted by people only', async () => {
  const [one, two] = [{ identifier: 'G-1' }, { identifier: 'G-1', authority: CLINIC }];
  const person = { ...lena, name: [{ family: 'Featherstone', given: ['Ingrid'] }], birthDate: '1961-08-09' };
  await inOne(said(one, person), said(two, person));
  expect(await personOf(one)).toBe(await personOf(two));
  await inOne(said(two, { ...other, address: [], telecom: [] }, 5));
  expect(await personOf(one)).toBe(await personOf(two));
  const [review] = await identity.reviews.list({ kind: 'suspicious-cluster' });
  expect(review).toMatchObject({ one: await personOf(one), other: '' });
  const picture = review && (await identity.sideBySide(review));
  expect(picture?.sides).toHaveLength(2);
  expect(picture?.lines.find(({ field }) => field === 'family')).toMatchObject({ agreement: 'disagrees' });
  const answering = { id: review?.id ?? 0, by: 'reviewer', reason: 'another man' };
  await expect(identity.answer({ ...answering, answer: 'different' })).rejects.toMatchObject({
    code: 'IDENTITY_REFUSED',
  });
  await identity.answer({ ...answering, answer: 'different', part: idOf(two) });
  expect(await personOf(one)).not.toBe(await personOf(two));
  await inOne(said(two, person, 9));
  expect(await personOf(one)).not.toBe(await personOf(two));
});

test('[ID29] where two decide, one alone changes nothing, and the same person is not two', async () => {
  const [one, two] = [{ identifier: 'D-1' }, { identifier: 'D-1', authority: CLINIC }];
  const thin = {
    name: [{ family: 'Haraldsdottir', given: ['Runa'] }],
    birthDate: '1977-02-28',
    gender: 'female',
  };
  await inOne(said(one, thin), said(two, thin));
  const [review] = await careful.reviews.list({ about: idOf(one) });
  const id = review?.id ?? 0;
  const by = (who: string, answer: 'same' | 'different' = 'same') =>
    careful.answer({ id, answer, by: who, reason: 'the same passport' });
  expect(await by('first')).toMatchObject({ state: 'proposed' });
  expect(await personOf(one)).not.toBe(await personOf(two));
  await expect(by('first')).rejects.toMatchObject({ code: 'IDENTITY_REFUSED' });
  // Who does not agree proposes otherwise: nobody's mistake stands for good.
  expect(await by('second', 'different')).toMatchObject({ state: 'proposed' });
  await expect(by('second', 'different')).rejects.toMatchObject({ code: 'IDENTITY_REFUSED' });
  expect(await by('first')).toMatchObject({ state: 'proposed' });
  expect(await personOf(one)).not.toBe(await personOf(two));
  expect(await by('second')).toMatchObject({ state: 'decided' });
  expect(await personOf(one)).toBe(await personOf(two));
  await expect(by('third')).rejects.toMatchObject({ code: 'CONFLICT' });
  const actions = await listAudit(db.database, { action: 'identity', limit: 10 }, 'everything');
  expect(actions.filter(({ target }) => target === `identity-review ${id}`)).toMatchObject([
    { action: 'identity.answer', actor: 'second' },
    { action: 'identity.propose', actor: 'first' },
    { action: 'identity.propose', actor: 'second' },
    { action: 'identity.propose', actor: 'first' },
  ]);
});

test('[ID22] a question that no longer stands is withdrawn, and the mark goes with it', async () => {
  const [one, two] = [{ identifier: 'Q-1' }, { identifier: 'Q-1', authority: CLINIC }];
  const thin = {
    name: [{ family: 'Brannigan', given: ['Tessa'] }],
    birthDate: '1993-10-01',
    gender: 'female',
  };
  await inOne(said(one, thin), said(two, thin));
  expect(await identity.reviews.list({ about: idOf(one) })).toHaveLength(1);
  await inOne(
    said(two, { ...thin, name: [{ family: 'Osei', given: ['Akua'] }], birthDate: '1959-03-17' }, 5),
  );
  expect(await identity.reviews.list({ about: idOf(one), kind: 'possible-duplicate' })).toEqual([]);
  const marks = sql(
    'test.marks',
    'SELECT id FROM source_patient WHERE possible_duplicate_of IS NOT NULL AND id = ANY($1)',
  );
  expect(await db.database.query(marks, [[idOf(one), idOf(two)]])).toEqual([]);
});

test('[ID22] a decision that nobody was asked for answers the question all the same, and the mark goes with it', async () => {
  const [one, two, three] = [
    { identifier: 'W-1' },
    { identifier: 'W-2', authority: CLINIC },
    { identifier: 'W-3' },
  ];
  const thin = (day: string) => ({
    ...{ name: [{ family: 'Quarrington', given: ['Tessa'] }], gender: 'female', birthDate: `1966-10-${day}` },
  });
  await inOne(said(one, thin('09')), said(two, thin('09')));
  const open = (who: Who) => identity.reviews.list({ about: idOf(who) });
  const marked = () =>
    db.database.query(
      sql(
        'test.marked',
        'SELECT id FROM source_patient WHERE id = ANY($1) AND possible_duplicate_of IS NOT NULL',
      ),
      [[idOf(one), idOf(two)]],
    );
  expect(await open(one)).toHaveLength(1);
  expect(await marked()).toHaveLength(2);
  const decision = { actor: 'reviewer', reason: 'cousins', at: new Date() };
  const pair = { one: idOf(one), other: idOf(two), decision };
  const apart = await db.database.transaction((transaction) => identity.notSame(transaction, pair));
  expect(await open(one)).toEqual([]);
  expect(await marked()).toEqual([]);
  await db.database.transaction((transaction) =>
    identity.undo(transaction, { eventId: apart.eventId ?? 0, decision }),
  );
  await inOne(said(three, thin('09')));
  expect(await open(three)).not.toEqual([]);
  const joining = { target: idOf(one), source: idOf(three), numbers: false, decision };
  await db.database.transaction((transaction) => identity.merge(transaction, joining));
  const about = await open(three);
  expect(about.filter((review) => [review.one, review.other].includes(idOf(one)))).toEqual([]);
});

test('[ID21] [ID33] who is overwritten with somebody else is not linked to them, then or later, but put to a person', async () => {
  const [one, two] = [{ identifier: 'V-1' }, { identifier: 'V-1', authority: CLINIC }];
  const kofi = {
    ...{ name: [{ family: 'Asante', given: ['Kwabena', 'Yaw'] }], birthDate: '1951-06-07', gender: 'male' },
    ...{ address: [{ line: ['8 Tanner Row'], city: 'Springfield', postalCode: '62704' }] },
    telecom: [{ system: 'phone', value: '(217)555-0188' }],
  };
  const hedda = {
    name: [{ family: 'Nyqvist', given: ['Hedda'] }],
    birthDate: '1979-12-30',
    gender: 'female',
  };
  await inOne(said(one, hedda), said(two, kofi));
  await inOne(said(one, kofi, 5));
  expect(await personOf(one)).not.toBe(await personOf(two));
  expect(await identity.reviews.list({ kind: 'overlay', about: idOf(one) })).toHaveLength(1);
  expect(await identity.reviews.list({ kind: 'possible-duplicate', about: idOf(one) })).toHaveLength(1);
  await inOne(said(two, { ...kofi, telecom: [] }, 6));
  await identity.reconcile({ all: true });
  expect(await personOf(one)).not.toBe(await personOf(two));
  const [asked] = await identity.reviews.list({ kind: 'overlay', about: idOf(one) });
  await identity.answer({
    id: asked?.id ?? 0,
    answer: 'same',
    by: 'reviewer',
    reason: 'a reused test number',
  });
  await identity.reconcile({ all: true });
  expect(await personOf(one)).toBe(await personOf(two));
});

test('[ID37] where two people decide, a merge by one is a proposal that the second carries out', async () => {
  const [one, two] = [{ identifier: 'DC-1' }, { identifier: 'DC-2', authority: CLINIC }];
  await inOne(said(one, lena), said(two, other));
  const merge = (actor: string) =>
    db.database.transaction((transaction) =>
      careful.merge(transaction, {
        ...{ target: idOf(one), source: idOf(two), numbers: false },
        decision: { actor, reason: 'asked the patient', at: new Date() },
      }),
    );
  const before = await personOf(one);
  const { proposal, eventId } = await merge('ana');
  expect(eventId).toBeUndefined();
  expect(await personOf(two)).toBe(idOf(two));
  await expect(merge('ana')).rejects.toMatchObject({ code: 'IDENTITY_REFUSED' });
  expect(await personOf(two)).toBe(idOf(two));
  expect((await merge('ben')).eventId).toBeGreaterThan(0);
  // Who was named as staying stays.
  expect([await personOf(one), await personOf(two)]).toEqual([before, before]);
  expect(await careful.reviews.read(proposal ?? 0)).toMatchObject({ state: 'decided' });
});

test('[ID38] a thousand who look alike are no thousand questions about each', async () => {
  const alike = {
    name: [{ family: 'Smithson', given: ['Johnny'] }],
    birthDate: '1971-03-04',
    gender: 'male',
  };
  const many = Array.from({ length: 40 }, (_, n) => ({
    identifier: `AL-${n}`,
    authority: n % 2 ? CLINIC : HOSPITAL,
  }));
  for (const who of many) await inOne(said(who, alike));
  const open = (
    await Promise.all(many.map((who) => identity.reviews.list({ about: idOf(who), limit: 500 })))
  ).map((list) => list.length);
  expect(Math.max(...open)).toBeLessThanOrEqual(8);
  expect(Math.min(...open)).toBeGreaterThan(0);
});
