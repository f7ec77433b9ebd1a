import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyWrites,
  type Change,
  migrations,
  patientId,
  provenanceOf,
  type RecordWrite,
  recordReader,
} from '../../src/clinical/record/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { parseExact } from '../../src/standards/fhir/index.ts';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { ada, at, ben, observation } from './fixtures.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

/** As the pipeline does it. */
async function take(...writes: RecordWrite[]): Promise<{ changes: Change[]; accounts: Change[] }> {
  return db.database.transaction(async (transaction) => {
    const changes = await applyWrites(transaction, writes);
    const options = { recorded: at(30), nameOf: (id: number) => `ORU^R01 C${id}` };
    const accounts = await applyWrites(transaction, provenanceOf(writes, changes, options));
    return { changes, accounts };
  });
}
const said = (
  key: string,
  messageId: number,
  parts: Partial<RecordWrite> & { patient?: typeof ada; minute?: number } = {},
) => {
  const write = observation(key, parts);
  return { ...write, origin: { ...write.origin, messageId } };
};
const provenance = async (id: string) => {
  const found = await recordReader(db.database, { scope: { kind: 'everything' } }).read('Provenance', id);
  return parseExact(found?.json ?? 'null') as Record<string, unknown> & { resourceType: string };
};

test('[R27] a message that changed something leaves one Provenance for each of its patients: who, which message, what came of it', async () => {
  const { accounts } = await take(
    said('a', 41),
    said('b', 41),
    said('c', 41, { patient: ben }),
    said('d', 42),
  );
  expect(accounts.map(({ type, kind }) => `${type} ${kind}`)).toEqual(Array(3).fill('Provenance created'));
  const first = await provenance(accounts[0]?.id ?? '');
  expect(first).toMatchObject({
    target: ['a', 'b'].map((key) => ({ reference: `Observation/${observation(key).id}/_history/1` })),
    occurredDateTime: at(0).toISOString(),
    recorded: at(30).toISOString(),
    agent: [{ who: { identifier: { value: 'lab' } } }],
    entity: [{ role: 'source', what: { identifier: { value: '41' }, display: 'ORU^R01 C41' } }],
    activity: { coding: [{ code: 'CREATE' }] },
  });
  expect(
    createValidator()
      .validate(first)
      .filter(({ severity }) => severity === 'error'),
  ).toEqual([]);
});

test('[R27] it is found by what came of it, and lies with the patient it speaks of', async () => {
  const { changes, accounts } = await take(said('e', 43));
  const [row] = await db.database.query<{ refs: string[]; source_patient_id: string }>(
    sql('test.provenance', 'SELECT refs, source_patient_id FROM resource WHERE id = $1'),
    [accounts[0]?.id ?? ''],
  );
  expect(row?.refs).toContain(`target|Observation/${changes[0]?.id}`);
  expect(row?.source_patient_id).toBe(patientId(ada));
  const scope = { kind: 'compartment', person: patientId(ada) } as const;
  expect(await recordReader(db.database, { scope }).read('Provenance', accounts[0]?.id ?? '')).toBeDefined();
});

test('[R27] a repeat leaves nothing, a correction its own, and a message that is run again writes to the same', async () => {
  const first = await take(said('f', 44));
  expect((await take(said('f', 44))).accounts).toEqual([]);
  expect((await take(said('f', 45))).accounts).toEqual([]);
  const corrected = await take(said('f', 46, { minute: 5, set: { status: 'corrected' } }));
  expect(corrected.accounts).toMatchObject([{ kind: 'created' }]);
  expect(await provenance(corrected.accounts[0]?.id ?? '')).toMatchObject({
    target: [{ reference: `Observation/${observation('f').id}/_history/2` }],
    activity: { coding: [{ code: 'UPDATE' }] },
  });
  const again = await take(said('f', 44, { minute: 9, set: { status: 'amended' } }));
  expect(again.accounts).toMatchObject([{ kind: 'updated', id: first.accounts[0]?.id, version: 2 }]);
});
