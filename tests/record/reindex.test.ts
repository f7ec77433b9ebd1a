import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyWrites,
  countStale,
  type Json,
  migrations,
  newResourceId,
  type ResourceWrite,
  reindex,
  writeResources,
} from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { observation } from './fixtures.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }], 'k1');
const write = (writes: readonly ResourceWrite[], options = {}) =>
  db.database.transaction((transaction) =>
    writeResources(transaction, writes, {
      origin: { system: 'api' },
      scope: { kind: 'everything' },
      ...options,
    }),
  );
const resource = (n: number): Json =>
  n % 2
    ? {
        resourceType: 'Patient',
        id: newResourceId(),
        name: [{ family: `Müller${n}`, given: ['Ana'] }],
        identifier: [
          { system: 'urn:mrn', value: `M${n}`, type: { coding: [{ system: 'urn:t', code: 'MR' }] } },
        ],
        birthDate: '1980-02-01',
        link: [{ other: { reference: `Patient/other-${n}` }, type: 'seealso' }],
      }
    : {
        resourceType: 'Observation',
        id: newResourceId(),
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }], text: 'Blood pressure' },
        subject: { reference: `Patient/p${n}` },
        effectivePeriod: { start: '2026-01-01', end: '2026-01-02' },
        component: [
          {
            code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
            valueQuantity: {
              value: 120 + n,
              unit: 'mmHg',
              system: 'http://unitsofmeasure.org',
              code: 'mm[Hg]',
            },
          },
        ],
      };

/** Everything that is stored beside contents, in a comparable form. */
async function searched(): Promise<unknown[]> {
  const text = `SELECT r.id, r.version, r.last_updated, r.source_patient_id, r.other_patients, r.date_from, r.date_to, r.tokens, r.refs,
       r.params, r.texts, r.indexed_as, r.issues,
       (SELECT json_agg(s ORDER BY s::text) FROM resource_string s WHERE s.rid = r.rid) AS strings,
       (SELECT json_agg(s ORDER BY s::text) FROM resource_date s WHERE s.rid = r.rid) AS dates,
       (SELECT json_agg(s ORDER BY s::text) FROM resource_quantity s WHERE s.rid = r.rid) AS quantities
  FROM resource r ORDER BY id`;
  return db.database.query(sql('test.searched', text));
}

const spoil = async () => {
  const spoiled = `UPDATE resource SET tokens = '{}', refs = '{gone}', params = '{}', texts = NULL, date_from = NULL, date_to = NULL,
      other_patients = NULL, indexed_as = 0`;
  await db.database.query(sql('test.spoil', spoiled));
  for (const table of ['resource_string', 'resource_date', 'resource_quantity'])
    await db.database.query(sql(`test.spoil-${table}`, `DELETE FROM ${table} WHERE rid % 2 = 0`));
};
const feedLength = async () =>
  (await db.database.query<{ n: number }>(sql('test.feed', 'SELECT count(*) AS n FROM change_feed')))[0]?.n;

test('[R26] what is searched is filled again as writing would fill it, and nothing else changes', async () => {
  await write(
    Array.from({ length: 450 }, (_, n) => ({ op: 'create', method: 'POST', resource: resource(n) })),
  );
  await write([{ op: 'create', method: 'POST', resource: resource(0) }], { keyring });
  const issue = { severity: 'error', code: 'value', expression: 'Observation', rule: 'some rule' } as const;
  await db.database.transaction((transaction) =>
    applyWrites(transaction, [observation('reindexed')], { validate: () => [issue] }),
  );
  const before = await searched();
  const told = await feedLength();
  expect(await countStale(db.database)).toBe(0);
  await spoil();
  expect(await countStale(db.database)).toBe(452);
  const progress: number[] = [];
  const done = await reindex(db.database, { keyring, onProgress: (count) => progress.push(count) });
  expect(done).toBe(452);
  expect(progress.at(-1)).toBe(452);
  expect(progress.length).toBeGreaterThan(2);
  expect(await searched()).toEqual(before);
  expect(await feedLength()).toBe(told);
  expect(await reindex(db.database, { keyring })).toBe(0);
});

test('[R26] beside writers nothing is lost and nothing is left', async () => {
  const resources = Array.from({ length: 300 }, (_, n) => resource(n));
  await write(resources.map((one) => ({ op: 'create', method: 'POST', resource: one })));
  await spoil();
  let reindexing = true;
  const writing = Array.from({ length: 3 }, async (_, writer) => {
    for (let n = writer; reindexing; n += 3) {
      const chosen = [resources[n % 300], resources[(n * 7) % 300]].filter((one) => one !== undefined);
      await write(
        chosen.map((one) => ({
          op: 'update',
          method: 'PUT',
          resource: { ...one, language: `x-${n}`, meta: { tag: [{ system: 'urn:n', code: `n${n}` }] } },
        })),
      );
    }
  });
  while ((await countStale(db.database)) > 0) await reindex(db.database, { keyring });
  reindexing = false;
  await Promise.all(writing);
  const after = await searched();
  await spoil();
  await reindex(db.database, { keyring });
  expect(await searched()).toEqual(after);
});

test('[R26] the index that finds what is to be filled again is of the extraction that writers use', async () => {
  const [row] = await db.database.query<{ definition: string; filled: number }>(
    sql(
      'test.reindex-index',
      `SELECT pg_get_indexdef('resource_reindex'::regclass) AS definition, (SELECT max(indexed_as) FROM resource) AS filled`,
    ),
  );
  expect(row?.definition).toContain(`(indexed_as < ${row?.filled})`);
});
