import { sha256 } from '../crypto/index.ts';

export interface SealedHead {
  /** Number of the last seal; 0 when there is none. */
  readonly number: number;
  /** Its hash in hex, to be kept outside the database: only with it a tail that was cut off is noticed. */
  readonly hash: string;
}

export interface EntryRow {
  readonly id: number;
  readonly transaction_id: string;
  readonly [column: string]: string | number | null;
}

export interface SealRow {
  readonly number: number;
  readonly transaction_id: string;
  readonly last_id: number;
  readonly entries: number;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
}

/** Entries under one seal at most; bounds memory here and when verifying. */
export const MAX_ENTRIES = 1_000;

/** What the first seal follows from. */
export const GENESIS: SealRow = {
  number: 0,
  transaction_id: '0',
  last_id: 0,
  entries: 0,
  previous_hash: Buffer.alloc(0),
  hash: sha256(Buffer.from('isthmus audit')),
};

/** Binds number, predecessor and every column of every entry; JSON keeps texts apart from each other and from null. */
export function hashOf(number: number, previous: Buffer, rows: readonly EntryRow[]): Buffer {
  const lines = rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
  return sha256(Buffer.from([String(number), previous.toString('hex'), ...lines].join('\n')));
}

export const headOf = ({ number, hash }: SealRow): SealedHead => ({ number, hash: hash.toString('hex') });
