import {
  type Answered,
  type Answering,
  historyOf,
  type Identity,
  type IdentityChange,
  type IdentityEventRecord,
  numbersOf,
  personOf,
  type Review,
  type ReviewFilter,
  type SideBySide,
  sourcesOf,
} from '../../../clinical/identity/index.ts';
import {
  type Json,
  type ReaderOptions,
  type RecordTransaction,
  recordTransaction,
  type Said,
  type StoredResource,
  saidBy,
} from '../../../clinical/record/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { actorOf, type Deciding, decided, decisionOf, entryOf, tellDecision } from './deciding.ts';

/** Two patients to be made one. */
export interface MergeAsked {
  /** Id of the source patient, or of the person, who is merged into `target`. */
  readonly source: string;
  readonly target: string;
  /** The source's number retires; it is of the target's authority, or it is refused. */
  readonly numbers: boolean;
  readonly reason: string;
  /** What the target's own source says from now on, whole. */
  readonly result?: Json;
  /** Nothing is written, and refused is what would be. */
  readonly preview: boolean;
}

export interface Merged {
  readonly change: IdentityChange;
  /** The Patient who stays, as it is published then. */
  readonly result: StoredResource | undefined;
}

/** Who is who, for those who decide it. Every decision is in the audit trail if and only if it was committed; throws what identity refuses. */
export interface Stewardship {
  /** What each source says of a patient: everybody of its person, in the order of ids; undefined for a patient who is not known. */
  sources(id: string): Promise<readonly Said[] | undefined>;
  /** The newest decisions about a patient and its person, oldest first; undefined for one who is not known. */
  history(id: string, limit: number): Promise<readonly IdentityEventRecord[] | undefined>;
  reviews(filter: ReviewFilter): Promise<readonly Review[]>;
  /** Both sides, field by field. Throws NOT_FOUND. */
  review(id: number): Promise<SideBySide>;
  answer(answer: Pick<Answering, 'id' | 'answer' | 'reason' | 'part'>): Promise<Answered>;
  merge(asked: MergeAsked): Promise<Merged>;
  undo(eventId: number, reason: string): Promise<IdentityChange>;
}

interface Parts extends Deciding, ReaderOptions {
  readonly identity: Identity;
}

export function stewardship(parts: Parts): Stewardship {
  const { database, identity, context, keyring } = parts;
  const known = async (id: string): Promise<string | undefined> => {
    const person = await personOf(database, id);
    return person ?? ((await sourcesOf(database, id)).length > 0 ? id : undefined);
  };
  return {
    async sources(id) {
      const person = await known(id);
      return person === undefined ? undefined : saidBy(database, await sourcesOf(database, person), keyring);
    },
    async history(id, limit) {
      return (await known(id)) === undefined ? undefined : historyOf(database, id, { limit });
    },
    reviews: (filter) => identity.reviews.list(filter),
    async review(id) {
      const review = await identity.reviews.read(id);
      if (!review)
        throw new IsthmusError('NOT_FOUND', { place: 'review', rule: 'there is no such question' });
      return identity.sideBySide(review);
    },
    answer: (answer) => identity.answer({ ...answer, by: actorOf(context) }),
    merge: (asked) => merge(asked, parts),
    undo: (eventId, reason) =>
      decided(database, async (transaction) => {
        const change = await identity.undo(transaction, { eventId, decision: decisionOf(parts, reason) });
        await tellDecision(transaction, 'identity.undo', { ...parts, change });
        return change;
      }),
  };
}

/** What was tried is taken back by the transaction that tried it. */
class Previewed extends Error {
  readonly merged: Merged;

  constructor(merged: Merged) {
    super('previewed');
    this.merged = merged;
  }
}

async function merge(asked: MergeAsked, parts: Parts): Promise<Merged> {
  try {
    return await decided(parts.database, async (transaction) => {
      const merged = await mergeIn(transaction, asked, parts);
      if (asked.preview) throw new Previewed(merged);
      return merged;
    });
  } catch (thrown) {
    if (thrown instanceof Previewed) return thrown.merged;
    throw thrown;
  }
}

async function mergeIn(transaction: Transaction, asked: MergeAsked, parts: Parts): Promise<Merged> {
  const { identity, context, audit, clock, scope, keyring } = parts;
  const { source, target, numbers, reason, result } = asked;
  const change = await identity.merge(transaction, {
    ...{ source, target, numbers },
    decision: decisionOf(parts, reason),
  });
  await tellDecision(transaction, 'identity.merge', { ...parts, change });
  const origin = { system: context.who };
  const record = recordTransaction(transaction, origin, { scope, ...(keyring ? { keyring } : {}) });
  const person = (await numbersOf(transaction, [target]))[0]?.person ?? target;
  if (result) {
    await write(record, result, person);
    await audit?.recordAllIn(transaction, [entryOf('record.update', `Patient/${person}`, context)]);
    await identity.observe(transaction, { sources: [person], at: clock.now() });
  }
  return { change, result: await record.read('Patient', person) };
}

async function write(record: RecordTransaction, result: Json, person: string): Promise<void> {
  if (result.id !== person)
    throw new IsthmusError('INVALID_REQUEST', {
      place: 'result-patient',
      rule: 'the id of the patient who stays',
    });
  await record.write([{ op: 'update', method: 'PUT', resource: result, mustExist: true }]);
}
