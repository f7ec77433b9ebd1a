import type { ConsumerParts } from './delivery-options.ts';
import type { QueueIdentity } from './reader.ts';
import { setHold } from './sql.ts';

/** A queue that waits as a whole, for a stated reason: an operator's word, a parked entry in strict order, too much parked. */
export class Hold {
  readonly #queue: QueueIdentity;
  readonly #parts: ConsumerParts;
  #reason: string | undefined;

  constructor(queue: QueueIdentity, parts: ConsumerParts, reason: string | undefined) {
    this.#queue = queue;
    this.#parts = parts;
    this.#reason = reason;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  async set(reason: string): Promise<void> {
    this.#reason = reason;
    this.#parts.events.emit('held', { queue: this.#queue.name, reason });
    await this.#write(reason);
  }

  /** In memory at once; if it can't be written now, the parked row tells the next owner. */
  async setQuietly(reason: string): Promise<void> {
    try {
      await this.set(reason);
    } catch (error) {
      this.#parts.logger.error({ err: error, queue: this.#queue.name }, 'the hold could not be written');
    }
  }

  async clear(): Promise<void> {
    await this.#write(null);
    this.#reason = undefined;
  }

  async #write(reason: string | null): Promise<void> {
    await this.#parts.database.query(setHold, [this.#queue.id, this.#parts.lease.epoch, reason]);
  }
}
