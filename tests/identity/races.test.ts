import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultOf, personOf, type Standing } from '../../src/clinical/identity/index.ts';
import { applyWrites, patientId, publishPersons } from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import { classifyFailure, sql, type Transaction } from '../../src/foundation/database/index.ts';
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

test('[ID6] whatever is decided and said at once, everything comes to stand as one after the other would have it', async () => {
  const numbers = Array.from({ length: 6 }, (_, index) =>
    number(`RG-${index}`, index % 2 ? CLINIC : undefined),
  );
  await world.write(...numbers.map((who) => patient(who, named(who.identifier))));
  const worker = async (seed: number): Promise<number> => {
    const random = dice(seed);
    let conflicts = 0;
    for (let step = 0; step < 25; step += 1) {
      const [one, other] = [random.one(numbers), random.one(numbers)];
      const [a, b] = [patientId(one), patientId(other)];
      const work = random.one<(tx: Transaction) => Promise<unknown>>([
        (tx) => world.persons.linkPersons(tx, { one: a, other: b, decision: decision() }),
        (tx) => world.persons.unlink(tx, { source: a, decision: decision() }),
        (tx) => mergeIn(tx, one, other),
        (tx) =>
          applyWrites(tx, [
            patient(one, named(`${seed}-${step}`), { minute: step }),
            patient(other, { gender: 'male' }, { minute: step }),
          ]),
        (tx) => applyWrites(tx, [observation(one, `rg-${seed}-${step}`)]),
      ]);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await world.run(work);
          break;
        } catch (error) {
          if ((error as { code?: string }).code === 'IDENTITY_REFUSED') break;
          if (classifyFailure(error) !== 'conflict' || attempt === 20) throw error;
          conflicts += 1;
        }
      }
    }
    return conflicts;
  };
  await Promise.all([1, 2, 3, 4].map(worker));
  await expectSettled();
}, 60_000);
