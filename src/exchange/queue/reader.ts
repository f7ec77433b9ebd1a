import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { progressOf, readEntries, readPage } from './sql.ts';
import type { QueueEntry } from './types.ts';

/**
 * Entries in order, from memory while the consumer keeps up and from the table when it does not (Q3). What was just committed is
 * offered by the committer; beyond a bound the reader lets it go and reads it again later, so a backlog costs disk and not memory.
 */

export interface QueueIdentity {
  readonly id: number;
  readonly name: string;
  /** Makes keys unique over deployments. */
  readonly installation: string;
}

/** An entry with what the pinning of destinations needs. */
export interface StoredEntry extends QueueEntry {
  readonly routeId: number | null;
}

const readerLimits = {
  tailEntries: 1_000,
  tailBytes: 8 * 1024 * 1024,
  pageEntries: 256,
  pageBytes: 4 * 1024 * 1024,
};

interface EntryRow {
  readonly queue_id: number;
  readonly sequence: number;
  readonly message_id: number;
  readonly route_id: number | null;
  readonly keys: string[];
  readonly label: string | null;
  readonly content_type: string;
  readonly type: string;
  readonly correlation_id: string;
  readonly received_at: Date;
  readonly content: Buffer;
  readonly content_key: string | null;
}

interface ReaderOptions {
  readonly database: Database;
  readonly keyring: Keyring | undefined;
  readonly queue: QueueIdentity;
}

export class Reader {
  readonly #options: ReaderOptions;
  #tail: StoredEntry[] = [];
  #tailBytes = 0;
  /** The last sequence handed out. */
  #position: number;
  /** The last sequence known to be committed. */
  #committed: number;
  #wake: (() => void) | undefined;

  constructor(options: ReaderOptions, position: number, committed: number) {
    this.#options = options;
    this.#position = position;
    this.#committed = committed;
  }

  get position(): number {
    return this.#position;
  }

  /** Whether something waits that was not taken. */
  get behind(): boolean {
    return this.#committed > this.#position;
  }

  /**
   * Entries just committed, in sequence order. They are kept only when they follow on all that is known: what was committed without
   * being offered lies between, and is found by reading on from the table.
   */
  offer(entries: readonly StoredEntry[]): void {
    const [first] = entries;
    const last = entries.at(-1);
    if (!first || !last) return;
    const gapless = first.sequence === this.#committed + 1;
    if (gapless && (this.#tail.at(-1)?.sequence ?? this.#position) === this.#committed) this.#append(entries);
    this.knows(last.sequence);
  }

  /** All up to this sequence is committed. */
  knows(sequence: number): void {
    if (sequence <= this.#committed) return;
    this.#committed = sequence;
    this.#wake?.();
  }

  /** Learns from the table how far the queue is, for what was committed without being offered. */
  async refresh(): Promise<void> {
    const [row] = await this.#options.database.query<{ next_sequence: number }>(progressOf, [
      this.#options.queue.id,
    ]);
    if (row) this.knows(row.next_sequence - 1);
  }

  /** Calls back whenever something new is committed. */
  onOffer(wake: () => void): void {
    this.#wake = wake;
  }

  /** Up to `most` entries, possibly none. One call at a time. */
  async take(most: number): Promise<StoredEntry[]> {
    if (!this.behind) return [];
    const taken = this.#tail.length > 0 ? this.#takeTail(most) : await this.#readPage(most);
    const last = taken.at(-1);
    if (last) this.#position = last.sequence;
    return taken;
  }

  /** Particular entries, for what waits out of order. */
  async load(sequences: readonly number[]): Promise<StoredEntry[]> {
    if (sequences.length === 0) return [];
    const rows = await this.#options.database.query<EntryRow>(readEntries, [
      this.#options.queue.id,
      sequences,
    ]);
    return rows.map((row) => this.#toEntry(row));
  }

  #append(entries: readonly StoredEntry[]): void {
    for (const entry of entries) {
      const full =
        this.#tail.length >= readerLimits.tailEntries ||
        this.#tailBytes + entry.content.byteLength > readerLimits.tailBytes;
      if (full && this.#tail.length > 0) return;
      this.#tail.push(entry);
      this.#tailBytes += entry.content.byteLength;
    }
  }

  #takeTail(most: number): StoredEntry[] {
    const taken = this.#tail.splice(0, most);
    for (const entry of taken) this.#tailBytes -= entry.content.byteLength;
    return taken;
  }

  async #readPage(most: number): Promise<StoredEntry[]> {
    const limit = Math.min(most, readerLimits.pageEntries);
    const parameters = [this.#options.queue.id, this.#position, limit, readerLimits.pageBytes];
    const rows = await this.#options.database.query<EntryRow>(readPage, parameters);
    return rows.map((row) => this.#toEntry(row));
  }

  #toEntry(row: EntryRow): StoredEntry {
    const { queue, keyring } = this.#options;
    return {
      queue: queue.name,
      sequence: row.sequence,
      messageId: row.message_id,
      routeId: row.route_id,
      keys: row.keys,
      content: opened(row, keyring),
      contentType: row.content_type,
      type: row.type,
      correlationId: row.correlation_id,
      receivedAt: row.received_at,
      label: row.label ?? undefined,
      idempotencyKey: idempotencyKeyOf(queue, row.sequence),
      attempt: 1,
    };
  }
}

/** Stable for ever: an entry keeps its queue and sequence, and a replay is a new entry. */
export const idempotencyKeyOf = (queue: QueueIdentity, sequence: number): string =>
  `${queue.installation}-${queue.id}-${sequence}`;

/** Bodies are sealed before they have an id, so the context only says what they are. */
export const sealedAs = 'queue content';

/** Sealed content without the keys is an error of the installation, never delivered as it is. */
export function opened(
  row: { content: Buffer; content_key: string | null },
  keyring: Keyring | undefined,
): Buffer {
  if (!row.content_key) return row.content;
  if (!keyring)
    throw new IsthmusError('CONFIG_INVALID', {
      place: 'ISTHMUS_KEYS',
      rule: 'messages are encrypted and the keys are not given',
    });
  return keyring.open(row.content_key, row.content, sealedAs);
}
