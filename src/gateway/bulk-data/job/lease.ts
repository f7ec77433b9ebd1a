import { randomId } from '../../../foundation/crypto/index.ts';
import type { Database, SqlParameter } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { AccessContext } from '../../../trust/access/index.ts';
import type { ExportLimits, JobError, Remark, Wanted } from '../types.ts';
import * as statements from './sql.ts';

/** The job is no longer this run's: it was cancelled, expired, or another node took it over. */
export class LeaseLost extends Error {}

/** A job that this node runs. Everything it writes proves that it still is; else LeaseLost is thrown. */
export interface LeasedJob {
  readonly id: string;
  readonly context: AccessContext;
  readonly wanted: Wanted;
  readonly remarks: readonly Remark[];
  readonly createdAt: Date;
  /** Undefined on the first run. */
  readonly instant: Date | undefined;
  /** Steps that earlier runs completed. */
  readonly steps: readonly string[];
  readonly attempts: number;
  /** The highest number of a file that was given. */
  readonly files: number;
  setInstant(instant: Date): Promise<void>;
  renew(progress: string): Promise<void>;
  append(chunk: Chunk): Promise<void>;
  finishStep(step: string): Promise<void>;
  finish(expiresAt: Date): Promise<void>;
  fail(error: JobError, expiresAt: Date): Promise<void>;
  /** Nothing happens when it is no longer this run's. `uncounted`: this run was no attempt. */
  release(pauseMs: number, how: { uncounted: boolean }): Promise<void>;
}

export interface Chunk {
  readonly number: number;
  readonly part: number;
  readonly kind: 'output' | 'deleted' | 'error';
  readonly type: string;
  readonly lines: number;
  readonly keyId: string | null;
  readonly bytes: Uint8Array;
  readonly progress: string;
}

interface Row {
  readonly id: string;
  readonly context: string;
  readonly wanted: string;
  readonly remarks: string;
  readonly created_at: Date;
  readonly instant: Date | null;
  readonly steps: readonly string[];
  readonly attempts: number;
  readonly files: number;
}

/** The next job that waits or was left; undefined when there is none. */
export async function claimJob(database: Database, limits: ExportLimits): Promise<LeasedJob | undefined> {
  const runner = randomId();
  const [row] = await database.query<Row>(statements.claimJob, [runner, limits.leaseMs]);
  return row && leased(database, row, { runner, limits });
}

function leased(
  database: Database,
  row: Row,
  { runner, limits }: { runner: string; limits: ExportLimits },
): LeasedJob {
  const own = async (statement: typeof statements.renewLease, ...parameters: SqlParameter[]) => {
    const [found] = await database.query<{ bytes?: number }>(statement, [row.id, runner, ...parameters]);
    if (!found) throw new LeaseLost();
    return found;
  };
  return {
    id: row.id,
    context: JSON.parse(row.context) as AccessContext,
    wanted: JSON.parse(row.wanted) as Wanted,
    remarks: JSON.parse(row.remarks) as Remark[],
    createdAt: row.created_at,
    instant: row.instant ?? undefined,
    steps: row.steps,
    attempts: row.attempts,
    files: row.files,
    setInstant: async (instant) => void (await own(statements.setInstant, instant)),
    renew: async (progress) => void (await own(statements.renewLease, limits.leaseMs, progress)),
    async append({ number, part, kind, type, lines, keyId, bytes, progress }) {
      const { bytes: stored = 0 } = await own(
        statements.appendChunk,
        ...[limits.leaseMs, number, kind, type, lines, part, keyId, bytes, progress],
      );
      if (stored > limits.bytesOfJob)
        throw new IsthmusError('TOO_LARGE', {
          rule: `an export is at most ${limits.bytesOfJob} bytes, compressed`,
        });
    },
    finishStep: async (step) => void (await own(statements.finishStep, step)),
    finish: async (expiresAt) => void (await own(statements.finishJob, expiresAt)),
    fail: async (error, expiresAt) => void (await own(statements.failJob, expiresAt, JSON.stringify(error))),
    async release(pauseMs, { uncounted }) {
      await database.query(statements.releaseJob, [row.id, runner, pauseMs, uncounted ? 1 : 0]);
    },
  };
}
