import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyWrites, migrations as record } from '../../src/clinical/record/index.ts';
import { migrations as queue } from '../../src/exchange/queue/index.ts';
import { type AccessContext, createAccess, patientId, systemContext } from '../../src/trust/access/index.ts';
import { ada, ben, observation } from '../record/fixtures.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: [...queue, ...record] });
  const writes = [observation('a'), observation('b', { patient: ben })];
  await db.database.transaction((transaction) => applyWrites(transaction, writes));
});
afterAll(() => db.drop());

const seenBy = async (context: AccessContext): Promise<string[]> => {
  const door = createAccess({ database: db.database }).openRecord(context);
  const { matches } = await door.search({ type: 'Observation', count: 10 });
  return matches.map(({ origin }) => origin.patient?.identifier ?? '').toSorted();
};

describe('[A1] a context compiles to what may be seen', () => {
  test.each<[string, AccessContext, string[]]>([
    ['a system', systemContext('televisit'), ['MRN-1001', 'MRN-1002']],
    ['someone bound to a patient', { who: 'dr', purpose: 'TREAT', patient: patientId(ada) }, ['MRN-1001']],
    ['a patient', { who: 'ben', purpose: 'PATRQT', patient: patientId(ben) }, ['MRN-1002']],
    ['a patient without an id', { who: 'ben', purpose: 'PATRQT' }, []],
    ['an empty patient', { who: 'dr', purpose: 'TREAT', patient: '' }, []],
    ['an unknown patient', { who: 'dr', purpose: 'TREAT', patient: 'nobody' }, []],
    ['nobody', { who: '', purpose: 'TREAT' }, []],
  ])('%s', async (_who, context, expected) => {
    expect(await seenBy(context)).toEqual(expected);
  });
});

test('[A2] messages are seen by systems, not by who is bound to a patient', async () => {
  const access = createAccess({ database: db.database });
  expect(await access.openMessages(systemContext('console')).messages()).toEqual([]);
  const bound = access.openMessages({ who: 'dr', purpose: 'TREAT', patient: patientId(ada) });
  expect(await bound.messages()).toEqual([]);
  expect(await bound.queues()).toEqual([]);
  expect(await bound.message(1)).toBeUndefined();
  expect(await bound.trace(1)).toEqual([]);
});
