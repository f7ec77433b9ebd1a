import type { RecordTransaction, WriteOutcome } from '../../clinical/record/index.ts';
import type { Transaction } from '../../foundation/database/index.ts';

/**
 * Hears of Patients that were written, in the transaction that wrote them (clinical/identity looks whether they are known already). Returns the ids of
 * those that were published anew because of it.
 */
export type ObservePatients = (
  transaction: Transaction,
  sources: readonly string[],
) => Promise<ReadonlySet<string>>;

const isChanged = ({ kind, type }: WriteOutcome): boolean =>
  type === 'Patient' && (kind === 'created' || kind === 'updated' || kind === 'deleted');

/** What came of the writes, as it stands after their Patients were looked at. */
export async function observed(
  transaction: Transaction,
  outcomes: readonly WriteOutcome[],
  { record, observe }: { readonly record: RecordTransaction; readonly observe: ObservePatients | undefined },
): Promise<readonly WriteOutcome[]> {
  const changed = outcomes.filter(isChanged).map(({ id }) => id);
  if (!observe || changed.length === 0) return outcomes;
  const anew = await observe(transaction, [...new Set(changed)]);
  if (anew.size === 0) return outcomes;
  return Promise.all(
    outcomes.map(async (outcome) => {
      if (!isChanged(outcome) || outcome.kind === 'deleted' || !anew.has(outcome.id)) return outcome;
      const now = await record.read('Patient', outcome.id);
      if (!now) return outcome;
      const { version, lastUpdated, json } = now;
      return { ...outcome, version, lastUpdated, json };
    }),
  );
}
