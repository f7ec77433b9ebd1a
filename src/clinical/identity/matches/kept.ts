import type { Transaction } from '../../../foundation/database/index.ts';
import { readMembersOf } from './candidates.ts';
import { keysOf, type Refreshed } from './features.ts';

/** Source patients as they were last seen, to look for others once more. */
export async function keptOf(transaction: Transaction, sources: readonly string[]): Promise<Refreshed[]> {
  const wanted = new Set(sources);
  const members = await readMembersOf(transaction, [], sources);
  return members
    .filter(({ source }) => wanted.has(source))
    .map((one) => ({ ...one, keys: keysOf(one.features), before: one.features }));
}
