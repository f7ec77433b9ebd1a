import type { Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { numbersOf } from './numbers.ts';
import type { Persons } from './persons.ts';
import { answerReview } from './reviews/decide.ts';
import { openAbout, openReviews } from './reviews/store.ts';
import { tidy } from './reviews/tidy.ts';
import type { Decision, IdentityChange } from './types.ts';
import { nothing } from './working.ts';

/** Two patients that somebody says are one. */
export interface Merging {
  /** Id of the source patient, or of the person, who stays. */
  readonly target: string;
  /** Who is merged into it. */
  readonly source: string;
  /** Only a number retires (of the same authority, or it is refused); otherwise persons are linked and their numbers stay in use. */
  readonly numbers: boolean;
  readonly decision: Decision;
}

/**
 * Makes two patients one, and closes the questions that are answered by it, in the caller's transaction. Throws IDENTITY_REFUSED, also where a person decided
 * that they are not the same.
 */
export async function mergePatients(
  transaction: Transaction,
  merging: Merging,
  persons: Persons,
): Promise<IdentityChange> {
  const { numbers, decision } = merging;
  const [stays, goes] = await pairOf(transaction, merging);
  const change = numbers
    ? await persons.mergeNumbers(transaction, { surviving: stays, retired: goes, decision })
    : await persons.linkPersons(transaction, { one: stays.id, other: goes.id, survivor: 'one', decision });
  await tidy(transaction, change.moved, { at: decision.at, persons });
  return change;
}

/** Where two people have to decide: what the first says is a proposal, under the question about the two, and what the second says carries it out. */
export async function proposeMerge(
  transaction: Transaction,
  merging: Merging,
  persons: Persons,
): Promise<IdentityChange> {
  const { actor: by, reason, at } = merging.decision;
  const [stays, goes] = await pairOf(transaction, merging);
  const open = (await openAbout(transaction, [stays.id])).find(
    ({ one, other }) => one === goes.id || other === goes.id,
  );
  const [opened] = open
    ? [open]
    : await openReviews(transaction, [{ kind: 'possible-duplicate', one: stays.id, other: goes.id, at }]);
  if (!opened) throw new IsthmusError('INTERNAL', { rule: 'a question that is opened has a number' });
  const answering = { id: opened.id, answer: 'same' as const, by, reason, at };
  const { change } = await answerReview(transaction, answering, {
    ...{ persons, dualControl: true },
    unite: (decision) => mergePatients(transaction, { ...merging, decision }, persons),
  });
  return change ?? { ...nothing, proposal: opened.id };
}

async function pairOf(transaction: Transaction, { target, source }: Merging) {
  const known = await numbersOf(transaction, [target, source]);
  const [stays, goes] = [target, source].map((id) => known.find((one) => one.id === id));
  if (!stays || !goes) throw new IsthmusError('IDENTITY_REFUSED', { rule: 'there is no such patient' });
  if (stays.id === goes.id)
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'a patient is not merged into itself' });
  return [stays, goes] as const;
}
