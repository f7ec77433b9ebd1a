import { sha256 } from '../crypto/index.ts';
import type { Database, Transaction } from '../database/index.ts';
import * as statements from './sql.ts';

export interface SealedHead {
  /** Number of the last seal; 0 when there is none. */
  readonly number: number;
  /** Its hash in hex, to be kept outside the database: only with it a tail that was cut off is noticed. */
  readonly hash: string;
}

export type AuditVerdict =
  | { readonly intact: true; readonly head: SealedHead; readonly entries: number }
  /** `seal` is the first that does not fit; what lies before it is intact. */
  | { readonly intact: false; readonly seal: number; readonly rule: string };

interface EntryRow {
  readonly id: number;
  readonly transaction_id: string;
  readonly [column: string]: string | number | null;
}

interface SealRow {
  readonly number: number;
  readonly transaction_id: string;
  readonly last_id: number;
  readonly entries: number;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
}

/** Entries under one seal at most; bounds memory here and when verifying. */
const MAX_ENTRIES = 1_000;
const SEALS_AT_ONCE = 100;
const GENESIS: SealRow = {
  number: 0,
  transaction_id: '0',
  last_id: 0,
  entries: 0,
  previous_hash: Buffer.alloc(0),
  hash: sha256(Buffer.from('isthmus audit')),
};

/**
 * Seals what was recorded since the last seal and can't change its place any more, in batches. To be called now and then, by one node or
 * several; returns the head, to be written where the database's owner can't change it.
 */
export async function sealAudit(database: Database): Promise<SealedHead> {
  for (;;) {
    const { seal, isLast } = await database.transaction(sealBatch);
    if (isLast) return headOf(seal);
  }
}

async function sealBatch(transaction: Transaction): Promise<{ seal: SealRow; isLast: boolean }> {
  await transaction.query(statements.lockSeals);
  const [previous = GENESIS] = await transaction.query<SealRow>(statements.lastSeal);
  const after = [previous.transaction_id, previous.last_id, MAX_ENTRIES];
  const rows = await transaction.query<EntryRow>(statements.unsealed, after);
  const last = rows.at(-1);
  if (!last) return { seal: previous, isLast: true };
  const number = previous.number + 1;
  const hash = hashOf(number, previous.hash, rows);
  const values = [number, last.transaction_id, last.id, rows.length, previous.hash, hash];
  await transaction.query(statements.insertSeal, values);
  const seal = {
    ...previous,
    number,
    transaction_id: last.transaction_id,
    last_id: last.id,
    entries: rows.length,
    hash,
  };
  return { seal, isLast: rows.length < MAX_ENTRIES };
}

/** Binds number, predecessor and every column of every entry; JSON keeps texts apart from each other and from null. */
function hashOf(number: number, previous: Buffer, rows: readonly EntryRow[]): Buffer {
  const lines = rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
  return sha256(Buffer.from([String(number), previous.toString('hex'), ...lines].join('\n')));
}

const headOf = ({ number, hash }: SealRow): SealedHead => ({ number, hash: hash.toString('hex') });

/**
 * Computes the chain again from the entries. Finds entries that were changed, removed or added under a seal, seals that were changed, and,
 * given the head that was kept outside, a tail that was cut off or a chain that was made anew.
 */
export async function verifyAudit(database: Database, anchor?: SealedHead): Promise<AuditVerdict> {
  let previous = GENESIS;
  let entries = 0;
  for (;;) {
    const seals = await database.query<SealRow>(statements.seals, [previous.number, SEALS_AT_ONCE]);
    for (const seal of seals) {
      const rule = await mistakeIn(database, previous, seal);
      if (rule) return { intact: false, seal: seal.number, rule };
      if (seal.number === anchor?.number && seal.hash.toString('hex') !== anchor.hash) {
        return { intact: false, seal: seal.number, rule: 'the chain is not the one that was anchored' };
      }
      entries += seal.entries;
      previous = seal;
    }
    if (seals.length < SEALS_AT_ONCE) break;
  }
  if (anchor && previous.number < anchor.number) {
    return {
      intact: false,
      seal: previous.number + 1,
      rule: 'the chain ends before the seal that was anchored',
    };
  }
  return { intact: true, head: headOf(previous), entries };
}

async function mistakeIn(database: Database, previous: SealRow, seal: SealRow): Promise<string | undefined> {
  if (seal.number !== previous.number + 1) return 'a seal is missing before this one';
  if (!seal.previous_hash.equals(previous.hash)) return 'it does not follow from the seal before';
  const range = [
    previous.transaction_id,
    previous.last_id,
    seal.transaction_id,
    seal.last_id,
    MAX_ENTRIES + 1,
  ];
  const rows = await database.query<EntryRow>(statements.sealedBy, range);
  if (rows.length !== seal.entries) return `it covers ${seal.entries} entries and there are ${rows.length}`;
  return hashOf(seal.number, previous.hash, rows).equals(seal.hash)
    ? undefined
    : 'an entry under it was changed';
}
