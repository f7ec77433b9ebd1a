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

/** The audit trail in the database. Both methods throw when the entry could not be written: then the action must not happen. */
export function createAudit(database: Database): AuditPort {
  return {
    record: (entry) => insert(database, entry),
    recordIn: (transaction, entry) => insert(transaction, entry),
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
