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
  type PatientNumber,
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
  /** Who is merged into `target`. Where both are named by numbers of one system, the source's number retires; otherwise their persons are linked. */
  readonly source: NamedPatient;
  readonly target: NamedPatient;
  readonly reason: string;
  /** What the target's own source says from now on, whole. */
  readonly result?: Json;
  /** Nothing is written, and refused is what would be. */
  readonly preview: boolean;
}

/** By the id of a source patient or person, by numbers, or both: then all of them name one person. */
export interface NamedPatient {
  readonly id?: string;
  readonly numbers: readonly PatientNumber[];
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
  const { reason, result } = asked;
  const origin = { system: context.who };
  const record = recordTransaction(transaction, origin, { scope, ...(keyring ? { keyring } : {}) });
  const source = await sourceNamed(record, asked.source, { place: 'source-patient', transaction });
  const target = await sourceNamed(record, asked.target, { place: 'target-patient', transaction });
  const [goes, stays] = [asked.source.numbers[0], asked.target.numbers[0]];
  const numbers = goes !== undefined && goes.system === stays?.system;
  const change = await identity.merge(transaction, {
    ...{ source, target, numbers },
    decision: decisionOf(parts, reason),
  });
  await tellDecision(transaction, 'identity.merge', { ...parts, change });
  const person = (await numbersOf(transaction, [target]))[0]?.person ?? target;
  // What is only proposed changes nothing yet; the second asks with the result again.
  if (result && change.proposal === undefined) {
    await write(record, result, person);
    await audit?.recordAllIn(transaction, [entryOf('record.update', `Patient/${person}`, context)]);
    await identity.observe(transaction, { sources: [person], at: clock.now() });
  }
  return { change, result: await record.read('Patient', person) };
}

/** Throws INVALID_RESOURCE for a patient who is not known, and for names of several. */
async function sourceNamed(
  record: RecordTransaction,
  { id, numbers }: NamedPatient,
  { place, transaction }: { readonly place: string; readonly transaction: Transaction },
): Promise<string> {
  const found = await Promise.all(numbers.map((number) => record.sourceOf(number)));
  const ids = [...found, ...(id === undefined ? [] : [id])];
  const [named] = ids;
  const known = await numbersOf(transaction, [...new Set(ids.flatMap((one) => one ?? []))]);
  if (named === undefined || ids.some((one) => !known.some((other) => other.id === one)))
    throw new IsthmusError('INVALID_RESOURCE', { place, rule: 'a patient who is known' });
  if (new Set(known.map(({ person }) => person)).size > 1)
    throw new IsthmusError('INVALID_RESOURCE', { place, rule: 'one patient; these are several' });
  return named;
}

async function write(record: RecordTransaction, result: Json, person: string): Promise<void> {
  if (result.id !== person)
    throw new IsthmusError('INVALID_REQUEST', {
      place: 'result-patient',
      rule: 'the id of the patient who stays',
    });
  await record.write([{ op: 'update', method: 'PUT', resource: result, mustExist: true }]);
}
