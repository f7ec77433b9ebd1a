import { Gates } from './gates.ts';
import type { Positions } from './positions.ts';
import type { StoredEntry } from './reader.ts';
import type { Order } from './types.ts';

/** An entry in memory: waiting on its keys, ready, or in flight. */
export interface Live {
  readonly entry: StoredEntry;
  readonly sequence: number;
  /** It was an exception and goes on. */
  readonly returning: boolean;
  attempts: number;
  /** Answers that said "error" for this entry; a destination out of reach does not count. */
  errors: number;
}

/** How often an entry was tried, and how often the answer was an error. */
export interface Tries {
  readonly attempts: number;
  readonly errors: number;
}

const none: Tries = { attempts: 0, errors: 0 };

export const liveOf = (entry: StoredEntry, returning = false, { attempts, errors } = none): Live => ({
  entry,
  sequence: entry.sequence,
  returning,
  attempts,
  errors,
});

/** Entries in memory at once; their bytes beyond the first are bounded, too (Q4). */
export const liveLimits = { entries: 256, bytes: 16 * 1024 * 1024 };

/** The entries of one queue that are in memory, in their lines (Q5), and the positions they leave behind. */
export class LiveSet {
  readonly #order: Order;
  readonly #positions: Positions;
  readonly #gates = new Gates<Live>();
  #ready: Live[] = [];
  #bytes = 0;

  constructor(order: Order, positions: Positions) {
    this.#order = order;
    this.#positions = positions;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  get first(): Live | undefined {
    return this.#ready[0];
  }

  /** How many more may come in. */
  get room(): number {
    return this.#bytes >= liveLimits.bytes ? 0 : Math.max(0, liveLimits.entries - this.#gates.size);
  }

  uses(key: string): boolean {
    return this.#gates.has(key);
  }

  admit(live: Live): void {
    this.#bytes += live.entry.content.byteLength;
    if (this.#gates.admit(live, this.#order === 'strict' ? ['*'] : live.entry.keys)) this.#ready.push(live);
  }

  takeReady(): Live | undefined {
    return this.#ready.shift();
  }

  /** It did not get through and stays first. */
  putBack(live: Live): void {
    this.#ready.push(live);
    this.#ready.sort((a, b) => a.sequence - b.sequence);
  }

  /** It is done with, or an exception from now on; who waited only for it comes forward. */
  leave(live: Live): void {
    this.#forget(live);
    this.#ready.push(...this.#gates.finish(live.sequence));
  }

  /** Takes those that wait behind these keys out of memory; they did not start. */
  evictBehind(keys: readonly string[]): Live[] {
    const evicted = this.#gates.evictBehind(keys);
    for (const live of evicted) this.#forget(live);
    return evicted;
  }

  #forget(live: Live): void {
    this.#bytes -= live.entry.content.byteLength;
    this.#positions.close(live.sequence);
  }
}
