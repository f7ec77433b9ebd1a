import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAudit, migrations } from '../../src/foundation/audit/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

const entry = { action: 'queue.release', actor: 'ines', target: 'queue adt', outcome: 'success' } as const;
const count = async () =>
  (await db.database.query<{ n: number }>(sql('t.count', 'SELECT count(*) AS n FROM audit_entry')))[0]?.n;

test('an entry recorded in a transaction shares its fate', async () => {
  const audit = createAudit(db.database);
  await db.database.transaction((transaction) => audit.recordIn(transaction, entry));
  expect(await count()).toBe(1);
  const undone = db.database.transaction(async (transaction) => {
    await audit.recordIn(transaction, entry);
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  expect(await count()).toBe(1);
});

test('entries can be neither changed nor removed', async () => {
  const audit = createAudit(db.database);
  await audit.record({ ...entry, reason: 'sender mended', correlationId: 'c1' });
  for (const text of [
    `UPDATE audit_entry SET actor = 'eve'`,
    'DELETE FROM audit_entry',
    'TRUNCATE audit_entry',
  ]) {
    await expect(db.database.query(sql(`t.${text.slice(0, 6)}`, text))).rejects.toMatchObject({
      code: '23000',
    });
  }
});
