import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpSchema } from '../../src/foundation/database/index.ts';
import { allMigrations } from '../../src/server/engine/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

const committed = fileURLToPath(new URL('../../docs/reference/schema.sql', import.meta.url));

describe('the schema', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase({ migrations: allMigrations });
  });
  afterAll(() => test.drop());

  it('is what stands in docs/reference/schema.sql (UPDATE_SCHEMA=1 writes it anew)', async () => {
    const dump = await dumpSchema(test.database);
    if (process.env.UPDATE_SCHEMA) await writeFile(committed, dump);
    expect(dump).toBe(await readFile(committed, 'utf8'));
  });

  it('has migrations with numbers of their own', () => {
    const numbers = allMigrations.map((migration) => migration.number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
