import type { Database, Transaction } from '../database/index.ts';
import {
  type EntryRow,
  GENESIS,
  hashOf,
  headOf,
  MAX_ENTRIES,
  type SealedHead,
  type SealRow,
} from './chain.ts';
import * as statements from './sql.ts';

/**
 * Seals what was recorded since the last seal and can't change its place any more, in batches. To be called now and then, by one node or
 * several, and then `anchorAudit`. Returns the head; when the signal aborts, that of the batch in hand, and the rest waits for the next call.
 */
export async function sealAudit(database: Database, signal?: AbortSignal): Promise<SealedHead> {
  for (;;) {
    const { seal, isLast } = await database.transaction(sealBatch);
    if (isLast || signal?.aborted) return headOf(seal);
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
