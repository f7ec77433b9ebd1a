import { IsthmusError } from '../../foundation/errors/index.ts';
import type { ConsumerParts } from './delivery-options.ts';
import type { QueueIdentity } from './reader.ts';
import { setHold } from './sql.ts';

/** A queue that waits as a whole, for a stated reason: an operator's word, a parked entry in strict order, too much parked. */
export class Hold {
  readonly #queue: QueueIdentity;
  readonly #parts: ConsumerParts;
  #reason: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(queue: QueueIdentity, parts: ConsumerParts, reason: string | undefined) {
    this.#queue = queue;
    this.#parts = parts;
    this.#reason = reason;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  async set(reason: string): Promise<void> {
    await this.#write(reason);
    this.#begin(reason);
  }

  /** In memory at once; if it can't be written now, the parked row tells the next owner. */
  async setQuietly(reason: string): Promise<void> {
    this.#begin(reason);
    try {
      await this.#write(reason);
    } catch (error) {
      this.#parts.logger.error({ err: error, queue: this.#queue.name }, 'the hold could not be written');
    }
  }

  /**
   * `meanwhile` ends what the queue held for: after the hold left the table, because its rows tell the next owner to hold, and before
   * the queue goes on.
   */
  async clear(meanwhile?: () => Promise<void>): Promise<void> {
    await this.#write(null);
    await meanwhile?.();
    this.#reason = undefined;
  }

  /** Resolves when what was said before is in the table, or could not be written. */
  written(): Promise<void> {
    return this.#writing;
  }

  #begin(reason: string): void {
    this.#reason = reason;
    this.#parts.events.emit('held', { queue: this.#queue.name, reason });
  }

  /** One after the other, so that the last word stays. */
  #write(reason: string | null): Promise<void> {
    const writing = this.#writing.then(() => this.#writeNow(reason));
    this.#writing = writing.then(done, done);
    return writing;
  }

  async #writeNow(reason: string | null): Promise<void> {
    const { database, lease } = this.#parts;
    const written = await database.query(setHold, [this.#queue.id, lease.epoch, reason]);
    if (written.length === 0) throw new IsthmusError('QUEUE_FENCED', { place: this.#queue.name });
  }
}

const done = (): void => undefined;
