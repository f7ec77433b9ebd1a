import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyWrites,
  migrations,
  partStrangers,
  patientId,
  patientReference,
  type RecordWrite,
  recordReader,
  resourceId,
} from '../../src/clinical/record/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { ada, at } from './fixtures.ts';
import { ids } from './world.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

const bob = { authority: '2.16.840.1.113883.19.5', identifier: 'BOB' };
const result = (number: string) => resourceId('Observation', 'laboratory', number);
const report = (number: string) => resourceId('DiagnosticReport', 'laboratory', number);

/** A report and its result under a filler number. */
function told(patient: typeof ada, number: string, { minute = 0, value = 'first' } = {}): RecordWrite[] {
  const origin = { system: 'laboratory', patient, messageId: 7, eventTime: at(minute) };
  const subject = { reference: patientReference(patient) };
  return [
    {
      ...{ type: 'Observation', id: result(number), key: number, origin },
      set: { status: 'final', code: { text: 'Glucose' }, subject, 'value[x]': { String: value } },
    },
    {
      ...{ type: 'DiagnosticReport', id: report(number), key: number, origin },
      set: {
        status: 'final',
        code: { text: 'Panel' },
        subject,
        result: [{ reference: `Observation/${result(number)}` }],
      },
    },
  ];
}

/** As the pipeline does: a batch of messages. */
const write = (...messages: RecordWrite[][]) =>
  db.database.transaction(async (transaction) => {
    const parted = await partStrangers(transaction, messages);
    await applyWrites(transaction, parted.messages.flat());
    return parted.strangers;
  });

const chart = async (patient: typeof ada) => {
  const record = recordReader(db.database, { scope: { kind: 'compartment', person: patientId(patient) } });
  const observations = await ids(record, 'Observation?');
  const [found] = await ids(record, 'DiagnosticReport?');
  const shown = found === undefined ? undefined : await record.read('DiagnosticReport', found);
  return { observations, report: shown && (JSON.parse(shown.json) as { result: { reference: string }[] }) };
};

test('[R30] a number that comes for another person takes nothing from the first and puts nothing on them', async () => {
  await write(told(ada, 'N1'));
  const before = await chart(ada);
  const strangers = await write(told(bob, 'N1', { minute: 5, value: 'of another' }));
  expect(strangers.map(({ belongsTo }) => belongsTo)).toEqual([patientId(ada), patientId(ada)]);
  expect(await chart(ada)).toEqual(before);
  const other = await chart(bob);
  expect(other.observations).toHaveLength(1);
  expect(other.observations).not.toEqual(before.observations);
  // What belongs together stays together.
  expect(other.report?.result).toEqual([{ reference: `Observation/${other.observations[0]}` }]);
  // A correction of either is the next version of its own.
  await write(
    told(bob, 'N1', { minute: 9, value: 'corrected' }),
    told(ada, 'N1', { minute: 9, value: 'too' }),
  );
  expect((await chart(bob)).observations).toEqual(other.observations);
  expect((await chart(ada)).observations).toEqual(before.observations);
});

test('[R30] in one batch it is the same', async () => {
  const strangers = await write(told(ada, 'N2'), told(bob, 'N2', { minute: 1 }));
  expect(strangers).toHaveLength(2);
  expect((await chart(ada)).observations).toContain(result('N2'));
  expect((await chart(bob)).observations).not.toContain(result('N2'));
});

test('[R30] numbers of one person, however many numbers they have themselves, are one person’s', async () => {
  const again = { authority: '2.16.840.1.113883.19.6', identifier: 'ADA-AGAIN' };
  await write(told(again, 'N3'));
  await db.database.query(
    sql('test.link', 'UPDATE person_link SET person_id = $1 WHERE source_patient_id = $2', {
      prepare: false,
    }),
    [patientId(ada), patientId(again)],
  );
  expect(await write(told(ada, 'N3', { minute: 5, value: 'the same person' }))).toEqual([]);
});
