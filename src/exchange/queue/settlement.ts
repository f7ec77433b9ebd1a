import { type Clock, pause, type Timer } from '../../foundation/clock/index.ts';
import type { Database, Queryable } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { joinKeys } from './blob.ts';
import { deleteExceptions, settle, writeExceptions } from './sql.ts';

/**
 * Writes behind the sends what became of them: positions, journal, exceptions, of all queues together in one transaction (Q4, Q7).
 * What can't be written now is written later; the consumers stop at their window meanwhile.
 */

export interface JournalRow {
  readonly sequence: number;
  readonly attempt: number;
  readonly at: Date;
  readonly outcome: string;
  readonly acknowledgment?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly durationMs: number;
}

export interface ExceptionRow {
  readonly sequence: number;
  readonly state: 'retrying' | 'held' | 'parked' | 'blocked';
  readonly keys: readonly string[];
  readonly attempts: number;
  readonly code?: string;
  readonly reason?: string;
  readonly nextAttemptAt?: Date;
  readonly until?: Date;
}

/** What one queue wants written. */
export interface Settled {
  readonly queueId: number;
  readonly lowWater: number;
  readonly gaps: readonly number[];
  readonly journal: readonly JournalRow[];
  readonly exceptions: readonly ExceptionRow[];
  readonly finishedExceptions: readonly number[];
}

export interface SettlementPart {
  /** Everything since the last collection; undefined when there is nothing. The positions must agree with the rows. */
  collect(): Settled | undefined;
  /** The collection before is committed. */
  committed(): void;
}

interface SettlementOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly epoch: () => number;
  readonly onFenced: () => void;
}

/** A position is written at the latest so long after the delivery, sooner when half a window waits. */
const lingerMs = 50;
const retryPauseMs = 100;

export class Settlement {
  readonly #options: SettlementOptions;
  readonly #dirty = new Set<SettlementPart>();
  #urgent = false;
  #busy = false;
  #timer: Timer | undefined;
  #stopped = false;
  #nextRound: (() => void)[] = [];

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  /** Something of this part waits to be written: now, or with the next batch within a moment. */
  schedule(part: SettlementPart, when: 'now' | 'soon'): void {
    this.#dirty.add(part);
    if (when === 'now') this.#urgent = true;
    this.#wake();
  }

  /** Resolves when all that was scheduled before is written, or when it was fenced off. */
  async drain(): Promise<void> {
    if (this.#stopped || (this.#dirty.size === 0 && !this.#busy)) return;
    this.#urgent = true;
    const written = new Promise<void>((resolve) => this.#nextRound.push(resolve));
    this.#wake();
    await written;
  }

  /** Gives up what is not written; the next owner repeats it. */
  stop(): void {
    this.#stopped = true;
    for (const done of this.#nextRound.splice(0)) done();
  }

  #wake(): void {
    if (this.#busy || this.#stopped) return;
    if (this.#urgent) void this.#run();
    else if (this.#dirty.size > 0) {
      this.#timer ??= this.#options.clock.after(lingerMs, () => {
        this.#timer = undefined;
        this.#urgent = true;
        this.#wake();
      });
    }
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#urgent && !this.#stopped) {
      this.#urgent = false;
      const waiters = this.#nextRound.splice(0);
      await this.#round();
      for (const done of waiters) done();
    }
    this.#busy = false;
    this.#wake();
  }

  async #round(): Promise<void> {
    const parts = [...this.#dirty];
    this.#dirty.clear();
    const work = parts.flatMap((part) => {
      const settled = part.collect();
      return settled ? [{ part, settled }] : [];
    });
    if (work.length === 0) return;
    if (await this.#writeUntilDone(work.map(({ settled }) => settled)))
      for (const { part } of work) part.committed();
  }

  async #writeUntilDone(settled: readonly Settled[]): Promise<boolean> {
    while (!this.#stopped) {
      try {
        await this.#write(settled);
        return true;
      } catch (error) {
        if (error instanceof IsthmusError && error.code === 'QUEUE_FENCED') {
          this.stop();
          this.#options.onFenced();
          return false;
        }
        this.#options.logger.warn({ err: error }, 'positions could not be written; trying again');
        await pause(this.#options.clock, retryPauseMs);
      }
    }
    return false;
  }

  async #write(settled: readonly Settled[]): Promise<void> {
    const { database, epoch } = this.#options;
    const plain = settled.every(
      (item) => item.exceptions.length === 0 && item.finishedExceptions.length === 0,
    );
    if (plain) await writePositions(database, epoch(), settled);
    else await database.transaction((transaction) => writeSettled(transaction, epoch(), settled));
  }
}

/** Positions, journal and exceptions in the caller's transaction. Throws QUEUE_FENCED when the epoch is stale. */
async function writeSettled(
  transaction: Queryable,
  epoch: number,
  settled: readonly Settled[],
): Promise<void> {
  await writePositions(transaction, epoch, settled);
  await writeExceptionRows(transaction, epoch, settled);
}

/** Returns how many exceptions were deleted. */
export async function writeExceptionRows(
  transaction: Queryable,
  epoch: number,
  settled: readonly Omit<Settled, 'lowWater' | 'gaps'>[],
) {
  const rows = settled.flatMap((item) => item.exceptions.map((row) => ({ queueId: item.queueId, ...row })));
  const finished = settled.flatMap((item) =>
    item.finishedExceptions.map((sequence) => ({ queueId: item.queueId, sequence })),
  );
  if (rows.length > 0) {
    await transaction.query(writeExceptions, [
      epoch,
      rows.map((row) => row.queueId),
      rows.map((row) => row.sequence),
      rows.map((row) => row.state),
      rows.map((row) => row.attempts),
      rows.map((row) => joinKeys(row.keys)),
      rows.map((row) => row.code ?? ''),
      rows.map((row) => row.reason ?? ''),
      rows.map((row) => seconds(row.nextAttemptAt)),
      rows.map((row) => seconds(row.until)),
    ]);
  }
  if (finished.length > 0) {
    const gone = await transaction.query(deleteExceptions, [
      epoch,
      finished.map((row) => row.queueId),
      finished.map((row) => row.sequence),
    ]);
    return gone.length;
  }
  return 0;
}

async function writePositions(
  connection: Queryable,
  epoch: number,
  settled: readonly Settled[],
): Promise<void> {
  const journal = settled.flatMap((item) => item.journal.map((row) => ({ queueId: item.queueId, ...row })));
  const advanced = await connection.query(settle, [
    epoch,
    settled.map((item) => item.queueId),
    settled.map((item) => item.lowWater),
    settled.map((item) => `{${item.gaps.join(',')}}`),
    ...journalColumns(journal),
  ]);
  if (advanced.length < settled.length) throw new IsthmusError('QUEUE_FENCED');
}

export function journalColumns(journal: readonly (JournalRow & { queueId: number })[]) {
  return [
    journal.map((row) => row.queueId),
    journal.map((row) => row.sequence),
    journal.map((row) => row.attempt),
    journal.map((row) => row.at.getTime() / 1000),
    journal.map((row) => row.outcome),
    journal.map((row) => row.acknowledgment ?? ''),
    journal.map((row) => row.code ?? ''),
    journal.map((row) => row.detail ?? ''),
    journal.map((row) => row.durationMs),
  ];
}

const seconds = (date: Date | undefined): number | null => (date ? date.getTime() / 1000 : null);
