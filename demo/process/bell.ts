/** Wakes a loop that has nothing to do. A ring while nobody waits is kept, so none is missed. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or when the signal aborts. For one waiter. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const stop = (): void => this.#wake?.();
      signal.addEventListener('abort', stop, { once: true });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      signal.removeEventListener('abort', stop);
    }
    this.#wake = undefined;
    this.#rung = false;
  }
}
