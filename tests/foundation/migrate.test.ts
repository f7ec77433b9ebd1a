import { afterEach, expect, test } from 'vitest';
import { migrations as audit } from '../../src/foundation/audit/index.ts';
import {
  dumpSchema,
  type Migration,
  migrate,
  openDatabase,
  pendingMigrations,
  sql,
} from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
afterEach(() => db.drop());

const first: Migration = {
  number: 10,
  name: 'first',
  text: 'CREATE TABLE a (id int); INSERT INTO a VALUES (1);',
};
const second: Migration = { number: 20, name: 'second', text: 'ALTER TABLE a ADD COLUMN b text;' };
const between: Migration = { number: 11, name: 'between', text: 'CREATE TABLE c (id int);' };
const rows = sql('test.rows', 'SELECT count(*) AS n FROM a');

test('what is missing is applied in the order of the numbers, once, also below the highest', async () => {
  db = await openTestDatabase();
  expect(await pendingMigrations(db.database, [second, first])).toEqual([first, second]);
  expect(await migrate(db.database, [second, first])).toEqual([first, second]);
  expect(await migrate(db.database, [first, second])).toEqual([]);
  expect(await migrate(db.database, [first, between, second])).toEqual([between]);
  expect(await pendingMigrations(db.database, [first, between, second])).toEqual([]);
});

test('nodes that start together apply everything once', async () => {
  db = await openTestDatabase();
  const others = await Promise.all(
    [1, 2, 3].map(() => openDatabase({ url: db.url, logger: silentLogger, poolSize: 1 })),
  );
  const applied = await Promise.all(others.map((other) => migrate(other, [first, second])));
  expect(applied.flat()).toHaveLength(2);
  expect(await db.database.query(rows)).toEqual([{ n: 1 }]);
  await Promise.all(others.map((other) => other.close()));
});

test('a migration that fails leaves the schema as it was', async () => {
  db = await openTestDatabase();
  const bad: Migration = { number: 30, name: 'bad', text: 'CREATE TABLE d (id int); SELECT 1/0;' };
  await expect(migrate(db.database, [first, bad])).rejects.toMatchObject({
    code: 'DATABASE_SCHEMA',
    place: 'migration 30 bad',
  });
  expect(await migrate(db.database, [first])).toEqual([first]);
});

test('a migration edited after it was applied is refused; its line ends do not matter', async () => {
  db = await openTestDatabase();
  const lines: Migration = { ...first, text: 'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);' };
  await migrate(db.database, [lines]);
  expect(await migrate(db.database, [{ ...lines, text: lines.text.replace('\n', '\r\n') }])).toEqual([]);
  const edited = migrate(db.database, [{ ...lines, text: `${lines.text} -- edited` }]);
  await expect(edited).rejects.toMatchObject({
    code: 'DATABASE_SCHEMA',
    rule: 'it was edited after it had been applied',
  });
});

test('a database of a newer version is refused', async () => {
  db = await openTestDatabase();
  await migrate(db.database, [first, second]);
  await expect(migrate(db.database, [first])).rejects.toMatchObject({
    code: 'DATABASE_SCHEMA',
    rule: 'the database is of a newer version',
  });
  await expect(pendingMigrations(db.database, [first])).rejects.toMatchObject({ code: 'DATABASE_SCHEMA' });
});

test('two migrations with one number are refused before anything is done', async () => {
  db = await openTestDatabase();
  await expect(migrate(db.database, [first, { ...second, number: 10 }])).rejects.toMatchObject({
    code: 'DATABASE_SCHEMA',
  });
});

test('the dump of the schema is the same whatever way the schema came about, and tells every change', async () => {
  db = await openTestDatabase({ migrations: [...audit, first, second] });
  const dump = await dumpSchema(db.database);
  expect(dump).toContain('CREATE TABLE audit_entry (\n  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,');
  expect(dump).toContain('CREATE TRIGGER audit_entry_append_only');
  const other = await openTestDatabase({ migrations: [...audit, first] });
  await migrate(other.database, [...audit, first, second]);
  expect(await dumpSchema(other.database)).toBe(dump);
  await other.database.query(sql('test.index', 'CREATE INDEX a_b ON a (b) WHERE id > 3'));
  expect(await dumpSchema(other.database)).not.toBe(dump);
  await other.drop();
});
