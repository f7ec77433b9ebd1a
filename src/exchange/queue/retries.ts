import type { Clock, Timer } from '../../foundation/clock/index.ts';
import type { Tries } from './live-set.ts';

/** Which entries are tried again when. */
export class Retries {
  readonly #clock: Clock;
  readonly #due: (sequence: number, tries: Tries) => void;
  readonly #timers = new Map<number, Timer>();

  constructor(clock: Clock, due: (sequence: number, tries: Tries) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  schedule(sequence: number, tries: Tries, waitMs: number): void {
    this.cancel(sequence);
    const timer = this.#clock.after(waitMs, () => {
      this.#timers.delete(sequence);
      this.#due(sequence, tries);
    });
    this.#timers.set(sequence, timer);
  }

  cancel(sequence: number): void {
    this.#timers.get(sequence)?.cancel();
    this.#timers.delete(sequence);
  }

  cancelAll(): void {
    for (const sequence of [...this.#timers.keys()]) this.cancel(sequence);
  }
}
