import type { Transaction } from '../../../foundation/database/index.ts';
import * as statements from './sql.ts';

/**
 * Source patients that have to look for others once more: each was observed while another was, in transactions that could not see each other. Those
 * of whom it is certain that nobody was missed are settled. At most `limit` are looked at.
 */
export async function takeCrossed(transaction: Transaction, limit: number): Promise<string[]> {
  const rows = await transaction.query<{ source: string }>(statements.takeUnsettled, [limit]);
  return rows.map(({ source }) => source);
}
