/**
 * How far a consumer is, in the least that must be written (Q4): all up to `lowWater` is settled or an exception, except `gaps`.
 * Entries come in ascending order and are closed in any.
 */
export class Positions {
  readonly #open = new Set<number>();
  #highestClosed: number;

  constructor(lowWater: number) {
    this.#highestClosed = lowWater;
  }

  get openCount(): number {
    return this.#open.size;
  }

  open(sequence: number): void {
    this.#open.add(sequence);
  }

  close(sequence: number): void {
    if (this.#open.delete(sequence) && sequence > this.#highestClosed) this.#highestClosed = sequence;
  }

  /** Gaps are few: what is in flight or waits on a key below the highest that is done. */
  snapshot(): { lowWater: number; gaps: number[] } {
    const gaps: number[] = [];
    for (const sequence of this.#open) {
      if (sequence > this.#highestClosed) break;
      gaps.push(sequence);
    }
    return { lowWater: this.#highestClosed, gaps };
  }
}
