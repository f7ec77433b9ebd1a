import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Queryable, Transaction } from '../../../foundation/database/index.ts';
import { openContent } from '../cipher.ts';
import type { Current, Deleted, Locked } from '../write/lock.ts';
import { pack } from '../write/rows.ts';
import { type CurrentRow, keyOf, type Version } from '../write/version.ts';
import { isPublished, PUBLISHER } from './publisher.ts';
import * as statements from './sql.ts';

/** What a source says, with the times it says it as of, as it is kept apart from what is published. */
export interface Kept {
  readonly version: Version;
  /** Milliseconds since 1970; null for the time of writing. */
  readonly eventTime: number | null;
  readonly stated: boolean;
  readonly elementTimes: string | null;
}

/** What the sources of these Patients say; who says nothing is not in it. By id of the source patient. */
export async function statementsOf(
  queryable: Queryable,
  sources: readonly string[],
  keyring: Keyring | undefined,
): Promise<Map<string, Current>> {
  if (sources.length === 0) return new Map();
  const rows = await queryable.query<CurrentRow>(statements.readStatements, [sources]);
  return new Map(rows.map((row) => [row.id, { row, content: openContent(row, keyring) }]));
}

/** A locked Patient that is published from more than what its source says. */
export interface Behind {
  readonly published: Current;
  readonly statement: Current | undefined;
  /** Its source says nothing, because that was deleted. */
  readonly withdrawn: Deleted | undefined;
}

/** What stands behind those of the locked resources that are published so; by `Patient/id`. None in the usual case, and then nothing is asked. */
export async function statementsBehind(
  transaction: Transaction,
  { current }: Locked,
  keyring: Keyring | undefined,
): Promise<Map<string, Behind>> {
  const published = [...current.values()].filter(({ row }) => isPublished(row));
  if (published.length === 0) return new Map();
  const ids = published.map(({ row }) => row.id);
  const said = await statementsOf(transaction, ids, keyring);
  const silent = ids.filter((id) => !said.has(id));
  const withdrawn = silent.length === 0 ? new Map() : await withdrawals(transaction, silent);
  return new Map(
    published.map((one) => [
      keyOf(one.row),
      { published: one, statement: said.get(one.row.id), withdrawn: withdrawn.get(one.row.id) },
    ]),
  );
}

async function withdrawals(transaction: Transaction, ids: readonly string[]): Promise<Map<string, Deleted>> {
  const rows = await transaction.query<{ id: string; version: number; at: Date }>(
    statements.readWithdrawals,
    [ids, PUBLISHER],
  );
  return new Map(rows.map(({ id, version, at }) => [id, { version, at, patientId: id }]));
}

/** Keeps what is said now. Whoever calls holds the locks of the Patients. */
export async function keepStatements(
  transaction: Transaction,
  kept: readonly Kept[],
  keyring: Keyring | undefined,
): Promise<void> {
  if (kept.length > 0) await transaction.query(statements.keepStatements, rowsOf(kept, keyring));
}

/** Keeps what was said in between and is not any more. */
export async function keepPassed(
  transaction: Transaction,
  versions: readonly Version[],
  keyring: Keyring | undefined,
): Promise<void> {
  if (versions.length === 0) return;
  const kept = versions.map((version) => ({ version, eventTime: 0, stated: true, elementTimes: null }));
  await transaction.query(statements.insertPassedStatements, rowsOf(kept, keyring));
}

/** From now on `Patient/{id}` itself is what the source says. */
export async function dropStatements(transaction: Transaction, sources: readonly string[]): Promise<void> {
  if (sources.length > 0) await transaction.query(statements.dropStatements, [sources]);
}

/** The number that each of these goes on with when it is kept apart again. */
export async function nextNumbers(
  transaction: Transaction,
  current: readonly CurrentRow[],
): Promise<Map<string, number>> {
  if (current.length === 0) return new Map();
  const rows = await transaction.query<{ id: string; version: number }>(statements.lastStatementVersions, [
    current.map(({ id }) => id),
  ]);
  const last = new Map(rows.map(({ id, version }) => [id, version]));
  return new Map(current.map(({ id, version }) => [id, Math.max(version, (last.get(id) ?? 0) + 1)]));
}

function rowsOf(kept: readonly Kept[], keyring: Keyring | undefined): [string, Buffer] {
  const { places, bytes } = pack(
    kept.map(({ version }) => version),
    keyring,
  );
  const rows = kept.map(({ version, eventTime, stated, elementTimes }, n) => ({
    n,
    id: version.id,
    version: version.version,
    source_system: version.sourceSystem,
    business_key: version.businessKey,
    message_id: version.messageId,
    issues: version.issues,
    event_time: eventTime === null ? null : new Date(eventTime).toISOString(),
    stated,
    element_times: elementTimes,
    ...places[n],
  }));
  return [JSON.stringify(rows), bytes];
}
