import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Database, NamedSql, Queryable, SqlParameter } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { type ReadRow, renderRow } from '../render.ts';
import type { RecordScope, StoredResource } from '../types.ts';
import * as statements from './sql.ts';

/** What of one type is exported. */
export interface ExportSelection {
  readonly type: string;
  /** As of when: an instant that `RecordExport.instant` gave, however long ago. */
  readonly at: Date;
  /** Only what changed after it. */
  readonly since?: Date;
  /** Of everybody and nobody, of any patient, or of these source patients. */
  readonly of: 'all' | 'patients' | readonly string[];
  /** Only of these; at most 1,000. */
  readonly ids?: readonly string[];
}

/** Reads of one consistent state, on one connection; each iteration has to end before the next begins. */
export interface RecordSnapshot {
  /** Types that there are or were, in alphabetical order. */
  types(): Promise<readonly string[]>;
  /** Source patients behind these patients of the API, within the scope. */
  sourcePatients(patients: readonly string[]): Promise<readonly string[]>;
  /** Each resource once, in the version that was in force at the instant; in pages of a bounded size, in no order. */
  resources(selection: ExportSelection): AsyncGenerator<readonly StoredResource[]>;
  /** Ids of what was deleted after `since` and had not come back at the instant. */
  deletions(selection: ExportSelection): AsyncGenerator<readonly string[]>;
}

/** The record as of an instant, whole. Used by trust/access, which decides the scope. */
export interface RecordExport {
  /**
   * The latest instant up to which everything is committed: nothing can be added any more that is not later. Undefined while a writer is at work
   * that does not show since when; ask again. Take it before the snapshot.
   */
  instant(): Promise<Date | undefined>;
  /** Any number of snapshots give the same state as of an instant, because versions are kept. */
  snapshot<T>(work: (snapshot: RecordSnapshot) => Promise<T>): Promise<T>;
}

/** Contents are loaded up to so many bytes at once, or one that is larger. */
const PAGE_BYTES = 2 * 1_048_576;
const PAGE_ROWS = 200;
/** Source patients of one statement. */
const PATIENTS_AT_ONCE = 500;
/** Resources that lie in the compartments of several patients, remembered so that each comes once. */
const SEVERAL_LIMIT = 1_000_000;

interface Key {
  /** The row's rid, or the version of a passed one. */
  readonly key: number;
  readonly id: string;
  readonly size: number;
  readonly several: boolean;
}

export function createRecordExport(database: Database, scope: RecordScope, keyring?: Keyring): RecordExport {
  return {
    async instant() {
      const [found] = await database.query<{ instant: Date; unknown: number }>(statements.settledInstant);
      return found && found.unknown === 0 ? found.instant : undefined;
    },
    snapshot: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query(statements.beginSnapshot);
        return work(snapshotOf(transaction, scope, keyring));
      }),
  };
}

function snapshotOf(connection: Queryable, scope: RecordScope, keyring: Keyring | undefined): RecordSnapshot {
  const isNothing = scope.kind === 'nothing';
  const persons = scope.kind === 'compartment' ? [scope.person] : null;
  const bound: statements.Bound = persons ? 'compartment' : 'everything';

  async function* keysOf(make: typeof statements.standing, selection: ExportSelection) {
    if (isNothing) return;
    const { type, at, since, of, ids } = selection;
    const common = [type, at, since ?? '-infinity', persons] as const;
    const whose = typeof of === 'string' ? of : 'these';
    const declare = make({ whose, bound, picked: ids !== undefined });
    const isSeen = onceEach();
    for (const patients of typeof of === 'string' ? [null] : blocksOf(of, PATIENTS_AT_ONCE)) {
      for await (const keys of cursor(connection, declare, [...common, patients, ids ?? null]))
        yield patients === null ? keys : keys.filter((key) => !isSeen(key));
    }
  }
  async function* rowsOf(
    make: typeof statements.standing,
    selection: ExportSelection,
    load: (keys: readonly Key[]) => Promise<ReadRow[]>,
  ) {
    for await (const keys of keysOf(make, selection)) {
      for (const page of pagesOf(keys)) yield (await load(page)).map((row) => renderRow(row, keyring));
    }
  }
  return {
    async types() {
      if (isNothing) return [];
      const rows = await connection.query<{ type: string }>(statements.presentTypes);
      return rows.map(({ type }) => type);
    },
    async sourcePatients(patients) {
      if (isNothing) return [];
      const rows = await connection.query<{ id: string }>(statements.sourcePatients, [patients, persons]);
      return rows.map(({ id }) => id);
    },
    async *resources(selection) {
      yield* rowsOf(statements.standing, selection, (keys) =>
        connection.query(statements.standingRows, [keys.map(({ key }) => key)]),
      );
      yield* rowsOf(statements.replaced, selection, (keys) =>
        connection.query(statements.replacedRows, [
          selection.type,
          keys.map(({ id }) => id),
          keys.map(({ key }) => key),
        ]),
      );
    },
    async *deletions(selection) {
      for await (const keys of keysOf(statements.deleted, selection)) yield keys.map(({ id }) => id);
    },
  };
}

/** Runs a statement of sql.ts that declares the cursor, and gives its rows as they are fetched. */
async function* cursor(connection: Queryable, declare: NamedSql, parameters: readonly SqlParameter[]) {
  await connection.query(declare, parameters);
  for (;;) {
    const keys = await connection.query<Key>(statements.fetchKeys);
    if (keys.length === 0) break;
    yield keys;
  }
  await connection.query(statements.closeKeys);
}

/** Who lies in several compartments is found once for each of them. */
function onceEach(): (key: Key) => boolean {
  const seen = new Set<string>();
  return ({ id, several }) => {
    if (!several) return false;
    if (seen.has(id)) return true;
    if (seen.size >= SEVERAL_LIMIT)
      throw new IsthmusError('TOO_LARGE', { rule: `at most ${SEVERAL_LIMIT} resources of several patients` });
    seen.add(id);
    return false;
  };
}

function* pagesOf(keys: readonly Key[]): Generator<readonly Key[]> {
  let page: Key[] = [];
  let bytes = 0;
  for (const key of keys) {
    if (page.length >= PAGE_ROWS || (page.length > 0 && bytes + key.size > PAGE_BYTES)) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(key);
    bytes += key.size;
  }
  if (page.length > 0) yield page;
}

function* blocksOf(items: readonly string[], size: number): Generator<readonly string[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
