import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { type Persons, sourcesOf } from '../persons.ts';
import type { Decision, IdentityChange } from '../types.ts';
import * as statements from './sql.ts';
import { readReview } from './store.ts';
import { companyOf, tidy } from './tidy.ts';
import type { Review } from './types.ts';

/** Of two source patients: one person or not. Of an update or a merge that is held: it is right, or it is another's. */
export type Answer = 'same' | 'different';

export interface Answering {
  readonly id: number;
  readonly answer: Answer;
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
  /** Of a suspicious cluster that is answered `different`: who leaves it. */
  readonly part?: string;
}

export interface Deciding {
  readonly persons: Persons;
  /** Two people have to answer alike. */
  readonly dualControl: boolean;
  /** How two who are the same are brought together. Default: linked, and the chart that more sources know stays. */
  readonly unite?: (decision: Decision) => Promise<IdentityChange>;
}

export interface Answered {
  /** As it stood before, with whom and what it is about. */
  readonly review: Review;
  /** `proposed`: a second person has to confirm it. */
  readonly state: 'proposed' | 'decided';
  /** What was changed by it. */
  readonly change?: IdentityChange;
  /** An update that was held and is answered `different` when its time was over: what it says may stand on the chart already. */
  readonly isLate?: true;
}

/**
 * Answers a question, and carries out what follows from it, in the caller's transaction. Throws NOT_FOUND; CONFLICT for one that is no longer open;
 * IDENTITY_REFUSED, with what stands in the way, also where under dual control the same person answers twice. Who answers otherwise than the one before
 * proposes anew: whatever two in a row agree on is carried out.
 */
export async function answerReview(
  transaction: Transaction,
  answering: Answering,
  deciding: Deciding,
): Promise<Answered> {
  const review = await readReview(transaction, answering.id, { lock: true });
  if (!review) throw new IsthmusError('NOT_FOUND', { place: 'review', rule: 'there is no such question' });
  if (review.state !== 'open' && review.state !== 'proposed')
    throw new IsthmusError('CONFLICT', { place: 'review', rule: `the question is ${review.state}` });
  const { id, answer, by, reason, at } = answering;
  if (deciding.dualControl && review.proposed?.answer !== answer) {
    await transaction.query(statements.propose, [id, by, answer, reason]);
    return { review, state: 'proposed' };
  }
  if (deciding.dualControl && review.proposed?.by === by)
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'two people decide; the second is somebody else' });
  const actor = review.proposed && deciding.dualControl ? `${review.proposed.by} and ${by}` : by;
  const change = await carriedOut(transaction, review, answering, {
    decision: { actor, reason, at },
    ...deciding,
  });
  await transaction.query(statements.settle, [id, actor, answer, reason, change?.eventId ?? null, at]);
  if (review.kind === 'possible-duplicate' || change)
    await tidy(transaction, [review.one, review.other].filter(Boolean), { at, persons: deciding.persons });
  const isLate =
    review.kind === 'overlay' && answer === 'different' && (review.heldUntil?.getTime() ?? 0) <= at.getTime();
  return { review, state: 'decided', ...(change ? { change } : {}), ...(isLate ? { isLate } : {}) };
}

interface CarryingOut extends Pick<Deciding, 'persons' | 'unite'> {
  readonly decision: Decision;
}

async function carriedOut(
  transaction: Transaction,
  { kind, one, other, messageId }: Review,
  { answer, part }: Answering,
  { persons, decision, unite }: CarryingOut,
): Promise<IdentityChange | undefined> {
  switch (kind) {
    case 'possible-duplicate':
      if (answer === 'different') return persons.notSame(transaction, { one, other, decision });
      if (unite) return unite(decision);
      return persons.linkPersons(transaction, {
        ...{ one, other, decision },
        survivor: await larger(transaction, one, other),
      });
    case 'suspicious-cluster':
      if (answer === 'same') return undefined;
      return parted(transaction, one, part, { persons, decision });
    // The message that is held looks at the answer when it comes again.
    case 'overlay':
      return undefined;
    case 'contradictory-merge':
      return answer === 'same'
        ? undefined
        : takenBack(transaction, { one, other, messageId }, { persons, decision });
  }
}

/** The chart that more sources know keeps its number; of two alike the first by id. */
async function larger(transaction: Transaction, one: string, other: string): Promise<'one' | 'other'> {
  const [first, second] = [await companyOf(transaction, one), await companyOf(transaction, other)];
  return second.length > first.length ? 'other' : 'one';
}

/** A merge that nobody had answered in time was carried out: who says now that they are two takes it back. */
async function takenBack(
  transaction: Transaction,
  { one, other, messageId }: Pick<Review, 'one' | 'other'> & { readonly messageId: number | undefined },
  { persons, decision }: CarryingOut,
): Promise<IdentityChange | undefined> {
  if (messageId === undefined || !(await companyOf(transaction, one)).includes(other)) return undefined;
  const [event] = await transaction.query<{ id: number }>(statements.eventOfMessage, [messageId, one, other]);
  return event && persons.undo(transaction, { eventId: event.id, decision });
}

/** Who leaves is not the same as anybody who stays, or the algorithm would bring them together again. */
async function parted(
  transaction: Transaction,
  person: string,
  part: string | undefined,
  { persons, decision }: CarryingOut,
): Promise<IdentityChange> {
  const sources = await sourcesOf(transaction, person);
  if (part === undefined || !sources.includes(part))
    throw new IsthmusError('IDENTITY_REFUSED', {
      place: 'part',
      rule: 'one of the source patients of the person',
    });
  const change = await persons.unlink(transaction, { source: part, decision });
  const left = await companyOf(transaction, part);
  for (const stays of sources.filter((source) => !left.includes(source)))
    await persons.notSame(transaction, { one: part, other: stays, decision });
  return change;
}
