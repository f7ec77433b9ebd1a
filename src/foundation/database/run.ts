import type pg from 'pg';
import { IsthmusError } from '../errors/index.ts';
import { classifyFailure, wrapDriverError } from './failure.ts';
import type { NamedSql, SqlParameter, Transaction } from './types.ts';

/** pg changes neither the parameters nor their array; its types ask for a mutable one. */
const toValues = (parameters: readonly SqlParameter[] = []) => parameters as unknown[];

function toConfig(
  { name, text, prepare = true }: NamedSql,
  parameters?: readonly SqlParameter[],
): pg.QueryConfig {
  return { ...(prepare ? { name } : {}), text, values: toValues(parameters) };
}

export async function runQuery<Row extends object>(
  pool: pg.Pool,
  statement: NamedSql,
  parameters?: readonly SqlParameter[],
): Promise<Row[]> {
  return withClient(pool, (client) => query<Row>(client, statement, parameters));
}

/** See Database.transaction. */
export async function runTransaction<T>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return withClient(pool, async (client) => {
    await command(client, 'BEGIN');
    let result: T;
    try {
      result = await work({ client, query: (statement, parameters) => query(client, statement, parameters) });
    } catch (error) {
      if (!broken.has(client)) await rollback(client);
      throw error;
    }
    await commit(client);
    return result;
  });
}

async function commit(client: pg.PoolClient): Promise<void> {
  const tag = await command(
    client,
    'COMMIT',
    'the connection was lost at COMMIT: whether it took place is unknown',
  );
  // In a transaction with a failed statement the server answers COMMIT with ROLLBACK: someone swallowed the error.
  if (tag !== 'COMMIT')
    throw new IsthmusError('INTERNAL', {
      rule: 'a statement failed inside the transaction, so it was rolled back',
    });
}

/** A rollback that fails means the connection is gone, and the transaction with it; `withClient` sees that by itself. */
async function rollback(client: pg.PoolClient): Promise<void> {
  try {
    await command(client, 'ROLLBACK');
  } catch (error) {
    broken.add(client);
    if (!(error instanceof IsthmusError)) throw error;
  }
}

async function command(client: pg.PoolClient, text: string, rule?: string): Promise<string> {
  try {
    return (await client.query(text)).command;
  } catch (error) {
    broken.add(client);
    throw wrapDriverError(error, rule);
  }
}

async function query<Row extends object>(
  client: pg.PoolClient,
  statement: NamedSql,
  parameters?: readonly SqlParameter[],
): Promise<Row[]> {
  try {
    return (await client.query<Row>(toConfig(statement, parameters))).rows;
  } catch (error) {
    if (losesConnection(error)) broken.add(client);
    throw wrapDriverError(error);
  }
}

/** Connections that must not go back to the pool: they may be dead, or hold a statement prepared for a table that has changed since. */
const broken = new WeakSet<pg.PoolClient>();

const CACHED_PLAN_CHANGED = '0A000';

function losesConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  const failure = code === undefined ? 'unavailable' : classifyFailure(error);
  return failure === 'unavailable' || failure === 'full' || code === CACHED_PLAN_CHANGED;
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw wrapDriverError(error);
  }
  // While it is out of the pool nobody else listens for its errors; the statement in flight reports the same failure.
  const onError = () => void broken.add(client);
  client.on('error', onError);
  try {
    return await work(client);
  } finally {
    client.off('error', onError);
    client.release(broken.has(client));
  }
}
