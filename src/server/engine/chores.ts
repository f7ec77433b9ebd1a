import { applyRetention } from '../../exchange/queue/index.ts';
import { type Clock, pause } from '../../foundation/clock/index.ts';
import type { Database } from '../../foundation/database/index.ts';
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
