import { type Clock, pause } from '../../../foundation/clock/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import { classifyFailure, type Database } from '../../../foundation/database/index.ts';
import { IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import type { Access } from '../../../trust/access/index.ts';
import { claimJob, type LeasedJob, LeaseLost } from '../job/lease.ts';
import type { JobStore } from '../job/store.ts';
import type { ExportLimits } from '../types.ts';
import { runJob, Stopping } from './export-job.ts';

export interface WorkerOptions {
  readonly database: Database;
  readonly access: Pick<Access, 'openExport'>;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyring: Keyring | undefined;
  readonly limits: ExportLimits;
}

export interface Worker {
  /** There may be something to do. */
  wake(): void;
  /** Gives the job that runs back, for this or another node to go on with. */
  stop(): Promise<void>;
}

const EXPIRE_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 1_000;

/** Runs jobs one after the other, also those that other nodes left, and deletes what has expired. */
export function startWorker(options: WorkerOptions): Worker {
  const { clock, logger, limits } = options;
  const stopping = new AbortController();
  let waiting = new AbortController();
  let expiredAtMs = Number.NEGATIVE_INFINITY;

  const round = async (): Promise<boolean> => {
    if (clock.monotonicMs() - expiredAtMs >= EXPIRE_EVERY_MS) {
      const jobs = await options.store.expire(clock.now());
      expiredAtMs = clock.monotonicMs();
      if (jobs > 0) logger.info({ jobs }, 'exports past their time were deleted');
    }
    const job = await claimJob(options.database, limits);
    if (job) await work(job, options, stopping.signal);
    return job !== undefined;
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      waiting = new AbortController();
      const { signal } = waiting;
      let worked = false;
      try {
        worked = await round();
      } catch (error) {
        logger.warn({ error }, 'looking for exports to run failed; it is tried again');
      }
      if (!worked && !stopping.signal.aborted) await pause(clock, limits.lookMs, signal);
    }
  };
  const running = loop();
  return {
    wake: () => waiting.abort(),
    async stop() {
      stopping.abort();
      waiting.abort();
      await running;
    },
  };
}

async function work(job: LeasedJob, options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { access, clock, limits, logger, keyring } = options;
  const start = clock.monotonicMs();
  try {
    if (job.attempts > limits.attempts) throw new Exhausted();
    await runJob({ job, record: access.openExport(job.context), clock, limits, keyring, signal });
    await job.finish(expiryOf(options));
    logger.info(
      { job: job.id, durationMs: Math.round(clock.monotonicMs() - start) },
      'an export is complete',
    );
  } catch (thrown) {
    await settle(thrown, job, options);
  }
}

const expiryOf = ({ clock, limits }: WorkerOptions): Date => new Date(clock.now().getTime() + limits.keepMs);

/** What becomes of a job whose run ended early. */
async function settle(thrown: unknown, job: LeasedJob, options: WorkerOptions): Promise<void> {
  const { logger, limits } = options;
  if (thrown instanceof LeaseLost) {
    logger.info({ job: job.id }, 'an export was cancelled, or another node took it over');
    return;
  }
  if (thrown instanceof Stopping) return job.release(0, { uncounted: true });
  const error = toIsthmusError(thrown);
  const failure = classifyFailure(thrown);
  if (failure !== 'rejected' && job.attempts < limits.attempts) {
    logger.warn(
      { error, job: job.id, attempt: job.attempts },
      'an export was broken off; it goes on in a while',
    );
    return job.release(FIRST_RETRY_MS * 2 ** job.attempts, { uncounted: false });
  }
  logger.error({ error, job: job.id }, 'an export failed');
  const { code, place, rule } = error;
  const told = {
    code,
    ...(place === undefined ? {} : { place }),
    ...(rule === undefined ? {} : { rule }),
  };
  await job.fail(told, expiryOf(options));
}

class Exhausted extends IsthmusError {
  constructor() {
    super('INTERNAL', { rule: 'the export was broken off too often' });
  }
}
