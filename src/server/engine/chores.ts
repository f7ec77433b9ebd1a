import { reindex } from '../../clinical/record/index.ts';
import { applyRetention } from '../../exchange/queue/index.ts';
import { anchorAudit, sealAudit } from '../../foundation/audit/index.ts';
import { type Clock, pause } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import { toIsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** Run on every node, or only while this one owns the queues. */
  readonly owner: boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Runs each chore over and over with its pause between; one that fails is logged and comes again. */
export function startChores(
  chores: readonly Chore[],
  options: { readonly clock: Clock; readonly logger: Logger; readonly isOwner: () => boolean },
): { stop(): Promise<void> } {
  const { clock, logger, isOwner } = options;
  const stopping = new AbortController();
  const loop = async ({ name, everyMs, owner, run }: Chore) => {
    while (!stopping.signal.aborted) {
      await pause(clock, everyMs, stopping.signal);
      if (stopping.signal.aborted || (owner && !isOwner())) continue;
      try {
        await run(stopping.signal);
      } catch (error) {
        logger.warn({ error, chore: name }, 'a chore failed; it comes again');
      }
    }
  };
  const loops = chores.map(loop);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

const dayMs = 86_400_000;

/** Deletes what is done everywhere and older than so many days; nothing at 0. */
export function retentionChore(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly days: number;
}): Chore {
  const { database, clock, logger, days } = parts;
  return {
    name: 'retention',
    everyMs: 3_600_000,
    owner: true,
    async run(signal) {
      if (days === 0) return;
      const before = new Date(clock.now().getTime() - days * dayMs);
      const deleted = await applyRetention(database, { before, signal });
      if (deleted > 0) logger.info({ deleted, days }, 'messages past their retention were deleted');
    },
  };
}

/** After an update, fills what is searched again where this version reads it otherwise; usually there is nothing to do. */
export function reindexChore(parts: {
  readonly database: Database;
  readonly logger: Logger;
  readonly keyring?: Keyring | undefined;
}): Chore {
  const { database, logger, keyring } = parts;
  return {
    name: 'reindex',
    everyMs: 5_000,
    owner: true,
    async run(signal) {
      const done = await reindex(database, { signal, ...(keyring ? { keyring } : {}) });
      if (done > 0)
        logger.info({ done }, 'what is searched was filled again for resources of an older version');
    },
  };
}

/**
 * Seals the audit trail, and keeps its head in a file that the database's owner can't reach. A trail that is no longer the one that was
 * sealed is said each time, until somebody looks into it.
 */
export function sealingChore(parts: {
  readonly database: Database;
  readonly logger: Logger;
  readonly anchorFile: string;
}): Chore {
  const { database, logger, anchorFile } = parts;
  return {
    name: 'audit sealing',
    everyMs: 60_000,
    owner: true,
    async run(signal) {
      await sealAudit(database, signal);
      try {
        await anchorAudit(database, anchorFile);
      } catch (thrown) {
        const error = toIsthmusError(thrown);
        if (error.code !== 'AUDIT_BROKEN') throw error;
        logger.error({ error }, 'the audit trail was cut or replaced');
      }
    },
  };
}

const lastRunLimitMs = 5_000;

/** The last run at a clean stop, so that what the stop itself recorded is sealed, too; ended between two batches after a while. */
export async function runLast(chore: Chore, clock: Clock): Promise<void> {
  const limit = new AbortController();
  const timer = clock.after(lastRunLimitMs, () => limit.abort());
  await chore.run(limit.signal).finally(() => timer.cancel());
}
