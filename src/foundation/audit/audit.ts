import type { Database, Queryable, Transaction } from '../database/index.ts';
import * as statements from './sql.ts';

type AuditOutcome = 'success' | 'refused' | 'failed';

export interface AuditEntry {
  /** What was done, as `module.action`: `queue.release`, `record.read`. */
  readonly action: string;
  /** Who did it: a client, a person's login, or `system`. */
  readonly actor: string;
  /** On what: a reference such as `Patient/123`, `message 7` or the queue `adt>televisit`. Ids only. */
  readonly target: string;
  readonly outcome: AuditOutcome;
  /** The reason the actor gave, or why it was refused. */
  readonly reason?: string;
  readonly correlationId?: string;
}

export interface AuditPort {
  /** Commits the entry by itself: for reads, refusals and what touches no other table. */
  record(entry: AuditEntry): Promise<void>;
  /** Writes the entry in the transaction of the action itself. */
  recordIn(transaction: Transaction, entry: AuditEntry): Promise<void>;
}

/** For many entries at once: one statement, all or none. */
export interface AuditBatches {
  recordAll(entries: readonly AuditEntry[]): Promise<void>;
  recordAllIn(transaction: Transaction, entries: readonly AuditEntry[]): Promise<void>;
}

/** The audit trail in the database. All methods throw when the entry could not be written: then the action must not happen. */
export function createAudit(database: Database): AuditPort & AuditBatches {
  return {
    record: (entry) => insert(database, entry),
    recordIn: (transaction, entry) => insert(transaction, entry),
    recordAll: (entries) => insertAll(database, entries),
    recordAllIn: (transaction, entries) => insertAll(transaction, entries),
  };
}

async function insert(queryable: Queryable, entry: AuditEntry): Promise<void> {
  const { action, actor, target, outcome, reason, correlationId } = entry;
  await queryable.query(statements.insertEntry, [
    action,
    actor,
    target,
    outcome,
    reason ?? null,
    correlationId ?? null,
  ]);
}

async function insertAll(queryable: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await queryable.query(statements.insertEntries, [
    entries.map(({ action }) => action),
    entries.map(({ actor }) => actor),
    entries.map(({ target }) => target),
    entries.map(({ outcome }) => outcome),
    entries.map(({ reason }) => reason ?? null),
    entries.map(({ correlationId }) => correlationId ?? null),
  ]);
}
