import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { NamedSql, SqlParameter, Transaction } from '../../../foundation/database/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import { SYSTEM_AUTHORITY } from '../ids.ts';
import { indexable, storable } from '../text.ts';
import { INDEXED_AS } from './extract.ts';
import { inLockOrder } from './lock.ts';
import { type NewRow, rowParameters } from './rows.ts';
import * as statements from './sql.ts';
import { keyOf } from './version.ts';

export interface StoreOptions {
  readonly keyring?: Keyring | undefined;
  /** Who the authority of a patient is whom nobody has introduced yet; by id. Default: the system that wrote the resource. */
  readonly introduced?: ReadonlyMap<string, SourcePatient>;
}

/** What the database says of a row that it wrote. */
export interface Stored {
  readonly lastUpdated: Date;
  /** Who stands behind the source patient; null where that is only being introduced. */
  readonly personId: string | null;
}

/** A statement takes this much at once, contents and entries together; larger batches are several statements. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 60;

/** By `Type/id`; what is not in it was there already, or was made by another transaction meanwhile. */
export const storeCreated = (
  transaction: Transaction,
  rows: readonly NewRow[],
  options: StoreOptions,
): Promise<Map<string, Stored>> => store(transaction, statements.insertCurrent, rows, options);

/** The rows must be locked. */
export const storeUpdated = (
  transaction: Transaction,
  rows: readonly NewRow[],
  options: StoreOptions,
): Promise<Map<string, Stored>> => store(transaction, statements.updateCurrent, rows, options);

/** Fills the search columns again, of rows that have not changed since they were read. */
export const storeEntries = (
  transaction: Transaction,
  rows: readonly NewRow[],
  options: StoreOptions,
): Promise<Map<string, Stored>> => store(transaction, statements.updateEntries, rows, options);

/** A resource that was created by a name that others may have used before. */
export interface Created {
  readonly type: string;
  readonly id: string;
  /** The version of the last deletion that was known when the version was chosen, or 0. */
  readonly deletedVersion: number;
}

export interface Renumbered {
  readonly version: number;
  readonly lastUpdated: Date;
}

/** To be called after storeCreated. Where a deletion got in between, version and time go on from it; returns those, by `Type/id`. */
export async function renumber(
  transaction: Transaction,
  created: readonly Created[],
): Promise<Map<string, Renumbered>> {
  if (created.length === 0) return new Map();
  const rows = await transaction.query<{ type: string; id: string; version: number; last_updated: Date }>(
    statements.renumberCreated,
    [
      created.map(({ type }) => type),
      created.map(({ id }) => id),
      created.map(({ deletedVersion }) => deletedVersion),
    ],
  );
  return new Map(rows.map((row) => [keyOf(row), { version: row.version, lastUpdated: row.last_updated }]));
}

interface ReturnedRow {
  readonly type: string;
  readonly id: string;
  readonly last_updated: Date;
  readonly person_id: string | null;
}

async function store(
  transaction: Transaction,
  statement: NamedSql,
  rows: readonly NewRow[],
  options: StoreOptions,
): Promise<Map<string, Stored>> {
  const stored = new Map<string, Stored>();
  for (const chunk of chunks(sorted(rows))) {
    const parameters: SqlParameter[] = [
      ...rowParameters(chunk, options.keyring),
      ...patientParameters(chunk, options),
      INDEXED_AS,
    ];
    for (const row of await transaction.query<ReturnedRow>(statement, parameters))
      stored.set(keyOf(row), { lastUpdated: row.last_updated, personId: row.person_id });
  }
  return stored;
}

function sorted(rows: readonly NewRow[]): NewRow[] {
  const byKey = new Map(rows.map((row) => [keyOf(row.version), row]));
  return inLockOrder(rows.map(({ version }) => version)).flatMap(
    (version) => byKey.get(keyOf(version)) ?? [],
  );
}

function* chunks(rows: readonly NewRow[]): Generator<readonly NewRow[]> {
  let chunk: NewRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = sizeOf(row);
    if (chunk.length > 0 && (chunk.length >= MAX_ROWS || bytes + size > MAX_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(row);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function sizeOf({ version, entries }: NewRow): number {
  const { tokens, refs, strings, dates, quantities } = entries;
  const count = tokens.length + refs.length + strings.length + dates.length + quantities.length;
  return version.content.length + count * ENTRY_BYTES;
}

/** Every patient that the rows speak of, so that a link can be made before the Patient itself has come (data come in any order). */
function patientParameters(
  rows: readonly NewRow[],
  { introduced }: StoreOptions,
): [ids: string[], authorities: string[], identifiers: string[]] {
  const patients = new Map<string, SourcePatient>();
  for (const { version, entries } of rows) {
    const authority = systemAuthority(version.sourceSystem);
    const named = version.sourcePatientId === null ? [] : [version.sourcePatientId];
    for (const id of [...named, ...entries.patients]) {
      if (!patients.has(id)) patients.set(id, introduced?.get(id) ?? { authority, identifier: id });
    }
  }
  const known = [...patients.values()];
  return [
    [...patients.keys()],
    known.map(({ authority }) => indexable(authority)),
    known.map(({ identifier }) => indexable(identifier)),
  ];
}

/** Whose numbers the ids of patients are that a system hands in as resources. */
const systemAuthority = (system: string): string =>
  `${SYSTEM_AUTHORITY}${encodeURIComponent(storable(system))}`;
