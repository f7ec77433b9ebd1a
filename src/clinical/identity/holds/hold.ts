import type { Database, Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Comparison, Model } from '../../matching/index.ts';
import { scoreOf } from '../matches/decide.ts';
import { isSuspected, openReviews, reviewOfMessage } from '../reviews/store.ts';
import type { Review, ReviewKind } from '../reviews/types.ts';

/** Why a message would have to wait for a person. */
export interface Holding {
  readonly kind: Extract<ReviewKind, 'overlay' | 'contradictory-merge'>;
  readonly messageId: number;
  /** The source patient that would be overwritten; of a merge who stays. */
  readonly one: string;
  /** Of a merge: who goes. */
  readonly other?: string;
  readonly comparison?: Comparison;
}

/** Whether a message waits, so long unless the question is answered before; or goes on, by an answer or because its time is over. */
export type Hold =
  | { readonly waits: true; readonly reviewId: number; readonly reason: string; readonly forMs: number }
  | { readonly waits: false; readonly isAnswered: boolean };

interface HoldOptions {
  readonly now: Date;
  readonly holdMs: number;
  readonly model: Model;
}

const REASONS = {
  overlay: 'it speaks of another person than its number: name, birth date and sex differ',
  'contradictory-merge': 'it merges two who are not the same person by all that is known',
} as const;

/**
 * It goes on when the question has been answered `same`, or the time is over. In transactions of its own, because the message's is rolled back. Throws IDENTITY_REFUSED once the question is answered `different`.
 */
export async function holdOf(database: Database, holding: Holding, options: HoldOptions): Promise<Hold> {
  const { kind, messageId, one, other = '', comparison } = holding;
  const known = await reviewOfMessage(database, messageId, { kind, one, other });
  if (known) return standingHold(known, holding, options.now);
  const { now, holdMs, model } = options;
  const [opened] = await openReviews(database, [
    {
      ...{ kind, one, other, messageId, at: now },
      heldUntil: new Date(now.getTime() + holdMs),
      ...(comparison
        ? { probability: comparison.probability, score: scoreOf(comparison), modelVersion: model.version }
        : {}),
    },
  ]);
  if (!opened) throw new IsthmusError('INTERNAL', { rule: 'a question that is opened has a number' });
  return { waits: true, reviewId: opened.id, reason: reasonOf(opened.id, kind), forMs: holdMs };
}

/** Asks about a message that is written all the same, in its transaction; once, while the question about its source patient is open. */
export async function suspect(
  transaction: Transaction,
  { kind, messageId, one, other = '', comparison }: Holding,
  { now, model }: Omit<HoldOptions, 'holdMs'>,
): Promise<void> {
  if (await isSuspected(transaction, one)) return;
  await openReviews(transaction, [
    {
      ...{ kind, one, other, messageId, at: now },
      ...(comparison
        ? { probability: comparison.probability, score: scoreOf(comparison), modelVersion: model.version }
        : {}),
    },
  ]);
}

function standingHold(review: Review, { kind }: Holding, now: Date): Hold {
  if (review.state === 'decided' && review.decided?.answer === 'different')
    throw new IsthmusError('IDENTITY_REFUSED', {
      place: `review ${review.id}`,
      rule: 'a person decided that it is about somebody else',
    });
  const isAnswered = review.state === 'decided';
  const forMs = (review.heldUntil?.getTime() ?? 0) - now.getTime();
  if (isAnswered || review.state === 'withdrawn' || forMs <= 0) return { waits: false, isAnswered };
  return { waits: true, reviewId: review.id, reason: reasonOf(review.id, kind), forMs };
}

const reasonOf = (id: number, kind: Holding['kind']): string => `identity review ${id}: ${REASONS[kind]}`;
