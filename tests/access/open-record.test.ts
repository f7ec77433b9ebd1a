import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations as record } from '../../src/clinical/record/index.ts';
import { migrations as audit, createAudit } from '../../src/foundation/audit/index.ts';
import { createKeyring, randomId } from '../../src/foundation/crypto/index.ts';
import { type Database, sql, type Transaction } from '../../src/foundation/database/index.ts';
import {
  type Access,
  type AccessContext,
  createAccess,
  patientId,
  patientReference,
  type ResourceWrite,
} from '../../src/trust/access/index.ts';
import { ada, ben } from '../record/fixtures.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
let access: Access;
/** How many transactions were begun. */
let begun = 0;

beforeAll(async () => {
  db = await openTestDatabase({ migrations: [...audit, ...record] });
  const counting: Database = {
    ...db.database,
    transaction: (work: (transaction: Transaction) => Promise<unknown>) => {
      begun += 1;
      return db.database.transaction(work);
    },
  } as Database;
  access = createAccess({ database: counting, audit: createAudit(db.database) });
});
afterAll(() => db.drop());

const televisit: AccessContext = { who: 'televisit', purpose: 'TREAT' };
const ofAda: AccessContext = { who: 'ada', purpose: 'PATRQT', patient: patientId(ada) };
const origin = { system: 'televisit' };
const created = (patient = ada, id: string = randomId()): ResourceWrite => ({
  op: 'create',
  method: 'POST',
  resource: {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'x' },
    subject: { reference: patientReference(patient) },
  },
});
const audited = async (correlationId: string) =>
  db.database.query<{ action: string; actor: string; target: string }>(
    sql(
      'test.audited',
      'SELECT action, actor, target FROM audit_entry WHERE correlation_id = $1 ORDER BY id',
    ),
    [correlationId],
  );

describe('[A3] writes that come at the same time', () => {
  test('share transactions, and each has its outcome', async () => {
    begun = 0;
    const ids = Array.from({ length: 60 }, () => randomId());
    const outcomes = await Promise.all(
      ids.map((id) => access.openRecord(televisit).write(origin, created(ada, id))),
    );
    expect(outcomes.map(({ kind, id }) => [kind, id])).toEqual(ids.map((id) => ['created', id]));
    expect(begun).toBeLessThan(10);
    const again = await Promise.all(
      ids.slice(0, 5).map((id) => access.openRecord(televisit).write(origin, created(ada, id))),
    );
    expect(again.map(({ kind }) => kind)).toEqual(Array(5).fill('conflict'));
  });

  test('one that is refused is refused alone', async () => {
    const writes = [ada, ben, ada, ben, ada].map((patient) =>
      access.openRecord(ofAda).write(origin, created(patient)),
    );
    const settled = await Promise.allSettled(writes);
    expect(settled.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
    expect(settled[1]).toMatchObject({ reason: { code: 'FORBIDDEN' } });
  });

  test('of another context are bounded by that context', async () => {
    const id = randomId();
    await access.openRecord(televisit).write(origin, created(ben, id));
    const [seen, unseen] = await Promise.all([
      access.openRecord(televisit).state('Observation', id),
      access.openRecord(ofAda).state('Observation', id),
    ]);
    expect([seen.kind, unseen.kind]).toEqual(['current', 'absent']);
    const removal: ResourceWrite = { op: 'delete', type: 'Observation', id };
    const [ours, theirs] = await Promise.all([
      access.openRecord(ofAda).write(origin, removal),
      access.openRecord({ ...televisit, who: 'other' }).read('Observation', id),
    ]);
    expect(ours.kind).toBe('absent');
    expect(theirs?.id).toBe(id);
  });

  test('a read that fails fails alone', async () => {
    const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 1) }], 'k1');
    const sealed = createAccess({ database: db.database, keyring }).openRecord(televisit);
    const [fine, altered] = [randomId(), randomId()];
    await sealed.write(origin, created(ada, fine));
    await sealed.write(origin, created(ada, altered));
    await db.database.query(
      sql(
        'test.alter',
        `UPDATE resource SET content = overlay(content placing '\\x00'::bytea from 90) WHERE id = $1`,
      ),
      [altered],
    );
    const reads = [fine, altered, fine, altered].map((id) => sealed.read('Observation', id));
    const settled = await Promise.allSettled(reads);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(settled[1]).toMatchObject({ reason: { code: 'CRYPTO_ALTERED' } });
  });

  test('versions of one resource follow each other', async () => {
    const id = randomId();
    await access.openRecord(televisit).write(origin, created(ada, id));
    const updates = Array.from({ length: 20 }, (_, n) =>
      access.openRecord(televisit).write(origin, {
        op: 'update',
        method: 'PUT',
        resource: { resourceType: 'Observation', id, status: 'final', code: { text: `n${n}` } },
      }),
    );
    const versions = (await Promise.all(updates)).map(({ version }) => version);
    expect(versions.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 2),
    );
  });
});

describe('[A4] a write is in the audit trail if and only if it was committed', () => {
  test('with others, each under its own correlation id', async () => {
    const [one, two] = [randomId(), randomId()];
    const write = (id: string, correlationId: string) =>
      access.openRecord({ ...televisit, correlationId }).write(origin, created(ada, id));
    await Promise.all([write(one, 'c-one'), write(two, 'c-two')]);
    const actor = 'client televisit';
    expect(await audited('c-one')).toEqual([
      { action: 'record.create', actor, target: `Observation/${one}` },
    ]);
    expect(await audited('c-two')).toEqual([
      { action: 'record.create', actor, target: `Observation/${two}` },
    ]);
  });

  test('in a transaction, and not when it is given up', async () => {
    const [kept, lost] = [randomId(), randomId()];
    const door = access.openRecord({ ...televisit, correlationId: 'c-kept' });
    await door.transaction(origin, async (transaction) => {
      await transaction.write([created(ada, kept)]);
      await transaction.write([{ op: 'delete', type: 'Observation', id: kept }]);
      await transaction.write([{ op: 'delete', type: 'Observation', id: lost }]);
    });
    const given = access
      .openRecord({ ...televisit, correlationId: 'c-lost' })
      .transaction(origin, async (transaction) => {
        await transaction.write([created(ada, lost)]);
        throw new RangeError('given up');
      });
    await expect(given).rejects.toThrow('given up');
    expect((await audited('c-kept')).map(({ action, target }) => [action, target])).toEqual([
      ['record.create', `Observation/${kept}`],
      ['record.delete', `Observation/${kept}`],
    ]);
    expect(await audited('c-lost')).toEqual([]);
    expect((await access.openRecord(televisit).state('Observation', lost)).kind).toBe('absent');
  });
});
