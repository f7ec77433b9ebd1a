import type { Transaction } from '../../../foundation/database/index.ts';
import type { Change } from '../../record/index.ts';
import type { Persons } from '../persons.ts';
import { openAbout } from '../reviews/store.ts';

/**
 * Marks these source patients as possibly those with whom a question is open, and takes marks away where none is any more. Returns the Patients that are
 * published anew.
 */
export async function remark(
  transaction: Transaction,
  sources: readonly string[],
  persons: Persons,
): Promise<readonly Change[]> {
  if (sources.length === 0) return [];
  const open = await openAbout(transaction, sources);
  const marks = [...sources].sort().map((source) => ({
    source,
    possibleDuplicateOf: open.flatMap(({ one, other }) =>
      one === source ? [other] : other === source ? [one] : [],
    ),
  }));
  const { published } = await persons.mark(transaction, marks);
  return published;
}
