import type { Database } from '../../foundation/database/index.ts';
import { HeldKeys } from './held-keys.ts';
import type { Reader, StoredEntry } from './reader.ts';
import { blockedHeads, exceptionOf, exceptionsInState, headsOfKeys, heldKeyCounts } from './sql.ts';

/**
 * The exceptions of one queue (Q5): who holds which keys, and who may go on when a key is free again. The rows are in the table;
 * in memory stand only the held keys with a count.
 */

interface HeadRow {
  readonly sequence: number;
  readonly state: string;
  readonly attempts: number;
  readonly first_on_all: boolean;
}

export interface ExceptionState {
  readonly sequence: number;
  readonly state: 'retrying' | 'held' | 'parked' | 'blocked';
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly until: Date | null;
  readonly code: string | null;
}

/** An exception that goes on. */
export interface Returning {
  readonly entry: StoredEntry;
  readonly attempts: number;
}

export class WaitingRoom {
  readonly held: HeldKeys;
  readonly #database: Database;
  readonly #queueId: number;
  readonly #reader: Reader;
  /** Sequences that were let go on and are not settled yet. */
  readonly #returning = new Set<number>();
  parked: number;

  private constructor(database: Database, queueId: number, reader: Reader, held: HeldKeys, parked: number) {
    this.#database = database;
    this.#queueId = queueId;
    this.#reader = reader;
    this.held = held;
    this.parked = parked;
  }

  static async open(database: Database, queueId: number, reader: Reader): Promise<WaitingRoom> {
    const counts = await database.query<{ key: string; n: number }>(heldKeyCounts, [queueId]);
    const parked = await database.query(exceptionsInState, [queueId, ['parked', 'held']]);
    return new WaitingRoom(
      database,
      queueId,
      reader,
      new HeldKeys(counts.map(({ key, n }) => [key, n])),
      parked.length,
    );
  }

  /** Those that wait for their time. */
  retrying(): Promise<ExceptionState[]> {
    return this.#database.query<ExceptionState>(exceptionsInState, [this.#queueId, ['retrying']]);
  }

  /** Those that wait for a decision, in order. */
  stuck(): Promise<ExceptionState[]> {
    return this.#database.query<ExceptionState>(exceptionsInState, [this.#queueId, ['parked', 'held']]);
  }

  /** Keys whose first exception only waited for one that is gone: after a restart they go on. */
  async keysToWake(): Promise<string[]> {
    const rows = await this.#database.query<{ key: string }>(blockedHeads, [this.#queueId]);
    return rows.map((row) => row.key);
  }

  async stateOf(sequence: number): Promise<ExceptionState['state'] | undefined> {
    const [row] = await this.#database.query<{ state: ExceptionState['state'] }>(exceptionOf, [
      this.#queueId,
      sequence,
    ]);
    return row?.state;
  }

  isReturning(sequence: number): boolean {
    return this.#returning.has(sequence);
  }

  /** The entries that may go on now that something on these keys is done. `busy` says whether a key is in use. */
  async wake(keys: readonly string[], busy: (key: string) => boolean): Promise<Returning[]> {
    const wanted = keys.filter((key) => this.held.has(key));
    if (wanted.length === 0) return [];
    const heads = await this.#database.query<HeadRow>(headsOfKeys, [this.#queueId, wanted]);
    const free = heads.filter(
      (row) => row.state === 'blocked' && row.first_on_all && !this.#returning.has(row.sequence),
    );
    return this.#claim(free, busy);
  }

  /** One exception that is due, or that an operator released; nothing when it is already on its way or waits behind another. */
  async claim(
    sequence: number,
    attempts: number,
    busy: (key: string) => boolean,
  ): Promise<Returning | undefined> {
    if (this.#returning.has(sequence)) return undefined;
    return (await this.#claim([{ sequence, attempts }], busy))[0];
  }

  /** The exception is over: its keys are free of it. Called after the commit that deleted its rows. */
  finished(entry: StoredEntry): void {
    this.#returning.delete(entry.sequence);
    this.held.free(entry.keys);
  }

  /** It failed again and waits again. */
  returned(sequence: number): void {
    this.#returning.delete(sequence);
  }

  async #claim(
    rows: readonly { sequence: number; attempts: number }[],
    busy: (key: string) => boolean,
  ): Promise<Returning[]> {
    for (const row of rows) this.#returning.add(row.sequence);
    const attempts = new Map(rows.map((row) => [row.sequence, row.attempts]));
    const entries = await this.#load([...attempts.keys()]);
    const claimed: Returning[] = [];
    const taken = new Set<string>();
    for (const entry of entries) {
      if (entry.keys.some((key) => busy(key) || taken.has(key))) this.#returning.delete(entry.sequence);
      else {
        for (const key of entry.keys) taken.add(key);
        claimed.push({ entry, attempts: attempts.get(entry.sequence) ?? 0 });
      }
    }
    return claimed;
  }

  /** Those that can't be loaded now did not go on. */
  async #load(sequences: readonly number[]): Promise<StoredEntry[]> {
    try {
      return await this.#reader.load(sequences);
    } catch (error) {
      for (const sequence of sequences) this.#returning.delete(sequence);
      throw error;
    }
  }
}
