import type { Transaction } from '../../../foundation/database/index.ts';
import { rulesText, type TranslationRules } from '../translate/rules.ts';
import * as statements from './sql.ts';

/** A code that nothing translated, in one place of one message. */
export interface Seen {
  readonly rules: TranslationRules;
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly element: string;
  /** The system that sent it. */
  readonly source: string;
  readonly messageId: number | undefined;
}

interface Counted extends Seen {
  count: number;
}

/** Counts them in the caller's transaction, so that a batch that is run again counts once. One statement, in one order for everybody. */
export async function countMissing(transaction: Transaction, seen: readonly Seen[]): Promise<void> {
  if (seen.length === 0) return;
  const byKey = new Map<string, Counted>();
  for (const one of seen) {
    const key = JSON.stringify([one.rules.name, one.system, one.code, one.element, one.source]);
    const count = (byKey.get(key)?.count ?? 0) + 1;
    byKey.set(key, { ...one, count });
  }
  const rows = [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, counted]) => counted);
  await transaction.query(statements.countUnmapped, [
    rows.map(({ rules }) => rules.name),
    rows.map(({ system }) => system),
    rows.map(({ code }) => code),
    rows.map(({ display }) => display ?? null),
    rows.map(({ element }) => element),
    rows.map(({ source }) => source),
    rows.map(({ count }) => count),
    rows.map(({ messageId }) => messageId ?? null),
    rows.map(({ rules }) => rulesText(rules)),
  ]);
}
