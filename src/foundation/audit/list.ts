import type { Database } from '../database/index.ts';
import type { AuditEntry } from './audit.ts';
import * as statements from './sql.ts';

export interface RecordedEntry extends Required<Omit<AuditEntry, 'reason' | 'correlationId'>> {
  readonly id: number;
  readonly recordedAt: Date;
  readonly reason: string | null;
  readonly correlationId: string | null;
}

export interface AuditFilter {
  readonly since?: Date;
  readonly actor?: string;
  /** `queue.hold`, or `queue` for all actions of the module. */
  readonly action?: string;
  readonly target?: string;
  /** The next page: entries before this one. */
  readonly beforeId?: number;
  /** Default 50. */
  readonly limit?: number;
}

/** Nothing, or everything: entries are about those who act, and no entry knows its patient. */
export type AuditScope = 'everything' | 'nothing';

const MAX_LISTED = 1_000;

/** Newest first, 1,000 at most. Above trust it is reached through openAudit(context), which fills the scope. */
export function listAudit(
  database: Database,
  filter: AuditFilter,
  scope: AuditScope,
): Promise<RecordedEntry[]> {
  const { since, actor, action, target, beforeId, limit = 50 } = filter;
  return database.query<RecordedEntry>(statements.list, [
    scope === 'everything',
    since ?? null,
    actor ?? null,
    action ?? null,
    target ?? null,
    beforeId ?? null,
    Math.min(limit, MAX_LISTED),
  ]);
}
