import { createHash } from 'node:crypto';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { openContent } from '../cipher.ts';
import * as statements from './sql.ts';
import { type CurrentRow, isCurrent, keyOf, type LockedRow } from './version.ts';

interface Named {
  readonly type: string;
  readonly id: string;
}

/** What stands, with its content opened. */
export interface Current {
  readonly row: CurrentRow;
  readonly content: Buffer;
}

export interface Deleted {
  readonly version: number;
  readonly at: Date;
  readonly patientId: string | null;
}

/** By `Type/id`. */
export interface Locked {
  readonly current: ReadonlyMap<string, Current>;
  readonly deleted: ReadonlyMap<string, Deleted>;
}

/** The one order in which everybody locks and creates. */
export const inLockOrder = <T extends Named>(names: readonly T[]): T[] =>
  [...names].sort((one, other) =>
    one.id === other.id ? compareTexts(one.type, other.type) : compareTexts(one.id, other.id),
  );

const compareTexts = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** Locks these resources until the transaction ends, in the order of ids. `names` are different from each other. */
export async function lockRows(
  transaction: Transaction,
  names: readonly Named[],
  keyring: Keyring | undefined,
): Promise<Locked> {
  const current = new Map<string, Current>();
  const deleted = new Map<string, Deleted>();
  if (names.length === 0) return { current, deleted };
  const sorted = inLockOrder(names);
  const rows = await transaction.query<LockedRow | CurrentRow>(statements.lockCurrent, [
    sorted.map(({ type }) => type),
    sorted.map(({ id }) => id),
  ]);
  for (const row of rows) {
    if (isCurrent(row)) current.set(keyOf(row), { row, content: openContent(row, keyring) });
    else if (row.deleted_version !== null && row.deleted_at !== null) {
      const { deleted_version: version, deleted_at: at, deleted_patient_id: patientId } = row;
      deleted.set(keyOf(row), { version, at, patientId });
    }
  }
  return { current, deleted };
}

/**
 * Takes the locks of these criteria until the transaction ends. Who is about to create what a search does not find takes the lock of that
 * search before searching, so that of two only one finds nothing. In one order for everybody.
 */
export async function lockCriteria(transaction: Transaction, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const locks = keys.map((key) => createHash('sha256').update(key).digest().readBigInt64BE().toString());
  await transaction.query(statements.lockKeys, [locks]);
}
