import { sha256 } from '../crypto/index.ts';
import { IsthmusError } from '../errors/index.ts';
import { type Database, sql, type Transaction } from './types.ts';

/** One step of the schema, forward only and, so that nodes can be upgraded one by one, usable by the version before. */
export interface Migration {
  /** Unique over all modules; each module has its range (docs/architecture.md). */
  readonly number: number;
  readonly name: string;
  /** SQL of one or more statements that may run in a transaction. */
  readonly text: string;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

// The key of the advisory lock: any fixed number, "isth" in ASCII.
const statements = {
  lock: sql('schema.lock', 'SELECT pg_advisory_xact_lock(1769173096)'),
  exists: sql('schema.exists', `SELECT to_regclass('schema_migration') IS NOT NULL AS present`),
  create: sql(
    'schema.create',
    `CREATE TABLE schema_migration (
       number     integer     PRIMARY KEY,
       name       text        NOT NULL,
       checksum   text        NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
     )`,
  ),
  applied: sql('schema.applied', 'SELECT number, name, checksum FROM schema_migration ORDER BY number'),
  insert: sql('schema.insert', 'INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)'),
  noLimit: sql('schema.no_limit', `SELECT set_config('statement_timeout', '0', true)`),
};

/**
 * Applies what is missing, in the order of the numbers, all in one transaction under an advisory lock: nodes that start together take
 * turns, and the schema is always that of one version. Returns what was applied. Throws DATABASE_SCHEMA when an applied migration was
 * edited since, or when the database knows one that this version does not.
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<Migration[]> {
  const ordered = inOrder(migrations);
  return database.transaction(async (transaction) => {
    await transaction.query(statements.noLimit);
    await transaction.query(statements.lock);
    const pending = await missing(transaction, ordered);
    for (const migration of pending) {
      await apply(transaction, migration);
    }
    return pending;
  });
}

/** What `migrate` would apply; changes nothing. Throws DATABASE_SCHEMA as `migrate` does. */
export async function pendingMigrations(
  database: Database,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const [found] = await database.query<{ present: boolean }>(statements.exists);
  const applied = found?.present ? await database.query<Applied>(statements.applied) : [];
  return compare(inOrder(migrations), applied);
}

async function missing(transaction: Transaction, ordered: readonly Migration[]): Promise<Migration[]> {
  const [found] = await transaction.query<{ present: boolean }>(statements.exists);
  if (!found?.present) await transaction.query(statements.create);
  return compare(ordered, await transaction.query<Applied>(statements.applied));
}

async function apply(transaction: Transaction, migration: Migration): Promise<void> {
  try {
    // Several statements in one text: the simple protocol, which takes no parameters.
    await transaction.client.query(migration.text);
  } catch (cause) {
    throw new IsthmusError('DATABASE_SCHEMA', {
      place: label(migration),
      rule: 'the migration failed and nothing was changed',
      cause,
    });
  }
  await transaction.query(statements.insert, [migration.number, migration.name, checksum(migration)]);
}

function compare(ordered: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(ordered.map((migration) => [migration.number, migration]));
  for (const { number, name, checksum: stored } of applied) {
    const migration = known.get(number);
    if (!migration) {
      throw new IsthmusError('DATABASE_SCHEMA', {
        place: `migration ${number} ${name}`,
        rule: 'the database is of a newer version',
      });
    }
    if (checksum(migration) !== stored) {
      throw new IsthmusError('DATABASE_SCHEMA', {
        place: label(migration),
        rule: 'it was edited after it had been applied',
      });
    }
  }
  const done = new Set(applied.map(({ number }) => number));
  return ordered.filter(({ number }) => !done.has(number));
}

function inOrder(migrations: readonly Migration[]): Migration[] {
  const ordered = [...migrations].sort((a, b) => a.number - b.number);
  ordered.forEach((migration, i) => {
    const twin = ordered[i + 1];
    if (twin?.number === migration.number) {
      throw new IsthmusError('DATABASE_SCHEMA', {
        place: `${label(migration)} and ${twin.name}`,
        rule: 'two migrations have one number',
      });
    }
  });
  return ordered;
}

const label = ({ number, name }: Migration) => `migration ${number} ${name}`;

/** Line ends differ between checkouts; the SQL does not. */
const checksum = ({ text }: Migration) => sha256(Buffer.from(text.replaceAll('\r\n', '\n'))).toString('hex');
