import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { openContent } from '../cipher.ts';
import { patientId } from '../ids.ts';
import { indexable } from '../text.ts';
import type { Change, RecordWrite } from '../types.ts';
import { advance, type CurrentRow, keyOf, type Progress, progressOf } from './batch.ts';
import { confirmedRows, currentRows, feedRows, historyRows } from './rows.ts';
import * as statements from './sql.ts';

export interface ApplyOptions {
  /** Seals contents at rest. */
  readonly keyring?: Keyring;
}

/**
 * Writes a batch in order within the caller's transaction and says for each write what came of it, in the same order. A resource that
 * several writes of the batch change gets a version for each. At most seven statements, whatever the size of the batch; called again for
 * those resources that another transaction created meanwhile.
 */
export async function applyWrites(
  transaction: Transaction,
  writes: readonly RecordWrite[],
  options: ApplyOptions = {},
): Promise<Change[]> {
  if (writes.length === 0) return [];
  const resources = await lock(transaction, writes, options);
  const changes = writes.map((write) => advance(progressIn(resources, write), write));
  await ensurePatients(transaction, writes, resources);
  const raced = await flush(transaction, [...resources.values()], options);
  if (raced.size === 0) return changes;
  const again = writes.flatMap((write, index) => (raced.has(keyOf(write)) ? [{ write, index }] : []));
  const changesAgain = await applyWrites(
    transaction,
    again.map(({ write }) => write),
    options,
  );
  again.forEach(({ index }, position) => {
    const change = changesAgain[position];
    if (change) changes[index] = change;
  });
  return changes;
}

async function lock(
  transaction: Transaction,
  writes: readonly RecordWrite[],
  { keyring }: ApplyOptions,
): Promise<Map<string, Progress>> {
  const unique = [...new Map(writes.map((write) => [keyOf(write), write])).values()];
  const rows = await transaction.query<CurrentRow>(statements.lockCurrent, [
    unique.map(({ type }) => type),
    unique.map(({ id }) => id),
  ]);
  return new Map(rows.map((row) => [keyOf(row), progressOf(row, openContent(row, keyring))]));
}

function progressIn(resources: Map<string, Progress>, write: RecordWrite): Progress {
  const known = resources.get(keyOf(write));
  if (known) return known;
  const fresh = progressOf();
  resources.set(keyOf(write), fresh);
  return fresh;
}

/** A source patient whom a committed resource already names needs no look. */
async function ensurePatients(
  transaction: Transaction,
  writes: readonly RecordWrite[],
  resources: ReadonlyMap<string, Progress>,
): Promise<void> {
  const known = new Set([...resources.values()].map(({ before }) => before?.sourcePatientId));
  const missing = new Map<string, { authority: string; identifier: string }>();
  for (const { origin } of writes) {
    if (!origin.patient) continue;
    const id = patientId(origin.patient);
    if (!known.has(id)) missing.set(id, origin.patient);
  }
  if (missing.size === 0) return;
  const patients = [...missing.values()];
  await transaction.query(statements.ensureSourcePatients, [
    [...missing.keys()],
    patients.map(({ authority }) => indexable(authority)),
    patients.map(({ identifier }) => indexable(identifier)),
  ]);
}

/** Returns the resources that were to be created and that another transaction created first; nothing of them is written. */
async function flush(
  transaction: Transaction,
  resources: readonly Progress[],
  { keyring }: ApplyOptions,
): Promise<Set<string>> {
  const changed = resources.filter(({ made }) => made.length > 0);
  const updated = changed.filter(({ before }) => before);
  const raced = await create(
    transaction,
    changed.filter(({ before }) => !before),
    keyring,
  );
  const written = changed.filter((one) => !raced.has(nameOf(one)));
  if (updated.length > 0) await transaction.query(statements.updateCurrent, currentRows(updated, keyring));
  const confirmed = resources.filter(({ made, confirmed }) => made.length === 0 && confirmed);
  if (confirmed.length > 0) await transaction.query(statements.confirmCurrent, [confirmedRows(confirmed)]);
  const passed = written.flatMap((one) => one.passed);
  if (passed.length > 0) await transaction.query(statements.insertHistory, historyRows(passed, keyring));
  if (written.length > 0) await transaction.query(statements.insertChanges, [feedRows(written)]);
  return raced;
}

async function create(
  transaction: Transaction,
  created: readonly Progress[],
  keyring: Keyring | undefined,
): Promise<Set<string>> {
  if (created.length === 0) return new Set();
  const rows = await transaction.query<{ type: string; id: string }>(
    statements.insertCurrent,
    currentRows(created, keyring),
  );
  const inserted = new Set(rows.map(keyOf));
  return new Set(created.map(nameOf).filter((name) => !inserted.has(name)));
}

const nameOf = ({ now }: Progress): string => (now ? keyOf(now) : '');
