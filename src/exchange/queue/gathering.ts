import type { Clock } from '../../foundation/clock/index.ts';

/** From so many senders on, waiting for them pays: a commit costs as much as writing some tens of messages. */
const worthFrom = 8;
const longestMs = 1;

/**
 * Under load, waits a moment for the senders that were just answered, so that one commit serves all of them and not half of them
 * in turn. Few senders are never kept waiting; nobody longer than a millisecond.
 */
export class Gathering {
  readonly #clock: Clock;
  #expected = 0;
  #arrived: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** After a commit: whom it answered, and who waited meanwhile, are likely to send again. */
  committed(answered: number, waiting: number): void {
    this.#expected = answered + waiting;
  }

  /** Resolves when as many wait as are expected, or after the limit. */
  async forMore(waiting: number): Promise<void> {
    if (this.#expected < worthFrom || waiting >= this.#expected) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(longestMs, resolve);
      this.#arrived = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#arrived = undefined;
  }

  /** One more waits. */
  arrived(waiting: number): void {
    if (waiting >= this.#expected) this.#arrived?.();
  }
}
