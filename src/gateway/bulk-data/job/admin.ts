import { type Database, type Queryable, sql, type Transaction } from '../../../foundation/database/index.ts';
import type { JobState } from '../types.ts';

/** A job as whoever operates the installation sees it: what was exported is not in it. */
export interface ExportSummary {
  readonly id: string;
  readonly client: string;
  readonly state: JobState;
  readonly progress: string;
  readonly resources: number;
  /** Compressed, as stored. */
  readonly bytes: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const listJobs = sql(
  'export.list',
  `SELECT id, client, state, progress, resources, bytes, created_at AS "createdAt", expires_at AS "expiresAt"
     FROM export_job ORDER BY created_at DESC LIMIT $1`,
);
const cancelJob = sql('export.cancel', 'DELETE FROM export_job WHERE id = $1 RETURNING id');

/** Newest first. */
export const listExports = (database: Queryable, limit: number): Promise<ExportSummary[]> =>
  database.query<ExportSummary>(listJobs, [limit]);

/**
 * Takes a job and its files away, whoever it is of; its run writes nothing more. `audited` is called in the same transaction. False when there
 * is none.
 */
export const cancelExport = (
  database: Database,
  id: string,
  audited: (transaction: Transaction) => Promise<void>,
): Promise<boolean> =>
  database.transaction(async (transaction) => {
    const gone = await transaction.query(cancelJob, [id]);
    if (gone.length === 0) return false;
    await audited(transaction);
    return true;
  });
