import type { Keyring } from '../../../foundation/crypto/index.ts';
import type {
  Database,
  NamedSql,
  Part,
  Queryable,
  SqlParameter,
} from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { SearchQuery } from '../../../standards/fhir-search/index.ts';
import { isShared } from '../entries.ts';
import { fixedRows, type Reading } from '../read/rows.ts';
import type { Position } from '../read/types.ts';
import { type ReadRow, renderRow } from '../render.ts';
import { search } from '../search/search.ts';
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
  /**
   * Of a selection what fits a search today; each once. What has changed since the instant is left out: its new version is for the next
   * export, whether or not it fits then. Throws INVALID_REQUEST as a search does.
   */
  matching(query: SearchQuery, selection: ExportSelection): AsyncGenerator<readonly StoredResource[]>;
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
        return work(snapshotOf({ queryable: transaction, scope, ...(keyring ? { keyring } : {}) }));
      }),
  };
}

/** How a selection's keys are found, and how the contents of some of them are loaded. */
interface Kind {
  readonly declare: (reach: statements.Reach) => NamedSql;
  readonly load: (type: string, keys: readonly Key[]) => Part;
}

const standing: Kind = {
  declare: statements.standing,
  load: (_type, keys) => statements.standingRows(keys.map(({ key }) => key)),
};
const replaced: Kind = {
  declare: statements.replaced,
  load: (type, keys) =>
    statements.replacedRows(
      type,
      keys.map(({ id }) => id),
      keys.map(({ key }) => key),
    ),
};

function snapshotOf(reading: Reading): RecordSnapshot {
  const { queryable, scope } = reading;
  const persons = scope.kind === 'compartment' ? [scope.person] : null;
  const isNothing = scope.kind === 'nothing';
  return {
    async types() {
      if (isNothing) return [];
      const rows = await queryable.query<{ type: string }>(statements.presentTypes);
      return rows.map(({ type }) => type);
    },
    sourcePatients: async (patients) => (isNothing ? [] : sourcePatients(queryable, patients, persons)),
    async *resources(selection) {
      yield* rowsOf(reading, standing, selection);
      yield* rowsOf(reading, replaced, selection);
    },
    async *matching(query, selection) {
      let after: Position | undefined;
      do {
        const page = await search(reading, query, after && { after });
        const ids = page.matches.map(({ id }) => id);
        if (ids.length > 0) yield* rowsOf(reading, standing, { ...selection, ids });
        after = page.next;
      } while (after);
    },
    async *deletions(selection) {
      for await (const keys of keysOf(reading, statements.deleted, selection)) yield keys.map(({ id }) => id);
    },
  };
}

async function* rowsOf(reading: Reading, { declare, load }: Kind, selection: ExportSelection) {
  for await (const keys of keysOf(reading, declare, selection)) {
    for (const page of pagesOf(keys)) {
      const rows = await fixedRows<ReadRow>(reading, 'record.export-rows', load(selection.type, page));
      yield rows.map((row) => renderRow(row, reading.keyring));
    }
  }
}

async function* keysOf({ queryable, scope }: Reading, declare: Kind['declare'], selection: ExportSelection) {
  if (scope.kind === 'nothing') return;
  const persons = scope.kind === 'compartment' ? [scope.person] : null;
  const { type, at, since, ids } = selection;
  const of =
    persons && !isShared(type) ? await withinSources(queryable, persons, selection.of) : selection.of;
  const whose = typeof of === 'string' ? of : 'these';
  const statement = declare({
    whose,
    bound: persons ? 'compartment' : 'everything',
    picked: ids !== undefined,
  });
  const isSeen = onceEach();
  for (const patients of typeof of === 'string' ? [null] : blocksOf(of, PATIENTS_AT_ONCE)) {
    const parameters = [type, at, since ?? '-infinity', persons, patients, ids ?? null];
    for await (const keys of cursor(queryable, statement, parameters))
      yield patients === null ? keys : keys.filter((key) => !isSeen(key));
  }
}

async function sourcePatients(
  queryable: Queryable,
  patients: readonly string[],
  persons: readonly string[] | null,
): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>(statements.sourcePatients, [patients, persons]);
  return rows.map(({ id }) => id);
}

/** In a compartment everybody's is the compartment's, which is found by an index; the scope stands in the statement all the same. */
const withinSources = async (
  queryable: Queryable,
  persons: readonly string[],
  of: ExportSelection['of'],
): Promise<ExportSelection['of']> =>
  typeof of === 'string' ? sourcePatients(queryable, persons, persons) : of;

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
