import type { Queryable } from '../../../foundation/database/index.ts';
import * as statements from './sql.ts';
import type { Question, Review, ReviewKind } from './types.ts';

interface ReviewRow {
  readonly id: number;
  readonly kind: ReviewKind;
  readonly one: string;
  readonly other: string;
  readonly probability: number | null;
  readonly score: string | null;
  readonly model_version: string | null;
  readonly message_id: number | null;
  readonly held_until: Date | null;
  readonly state: Review['state'];
  readonly proposed_by: string | null;
  readonly proposed: string | null;
  readonly decided_by: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
  readonly event_id: number | null;
  readonly opened_at: Date;
  readonly decided_at: Date | null;
}

export interface Opened {
  readonly id: number;
  readonly kind: ReviewKind;
  readonly one: string;
  readonly other: string;
  readonly isNew: boolean;
}

/** Opens these questions; one that is open already gets the newest score. Pairs are kept in the order of ids. */
export async function openReviews(queryable: Queryable, questions: readonly Question[]): Promise<Opened[]> {
  if (questions.length === 0) return [];
  const unique = new Map(questions.map((question) => [keyOf(question), question]));
  const rows = await queryable.query<{
    id: number;
    kind: ReviewKind;
    one: string;
    other: string;
    is_new: boolean;
  }>(statements.openReviews, [JSON.stringify([...unique.values()].map(rowOf))]);
  return rows.map(({ is_new: isNew, ...row }) => ({ ...row, isNew }));
}

const keyOf = (question: Question): string => {
  const { kind, one, other, messageId } = question;
  return [kind, ...[one, other].sort(), messageId].join(' ');
};

const ordered = (one: string, other: string): readonly [string, string] =>
  other === '' || one < other ? [one, other] : [other, one];

function rowOf({ kind, one, other, score, at, ...rest }: Question): object {
  const [first, second] = ordered(one, other);
  return {
    kind,
    one: first,
    other: second,
    probability: rest.probability ?? null,
    score: score === undefined ? null : JSON.stringify(score),
    model_version: rest.modelVersion ?? null,
    message_id: rest.messageId ?? null,
    held_until: rest.heldUntil?.toISOString() ?? null,
    opened_at: at.toISOString(),
  };
}

/** Open questions of possible duplicates that one of these source patients is in. */
export async function openAbout(queryable: Queryable, sources: readonly string[]): Promise<Review[]> {
  if (sources.length === 0) return [];
  return (await queryable.query<ReviewRow>(statements.openAbout, [sources])).map(reviewOf);
}

/** They have answered themselves. */
export async function withdraw(
  queryable: Queryable,
  ids: readonly number[],
  { at, reason }: { readonly at: Date; readonly reason: string },
): Promise<void> {
  if (ids.length > 0) await queryable.query(statements.withdraw, [ids, at, reason]);
}

export async function readReview(
  queryable: Queryable,
  id: number,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<Review | undefined> {
  const [row] = await queryable.query<ReviewRow>(lock ? statements.lockReview : statements.readReview, [id]);
  return row && reviewOf(row);
}

/** The question that a message has raised about these, answered or not. */
export async function reviewOfMessage(
  queryable: Queryable,
  messageId: number,
  { kind, one, other }: Pick<Question, 'kind' | 'one' | 'other'>,
): Promise<Review | undefined> {
  const [row] = await queryable.query<ReviewRow>(statements.ofMessage, [
    messageId,
    kind,
    ...ordered(one, other),
  ]);
  return row && reviewOf(row);
}

/** Whether it is asked already whether a source patient is somebody else now, of what was written. */
export const isSuspected = async (queryable: Queryable, source: string): Promise<boolean> =>
  (await queryable.query(statements.suspected, [source])).length > 0;

/** Those among these over whom somebody else may have been registered: a person is asked, or has said so when it was written already. */
export async function overlaid(queryable: Queryable, sources: readonly string[]): Promise<Set<string>> {
  const rows = await queryable.query<{ one: string }>(statements.overlaid, [sources]);
  return new Set(rows.map(({ one }) => one));
}

/** Opens the questions again that this decision had answered; returns the source patients they are about. */
export async function reopenOf(queryable: Queryable, eventId: number): Promise<string[]> {
  const rows = await queryable.query<{ one: string; other: string }>(statements.reopen, [eventId]);
  return [...new Set(rows.flatMap(({ one, other }) => [one, other].filter(Boolean)))];
}

export interface ReviewFilter {
  readonly state?: Review['state'];
  readonly kind?: ReviewKind;
  /** A source patient or person who is in it. */
  readonly about?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** What waits for a person: what holds messages first, then the most probable. */
export async function listReviews(queryable: Queryable, filter: ReviewFilter = {}): Promise<Review[]> {
  const { state = 'open', kind = '', about = '', limit = 100, offset = 0 } = filter;
  const rows = await queryable.query<ReviewRow>(statements.listReviews, [state, kind, about, limit, offset]);
  return rows.map(reviewOf);
}

function reviewOf(row: ReviewRow): Review {
  const { proposed_by: proposer, proposed, decided_by: decider, decision, decided_at: decidedAt } = row;
  return {
    id: row.id,
    kind: row.kind,
    one: row.one,
    other: row.other,
    state: row.state,
    openedAt: row.opened_at,
    ...(row.probability === null ? {} : { probability: row.probability }),
    ...(row.score === null ? {} : { score: JSON.parse(row.score) as object }),
    ...(row.model_version === null ? {} : { modelVersion: row.model_version }),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
    ...(row.held_until === null ? {} : { heldUntil: row.held_until }),
    ...(proposer === null || proposed === null ? {} : { proposed: { by: proposer, answer: proposed } }),
    ...(decider === null || decision === null || decidedAt === null
      ? {}
      : { decided: { by: decider, answer: decision, at: decidedAt } }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.event_id === null ? {} : { eventId: row.event_id }),
  };
}
