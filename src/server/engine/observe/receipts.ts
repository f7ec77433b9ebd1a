import type { Clock } from '../../../foundation/clock/index.ts';

const remembered = 8_192;

interface Receipt {
  readonly type: string;
  readonly arrivedMs: number;
}

/**
 * When the last few thousand messages arrived, by the monotonic clock: latencies to a tenth of a millisecond, which the stored time of
 * receipt does not give. What is no longer remembered, or came before a restart, is measured by the stored time.
 */
export class Receipts {
  readonly #clock: Clock;
  readonly #byMessage = new Map<number, Receipt>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(messageId: number, type: string): void {
    this.#byMessage.set(messageId, { type, arrivedMs: this.#clock.monotonicMs() });
    if (this.#byMessage.size <= remembered) return;
    const [oldest] = this.#byMessage.keys();
    if (oldest !== undefined) this.#byMessage.delete(oldest);
  }

  /** The source knows better when it arrived than the queue, which sees it after its commit. */
  arrived(messageId: number, arrivedMs: number): void {
    const receipt = this.#byMessage.get(messageId);
    if (receipt) this.#byMessage.set(messageId, { ...receipt, arrivedMs });
  }

  typeOf(messageId: number): string | undefined {
    return this.#byMessage.get(messageId)?.type;
  }

  msSince(messageId: number, receivedAt: Date): number {
    const receipt = this.#byMessage.get(messageId);
    const ms = receipt
      ? this.#clock.monotonicMs() - receipt.arrivedMs
      : this.#clock.now().getTime() - receivedAt.getTime();
    return Math.max(0, ms);
  }
}
