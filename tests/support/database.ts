import pg from 'pg';
import { inject } from 'vitest';
import { randomId, sha256 } from '../../src/foundation/crypto/index.ts';
import { type Database, type Migration, migrate, openDatabase } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Closes the pool and removes the database. */
  drop(): Promise<void>;
}

interface TestDatabaseOptions {
  readonly migrations?: readonly Migration[];
  readonly poolSize?: number;
}

/** The run's server, with its maintenance database. */
const testServerUrl = (): string => inject('databaseUrl');

/** An empty database with these migrations applied, cloned from a template that is migrated once a run for each set of migrations. */
export async function openTestDatabase({
  migrations = [],
  poolSize = 8,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomId().replaceAll('-', '')}`;
  await administer(async (client) => {
    const template = await ensureTemplate(client, migrations);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = urlOf(name);
  const database = await openDatabase({ url, logger: silentLogger, poolSize, applicationName: name });
  return {
    database,
    url,
    async drop() {
      await database.close();
      await administer((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function ensureTemplate(client: pg.Client, migrations: readonly Migration[]): Promise<string> {
  const digest = sha256(Buffer.from(JSON.stringify(migrations)));
  const template = `template_${digest.toString('hex').slice(0, 24)}`;
  // Test files run in several processes; the one that comes first makes the template.
  await client.query('SELECT pg_advisory_lock($1)', [digest.readInt32BE()]);
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(client, template, migrations);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [digest.readInt32BE()]);
  }
  return template;
}

async function makeTemplate(
  client: pg.Client,
  template: string,
  migrations: readonly Migration[],
): Promise<void> {
  const draft = `draft_${randomId().replaceAll('-', '')}`;
  await client.query(`CREATE DATABASE ${draft}`);
  const database = await openDatabase({ url: urlOf(draft), logger: silentLogger });
  try {
    await migrate(database, migrations);
  } finally {
    await database.close();
  }
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
}

function urlOf(name: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function administer<T>(work: (client: pg.Client) => Promise<T>): Promise<void> {
  const client = new pg.Client({ connectionString: testServerUrl() });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
