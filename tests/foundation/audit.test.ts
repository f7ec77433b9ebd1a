import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  anchorAudit,
  createAudit,
  migrations,
  readAnchor,
  sealAudit,
  verifyAudit,
} from '../../src/foundation/audit/index.ts';
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
    expect(await verifyAudit(db.database, first)).toMatchObject({ intact: true, head: second, entries: 5 });
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

  test('what is newer than the last seal is counted, for nothing guards it yet', async () => {
    await record(2);
    await sealAll(2);
    await record(3);
    expect(await verifyAudit(db.database)).toMatchObject({ intact: true, entries: 2, unsealed: 3 });
  });

  test('the settings of a session change nothing of what is hashed', async () => {
    await record(2);
    await sealAll(2);
    const url = `${db.url}&options=-c%20datestyle%3DGerman%20-c%20timezone%3DAsia/Kolkata`;
    const other = await openDatabase({ url, logger: silentLogger, poolSize: 1 });
    try {
      expect(await verifyAudit(other)).toMatchObject({ intact: true });
    } finally {
      await other.close();
    }
  });

  test.each([
    ['changed', 'altered', `UPDATE audit_entry SET actor = 'eve' WHERE id = 2`],
    ['removed', 'removed', 'DELETE FROM audit_entry WHERE id = 2'],
    [
      'slipped in',
      'added',
      `INSERT INTO audit_entry (transaction_id, action, actor, target, outcome)
       SELECT transaction_id, 'x', 'eve', 'y', 'success' FROM audit_entry WHERE id = 1`,
    ],
    [
      'moved from one column to another',
      'altered',
      `UPDATE audit_entry SET correlation_id = reason, reason = NULL WHERE id = 2`,
    ],
  ])('an entry that was %s is found', async (_what, finding, text) => {
    await record(3);
    await sealAll(3);
    await tamper(text);
    expect(await verifyAudit(db.database)).toMatchObject({ intact: false, seal: 1, finding, afterEntry: 0 });
  });

  test('a seal that was taken out or changed is found', async () => {
    for (const entries of [2, 4, 6]) {
      await record(2);
      await sealAll(entries);
    }
    await tamper('UPDATE audit_seal SET hash = previous_hash WHERE number = 3');
    expect(await verifyAudit(db.database)).toMatchObject({ seal: 3, finding: 'altered', lastEntry: 6 });
    await tamper('DELETE FROM audit_seal WHERE number = 2');
    const verdict = await verifyAudit(db.database);
    expect(verdict).toMatchObject({ seal: 2, finding: 'removed', afterEntry: 2 });
    expect(verdict).not.toHaveProperty('lastEntry');
  });

  test('a tail that was cut off is found with the anchor, and only with it', async () => {
    await record(2);
    const first = await sealAll(2);
    await record(2);
    const anchor = await sealAll(4);
    const cut = `WITH gone AS (DELETE FROM audit_seal WHERE number > ${first.number} RETURNING number)
      DELETE FROM audit_entry WHERE id > 2 AND EXISTS (SELECT 1 FROM gone)`;
    await tamper(cut);
    expect(await verifyAudit(db.database)).toMatchObject({ intact: true, head: first, entries: 2 });
    expect(await verifyAudit(db.database, anchor)).toMatchObject({ finding: 'cut off', afterEntry: 2 });
  });

  test('a chain made anew over changed entries is found with the anchor', async () => {
    await record(2);
    const anchor = await sealAll(2);
    await tamper(`WITH gone AS (DELETE FROM audit_seal) UPDATE audit_entry SET actor = 'eve'`);
    await sealAll(2);
    expect(await verifyAudit(db.database, anchor)).toMatchObject({
      finding: 'replaced',
      seal: anchor.number,
    });
  });

  describe('and its head outside the database', () => {
    let file: string;
    beforeEach(() => {
      file = join(mkdtempSync(join(tmpdir(), 'isthmus-anchor-')), 'audit-head.json');
    });
    afterEach(() => rmSync(dirname(file), { recursive: true }));

    test('moves forward with the chain', async () => {
      expect(await anchorAudit(db.database, file)).toBeUndefined();
      expect(await readAnchor(file)).toBeUndefined();
      await record(2);
      const first = await sealAll(2);
      expect(await anchorAudit(db.database, file)).toEqual(first);
      await record(2);
      const second = await sealAll(4);
      await Promise.all([1, 2, 3].map(() => anchorAudit(db.database, file)));
      expect(await readAnchor(file)).toEqual(second);
      expect(await anchorAudit(db.database, file)).toEqual(second);
    });

    test.each([
      ['cut off', 'DELETE FROM audit_seal'],
      ['made anew', 'UPDATE audit_seal SET hash = sha256(hash)'],
    ])('stays where it is when the chain was %s, however long the new one grows', async (_what, text) => {
      await record(2);
      const first = await sealAll(2);
      await anchorAudit(db.database, file);
      await tamper(text);
      await expect(anchorAudit(db.database, file)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
      await record(2);
      await eventually(async () => (await sealAudit(db.database)).number >= first.number);
      await record(2);
      await eventually(async () => (await sealAudit(db.database)).number > first.number);
      await expect(anchorAudit(db.database, file)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
      expect(await readAnchor(file)).toEqual(first);
    });

    test('is not taken from a file that is none', async () => {
      for (const text of ['', '{"number":0,"hash":""}', '{"number":1,"hash":"00"}']) {
        writeFileSync(file, text);
        await expect(readAnchor(file)).rejects.toMatchObject({ code: 'FILE_FAILED', place: file });
      }
    });
  });
});
