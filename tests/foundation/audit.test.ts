import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAudit, migrations, sealAudit, verifyAudit } from '../../src/foundation/audit/index.ts';
import { openDatabase, sql } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await openTestDatabase({ migrations });
});
afterEach(() => db.drop());

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

describe('the chain of seals', () => {
  const record = async (n: number) => {
    const audit = createAudit(db.database);
    for (let i = 0; i < n; i++) await audit.record({ ...entry, reason: `reason ${i}` });
  };
  /** A transaction that is open in any database of the server, another test's too, puts off what may be sealed. */
  const sealAll = (entries: number) =>
    eventually(async () => {
      const head = await sealAudit(db.database);
      const verdict = await verifyAudit(db.database);
      return verdict.intact && verdict.entries === entries && head;
    });
  /** What an intruder with the rights of the owner can do: the triggers stop only the application. */
  const tamper = async (text: string) => {
    const own = await openDatabase({
      url: `${db.url}&options=-c%20session_replication_role%3Dreplica`,
      logger: silentLogger,
      poolSize: 1,
    });
    await own.query(sql('t.tamper', text));
    await own.close();
  };

  test('covers everything once, over several seals, and verifies', async () => {
    await record(3);
    const first = await sealAll(3);
    await record(2);
    const second = await sealAll(5);
    expect(second.number).toBeGreaterThan(first.number);
    expect(await sealAudit(db.database)).toEqual(second);
    expect(await verifyAudit(db.database, first)).toEqual({ intact: true, head: second, entries: 5 });
  });

  test('an entry whose transaction is still open is not skipped but sealed later', async () => {
    const audit = createAudit(db.database);
    await db.database.transaction(async (transaction) => {
      await audit.recordIn(transaction, entry);
      await record(2);
      expect((await sealAudit(db.database)).number).toBe(0);
    });
    await sealAll(3);
  });

  test.each([
    ['changed', `UPDATE audit_entry SET actor = 'eve' WHERE id = 2`],
    ['removed', 'DELETE FROM audit_entry WHERE id = 2'],
    [
      'slipped in',
      `INSERT INTO audit_entry (transaction_id, action, actor, target, outcome)
       SELECT transaction_id, 'x', 'eve', 'y', 'success' FROM audit_entry WHERE id = 1`,
    ],
    [
      'moved from one column to another',
      `UPDATE audit_entry SET correlation_id = reason, reason = NULL WHERE id = 2`,
    ],
  ])('an entry that was %s is found', async (_what, text) => {
    await record(3);
    await sealAll(3);
    await tamper(text);
    expect(await verifyAudit(db.database)).toMatchObject({ intact: false });
  });

  test('a tail that was cut off is found with the anchor, and only with it', async () => {
    await record(2);
    const first = await sealAll(2);
    await record(2);
    const anchor = await sealAll(4);
    const cut = `WITH gone AS (DELETE FROM audit_seal WHERE number > ${first.number} RETURNING number)
      DELETE FROM audit_entry WHERE id > 2 AND EXISTS (SELECT 1 FROM gone)`;
    await tamper(cut);
    expect(await verifyAudit(db.database)).toEqual({ intact: true, head: first, entries: 2 });
    expect(await verifyAudit(db.database, anchor)).toMatchObject({ intact: false });
  });

  test('a chain made anew over changed entries is found with the anchor', async () => {
    await record(2);
    const anchor = await sealAll(2);
    await tamper(`WITH gone AS (DELETE FROM audit_seal) UPDATE audit_entry SET actor = 'eve'`);
    await sealAll(2);
    expect(await verifyAudit(db.database, anchor)).toMatchObject({ intact: false });
  });
});
