import type { Transaction } from '../../../foundation/database/index.ts';
import type { Persons } from '../persons.ts';
import { openAbout } from '../reviews/store.ts';

/** Marks these source patients as possibly those with whom a question is open, and takes marks away where none is any more. */
export async function remark(
  transaction: Transaction,
  sources: readonly string[],
  persons: Persons,
): Promise<void> {
  if (sources.length === 0) return;
  const open = await openAbout(transaction, sources);
  for (const source of [...sources].sort()) {
    const possibleDuplicateOf = open.flatMap(({ one, other }) =>
      one === source ? [other] : other === source ? [one] : [],
    );
    await persons.mark(transaction, { source, possibleDuplicateOf });
  }
}
