import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultOf, historyOf, personOf, type Standing } from '../../src/clinical/identity/index.ts';
import { applyWrites, patientId, publishPersons } from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import { classifyFailure, sql, type Transaction } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { untilBlocked } from '../record/waiting.ts';
import { dice } from './dice.ts';
import { CLINIC, decision, named, number, observation, openWorld, patient, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  // Connections made from now on end a deadlock sooner.
  const sooner = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''20ms''', current_database()); END $$`;
  await world.db.database.query(sql('test.deadlocks', sooner));
});
afterAll(() => world.db.drop());

const mergeIn = (tx: Transaction, surviving: SourcePatient, retired: SourcePatient) =>
  world.persons.mergeNumbers(tx, { surviving, retired, decision: decision() });
const person = (who: SourcePatient) => personOf(world.db.database, patientId(who));

/** The first holds its transaction open until the second waits for it. */
async function meeting<T>(
  first: (tx: Transaction) => Promise<unknown>,
  second: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let started = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    started = resolve;
  });
  const one = world.run(async (tx) => {
    await first(tx);
    started();
    await held;
  });
  await begun;
  const other = world.run(second);
  await untilBlocked(world.db.database);
  release();
  await one;
  return other;
}

/** Nothing would be published otherwise than it is. */
async function expectSettled(): Promise<void> {
  const rows = await world.rows<{ source: string; person: string; retired: string | null }>(
    'SELECT l.source_patient_id AS source, l.person_id AS person, s.retired_into AS retired FROM person_link l JOIN source_patient s ON s.id = l.source_patient_id',
  );
  const standings = new Map(
    rows.map(({ source, person: behind, retired }): [string, Standing] => [
      source,
      { source, person: behind, retiredInto: retired },
    ]),
  );
  expect(faultOf(standings)).toBeUndefined();
  expect(await world.run((tx) => publishPersons(tx, [...standings.keys()], {}))).toEqual([]);
}

test('[ID6] two merges of the same numbers, one each way: the later is the last word', async () => {
  const [a, b] = [number('RA-1'), number('RA-2')];
  await world.write(patient(a, named('A')), patient(b, named('B')));
  await meeting(
    (tx) => mergeIn(tx, a, b),
    (tx) => mergeIn(tx, b, a),
  );
  expect([await person(a), await person(b)]).toEqual([patientId(b), patientId(b)]);
  expect((await world.shown(b))?.identifier).toMatchObject([
    { value: 'RA-2' },
    { value: 'RA-1', use: 'old' },
  ]);
  await expectSettled();
});

test('[ID6] two merges that meet in the middle make one person', async () => {
  const [a, b, c] = [number('RB-1'), number('RB-2'), number('RB-3')];
  await world.write(...[a, b, c].map((who) => patient(who, named(who.identifier))));
  await meeting(
    (tx) => mergeIn(tx, b, a),
    (tx) => mergeIn(tx, c, b),
  );
  expect(new Set([await person(a), await person(b), await person(c)])).toEqual(new Set([patientId(c)]));
  await expectSettled();
});

test('[ID6] a message about the number that is being retired waits, and goes on to the survivor', async () => {
  const [a, b] = [number('RC-1'), number('RC-2')];
  await world.write(patient(a, named('A')), patient(b, named('B')));
  await meeting(
    (tx) => mergeIn(tx, a, b),
    (tx) => applyWrites(tx, [patient(b, { gender: 'female' }, { minute: 5 }), observation(b, 'rc')]),
  );
  expect(await world.shown(a)).toMatchObject({ gender: 'female' });
  expect(await world.shown(b)).not.toHaveProperty('gender');
  await expectSettled();
});

test('[ID6] a merge waits for what is being said of a number, and keeps it', async () => {
  const [a, b] = [number('RD-1'), number('RD-2')];
  await world.write(patient(a, named('A')), patient(b, named('B')));
  const { eventId } = await meeting(
    (tx) => applyWrites(tx, [patient(b, { gender: 'female' }, { minute: 5 })]),
    (tx) => mergeIn(tx, a, b),
  );
  expect(await world.shown(a)).toMatchObject({ gender: 'female' });
  await world.run((tx) => world.persons.undo(tx, { eventId: eventId ?? 0, decision: decision() }));
  expect(await world.shown(b)).toMatchObject({ gender: 'female', name: [{ family: 'B' }] });
  await expectSettled();
});

test('[ID6] the first message of a number that nobody knew meets the merge that retires it, whoever comes first', async () => {
  for (const isMergeFirst of [true, false]) {
    const [a, b] = [number(`RE-1${isMergeFirst}`), number(`RE-2${isMergeFirst}`)];
    await world.write(patient(a, named('A')));
    const merge = (tx: Transaction): Promise<unknown> => mergeIn(tx, a, b);
    const message = (tx: Transaction): Promise<unknown> =>
      applyWrites(tx, [
        patient(b, { gender: 'female' }, { minute: 5 }),
        observation(b, `re-${isMergeFirst}`),
      ]);
    await (isMergeFirst ? meeting(merge, message) : meeting(message, merge));
    expect(await world.shown(a)).toMatchObject({ gender: 'female', name: [{ family: 'A' }] });
    expect(await world.shown(b)).toMatchObject({ active: false });
  }
  await expectSettled();
});

test('[ID6] a Patient that the API writes while it is being merged is what its source says', async () => {
  const [a, b] = [number('RF-1'), number('RF-2')];
  await world.write(patient(a, named('A')), patient(b, named('B')));
  const resource = { resourceType: 'Patient', id: patientId(b), name: [{ family: 'Written' }] };
  await meeting(
    (tx) => mergeIn(tx, a, b),
    () =>
      world.all.transaction({ system: 'api' }, (tx) => tx.write([{ op: 'update', method: 'PUT', resource }])),
  );
  expect(await world.shown(a)).toMatchObject({ name: [{ family: 'A' }, { family: 'Written' }] });
  expect(await world.shown(b)).toMatchObject({ active: false });
  await expectSettled();
});

type Work = (tx: Transaction) => Promise<unknown>;
type Chosen = {
  readonly one: SourcePatient;
  readonly other: SourcePatient;
  readonly name: string;
  readonly step: number;
};

const decisions: readonly ((chosen: Chosen) => Work)[] = [
  ({ one, other }) =>
    (tx) =>
      world.persons.linkPersons(tx, { one: patientId(one), other: patientId(other), decision: decision() }),
  ({ one }) =>
    (tx) =>
      world.persons.unlink(tx, { source: patientId(one), decision: decision() }),
  ({ one, other }) =>
    (tx) =>
      mergeIn(tx, one, other),
  ({ one, other }) =>
    (tx) =>
      world.persons.moveNumber(tx, { number: one, to: other, decision: decision() }),
  ({ one }) =>
    async (tx) => {
      const last = (await historyOf(tx, patientId(one))).findLast(({ moves }) => moves.length > 0);
      if (last) await world.persons.undo(tx, { eventId: last.id, decision: decision() });
    },
];
const sayings: readonly ((chosen: Chosen) => Work)[] = [
  ({ one, other, name, step }) =>
    (tx) =>
      applyWrites(tx, [
        patient(one, named(name), { minute: step }),
        patient(other, { gender: 'male' }, { minute: step }),
      ]),
  ({ one, name, step }) =>
    (tx) =>
      applyWrites(tx, [patient(one, named(name), { minute: step }), observation(one, name)]),
];

/** Four at once, each deciding and saying things of the same six; returns how often a transaction had to be done again. */
async function allAtOnce(name: string, kinds: readonly ((chosen: Chosen) => Work)[]): Promise<number> {
  const numbers = Array.from({ length: 6 }, (_, index) =>
    number(`${name}-${index}`, index % 2 ? CLINIC : undefined),
  );
  await world.write(...numbers.map((who) => patient(who, named(who.identifier))));
  let again = 0;
  const worker = async (seed: number): Promise<void> => {
    const random = dice(seed);
    for (let step = 0; step < 25; step += 1) {
      const chosen = {
        one: random.one(numbers),
        other: random.one(numbers),
        name: `${name}-${seed}-${step}`,
        step,
      };
      const work = random.one(kinds)(chosen);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await world.run(work);
          break;
        } catch (error) {
          if (error instanceof IsthmusError && error.code === 'IDENTITY_REFUSED') break;
          if (classifyFailure(error) !== 'conflict' || attempt === 20) throw error;
          again += 1;
        }
      }
    }
  };
  await Promise.all([1, 2, 3, 4].map(worker));
  await expectSettled();
  return again;
}

test('[ID6] decisions alone wait for each other, and never in a circle', async () => {
  expect(await allAtOnce('RG', decisions)).toBe(0);
}, 60_000);

test('[ID6] whatever is decided and said at once, everything comes to stand as one after the other would have it', async () => {
  await allAtOnce('RH', [...decisions, ...sayings, ...sayings]);
}, 60_000);
