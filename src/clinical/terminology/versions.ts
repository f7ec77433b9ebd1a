import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database, Queryable, Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { deleteStub } from './load/stub.ts';
import { type CountRow, type LoadRow, statements } from './sql.ts';

export interface LoadedVersion {
  readonly kind: 'code-system' | 'concept-map';
  readonly url: string;
  readonly version: string;
  readonly format: string;
  /** `loading`: seen by nobody; broken off, or another process is at it. */
  readonly state: 'loading' | 'ready';
  readonly isCurrent: boolean;
  /** Concepts, or rows of the map; of one that is loading, rows that are there. */
  readonly rows: number;
  readonly startedAt: Date;
  readonly readyAt?: Date;
}

/** What is loaded, by canonical; the one loaded last comes last. */
export async function listTerminology(database: Queryable): Promise<LoadedVersion[]> {
  const rows = await database.query<LoadRow>(statements.list);
  return rows.map((row) => ({
    kind: row.kind,
    url: row.url,
    version: row.version,
    format: row.format,
    state: row.state === 'ready' ? 'ready' : 'loading',
    isCurrent: row.is_current,
    rows: row.state === 'ready' ? row.rows : row.position,
    startedAt: row.started_at,
    ...(row.ready_at ? { readyAt: row.ready_at } : {}),
  }));
}

export interface VersionOptions {
  readonly url: string;
  readonly version?: string;
  /** What belongs into the same transaction, such as the audit entry. */
  readonly alongside?: (transaction: Transaction) => Promise<void>;
}

/** From now on this version is meant where none is asked for. Throws TERMINOLOGY_UNKNOWN when it is not loaded. */
export async function useTerminology(
  database: Database,
  { url, version, alongside }: VersionOptions & { readonly version: string },
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(statements.lock);
    const rows = await transaction.query<LoadRow>(statements.ofUrl, [url, version]);
    const ready = rows.filter(({ state }) => state === 'ready');
    if (ready.length === 0) throw unknown(url, version);
    for (const { id, kind } of ready) {
      await transaction.query(statements.unsetCurrent, [kind, url]);
      await transaction.query(statements.setCurrent, [id]);
    }
    await alongside?.(transaction);
  });
}

/**
 * Removes one version, or all of them, also loads that were broken off. When the current one goes, the one loaded last becomes current. Returns the versions that are gone. Throws
 * TERMINOLOGY_UNKNOWN when there is none.
 */
export async function removeTerminology(
  database: Database,
  { url, version, alongside, keyring }: VersionOptions & { readonly keyring?: Keyring },
): Promise<string[]> {
  const removed = await database.transaction(async (transaction) => {
    await transaction.query(statements.lock);
    const rows = await transaction.query<LoadRow>(statements.ofUrl, [url, version ?? null]);
    if (rows.length === 0) throw unknown(url, version);
    await transaction.query(statements.retire, [rows.map(({ id }) => id)]);
    for (const { kind, resource_id: id, state } of rows)
      if (id !== null && state === 'ready') await deleteStub(transaction, { kind, id }, keyring);
    for (const kind of new Set(rows.filter((row) => row.is_current).map((row) => row.kind))) {
      const [next] = await transaction.query<LoadRow>(statements.latestReady, [kind, url]);
      if (next) await transaction.query(statements.setCurrent, [next.id]);
    }
    await alongside?.(transaction);
    return [...new Set(rows.map((row) => row.version))];
  });
  await purgeRetired(database);
  return removed;
}

const unknown = (url: string, version: string | undefined): IsthmusError =>
  new IsthmusError('TERMINOLOGY_UNKNOWN', { place: version === undefined ? url : `${url}|${version}` });

/** Deletes the rows of what nobody sees any more, in pieces; what is left when it is killed is deleted by the next. */
export async function purgeRetired(database: Database): Promise<void> {
  for (const { id } of await database.query<{ id: number }>(statements.retired)) {
    for (const statement of statements.purge) {
      for (let count = 1; count > 0; ) {
        const [row] = await database.query<CountRow>(statement, [id]);
        count = row?.count ?? 0;
      }
    }
    await database.query(statements.forget, [id]);
  }
}
