import type { Live } from './live-set.ts';
import type { Positions } from './positions.ts';
import type { ExceptionRow, JournalRow, Settled, Settlement, SettlementPart } from './settlement.ts';

/** What became of one queue's attempts and is not written yet; and how many sends a crash would repeat (Q4). */
export class Ledger implements SettlementPart {
  readonly #queueId: number;
  readonly #positions: Positions;
  readonly #settlement: Settlement;
  readonly #onCommitted: (over: readonly Live[], again: readonly Live[]) => void;
  #journal: JournalRow[] = [];
  #exceptions: ExceptionRow[] = [];
  #finished: Live[] = [];
  #finishing: Live[] = [];
  #again: Live[] = [];
  #rewriting: Live[] = [];
  #unsettled = 0;
  #settling = 0;

  constructor(options: {
    readonly queueId: number;
    readonly positions: Positions;
    readonly settlement: Settlement;
    /** After a commit, with the exceptions that are over by it, and those that went on and are exceptions again. */
    readonly onCommitted: (over: readonly Live[], again: readonly Live[]) => void;
  }) {
    this.#queueId = options.queueId;
    this.#positions = options.positions;
    this.#settlement = options.settlement;
    this.#onCommitted = options.onCommitted;
  }

  /** Sends whose position is not committed. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Sends that no write under way covers. */
  get unwritten(): number {
    return this.#unsettled - this.#settling;
  }

  note(row: JournalRow): void {
    this.#journal.push(row);
  }

  except(live: Live, row: ExceptionRow): void {
    this.#exceptions.push(row);
    if (live.returning) this.#again.push(live);
  }

  /** The row of an exception that is about to go on. */
  rewrite(row: ExceptionRow): void {
    this.#exceptions.push(row);
  }

  /** A send that is done with. */
  sent(row: JournalRow): void {
    this.#journal.push(row);
    this.#unsettled += 1;
  }

  /** The exception's rows are to be deleted. */
  over(live: Live): void {
    this.#finished.push(live);
  }

  write(when: 'now' | 'soon'): void {
    this.#settlement.schedule(this, when);
  }

  /** Resolves when all that was noted before is written. */
  async written(): Promise<void> {
    this.write('now');
    await this.#settlement.drain();
  }

  collect(): Settled | undefined {
    if (this.#journal.length + this.#exceptions.length + this.#finished.length === 0) return undefined;
    const settled = {
      queueId: this.#queueId,
      ...this.#positions.snapshot(),
      journal: this.#journal,
      exceptions: this.#exceptions,
      finishedExceptions: this.#finished.map((live) => live.sequence),
    };
    this.#settling = this.#unsettled;
    this.#finishing = this.#finished;
    this.#rewriting = this.#again;
    this.#again = [];
    this.#journal = [];
    this.#exceptions = [];
    this.#finished = [];
    return settled;
  }

  committed(): void {
    this.#unsettled -= this.#settling;
    this.#settling = 0;
    const returned = this.#finishing.filter((live) => live.returning);
    const again = this.#rewriting;
    this.#finishing = [];
    this.#rewriting = [];
    this.#onCommitted(returned, again);
  }
}
