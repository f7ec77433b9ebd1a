import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyWrites, migrations as record } from '../../src/clinical/record/index.ts';
import { migrations as queue } from '../../src/exchange/queue/index.ts';
import { migrations as audit, createAudit } from '../../src/foundation/audit/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { type AccessContext, createAccess, patientId, systemContext } from '../../src/trust/access/index.ts';
import { ada, ben, observation } from '../record/fixtures.ts';
import { search } from '../record/world.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: [...queue, ...record, ...audit] });
  const writes = [observation('a'), observation('b', { patient: ben })];
  await db.database.transaction((transaction) => applyWrites(transaction, writes));
});
afterAll(() => db.drop());

const seenBy = async (context: AccessContext): Promise<string[]> => {
  const door = createAccess({ database: db.database }).openRecord(context);
  const { matches } = await search(door, 'Observation');
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
  const statements = [
    `INSERT INTO queue (name, leg, channel, ordering) VALUES ('adt', 'intake', 'adt', 'key')`,
    'INSERT INTO queue_progress (queue_id) SELECT id FROM queue',
    `INSERT INTO message (channel, received_at, type, content_type, sender, correlation_id, control_hash, content_prefix, content_hash, body)
     VALUES ('adt', now(), 'ADT^A08', 'application/hl7-v2', 'GENERAL', 'c-1', 1, 1, '', 'MSH')`,
    `INSERT INTO entry (queue_id, sequence, message_id, keys) SELECT q.id, 1, m.id, '{}' FROM queue q, message m`,
  ];
  for (const [index, text] of statements.entries()) await db.database.query(sql(`test.${index}`, text));
  const seen = async (context: AccessContext) => {
    const door = createAccess({ database: db.database }).openMessages(context);
    const [queues, entries, messages] = [
      await door.queues(),
      await door.entries({ queue: 'adt' }),
      await door.messages(),
    ];
    const [one, trace] = [await door.message(1), await door.trace(1)];
    return [queues.length, entries.length, messages.length, one ? 1 : 0, trace.length];
  };
  expect(await seen(systemContext('console'))).toEqual([1, 1, 1, 1, 1]);
  expect(await seen({ who: 'dr', purpose: 'TREAT', patient: patientId(ada) })).toEqual([0, 0, 0, 0, 0]);
  expect(await seen({ who: 'ada', purpose: 'PATRQT' })).toEqual([0, 0, 0, 0, 0]);
});

test('[A3] the audit trail is seen by who operates the installation, and by nobody else', async () => {
  const entry = {
    action: 'queue.hold',
    actor: 'login ines',
    target: 'queue adt',
    outcome: 'success',
  } as const;
  await createAudit(db.database).record({ ...entry, reason: 'upgrade' });
  const seen = (context: AccessContext) =>
    createAccess({ database: db.database }).openAudit(context).entries({ action: 'queue' });
  const operator = { who: 'login ines', purpose: 'HOPERAT' } as const;
  expect(await seen(operator)).toMatchObject([{ ...entry, reason: 'upgrade', correlationId: null }]);
  for (const context of [
    systemContext('televisit'),
    { ...operator, who: '' },
    { ...operator, patient: patientId(ada) },
    { who: 'ada', purpose: 'PATRQT' },
  ] satisfies AccessContext[])
    expect(await seen(context), JSON.stringify(context)).toEqual([]);
});
