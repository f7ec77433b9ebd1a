import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { isShared } from '../entries.ts';
import type { RecordScope } from '../types.ts';
import type { IndexEntries } from './extract.ts';
import * as statements from './sql.ts';

/** What a scope lets a writer see and write. */
export interface Bounds {
  /** What it does not see does not exist for it. */
  sees(type: string, patients: readonly (string | null)[]): boolean;
  /** Throws FORBIDDEN when a resource with these entries would lie outside. */
  demand(type: string, entries: IndexEntries): void;
  /** Whether it may choose an id: who is told that it is taken learns that something is there. */
  readonly mayName: boolean;
}

const everything: Bounds = { sees: () => true, demand: () => undefined, mayName: true };

export async function boundsOf(transaction: Transaction, scope: RecordScope): Promise<Bounds> {
  if (scope.kind === 'everything') return everything;
  if (scope.kind === 'nothing') return within(new Set());
  const rows = await transaction.query<{ id: string }>(statements.sourcePatientsOf, [scope.person]);
  return within(new Set(rows.map(({ id }) => id)));
}

/** `own`: the source patients of whose compartments this is one. */
function within(own: ReadonlySet<string>): Bounds {
  return {
    sees: (type, patients) =>
      own.size > 0 && (isShared(type) || patients.some((id) => id !== null && own.has(id))),
    demand(type, { patients }) {
      // Whoever else it would lie with would see it, so all of them must be the one person.
      if (patients.length > 0 && patients.every((id) => own.has(id))) return;
      throw new IsthmusError('FORBIDDEN', { rule: `a ${type} outside the patient's compartment` });
    },
    mayName: false,
  };
}
