import type { Patient } from '@medplum/fhirtypes';
import { createAudit } from '../../foundation/audit/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import {
  classifyFailure,
  type Database,
  type Queryable,
  type Transaction,
} from '../../foundation/database/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { defaultModel, type FeatureOptions, type Model } from '../matching/index.ts';
import { type Hold, type Holding, holdOf, suspect } from './holds/hold.ts';
import { type Overlay, overlaysOf, type Told } from './holds/overlays.ts';
import { remark } from './matches/marks.ts';
import { type Matching, match } from './matches/match.ts';
import { observe } from './matches/observe.ts';
import { takeCrossed } from './matches/settle.ts';
import type { Observation, Observed, Observing } from './matches/types.ts';
import { type Merging, mergePatients, proposeMerge } from './merging.ts';
import { type CarryingOut, carryOutEvent } from './messages/carry-out.ts';
import { createPersons, type Persons } from './persons.ts';
import { type Reconciled, type ReconcileOptions, reconcile } from './reconcile/reconcile.ts';
import { type Answered, type Answering, answerReview } from './reviews/decide.ts';
import { type SideBySide, sideBySide } from './reviews/side-by-side.ts';
import { listReviews, openAbout, type ReviewFilter, readReview, reopenOf } from './reviews/store.ts';
import { tidy } from './reviews/tidy.ts';
import type { Review } from './reviews/types.ts';
import type { Decision, IdentityChange } from './types.ts';

/** What the site declares. */
export interface IdentitySettings {
  /** By what is compared. Default: the shipped model. */
  readonly model?: Model;
  /** What the site declares of authorities and placeholders. */
  readonly features?: FeatureOptions;
  /** Two people have to answer each question alike. Default false. */
  readonly dualControl?: boolean;
  /** So long does what would overwrite somebody wait for a person. Default 4 hours. */
  readonly holdMs?: number;
}

export interface IdentityOptions extends IdentitySettings {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opens and seals contents, as the record's. */
  readonly keyring?: Keyring;
  /** What the configuration in force declares instead; asked for each time. */
  readonly settings?: () => IdentitySettings;
  /** What a message that is held says of a source patient, for who has to answer for it. */
  readonly readMessage?: (messageId: number, source: string) => Promise<Patient | undefined>;
  /** Called when the question that held a message has been answered, after the commit: whoever holds it lets it go on. */
  readonly onAnswered?: (answered: Answered, answering: Answering) => Promise<void>;
}

export interface Identity {
  readonly persons: Persons;
  readonly model: Model;
  /**
   * Looks whether source patients of whom something was said are persons who are known already: within the transaction that wrote it. One who is the
   * same beyond doubt is linked, who may be is marked and put to a person. Never refuses.
   */
  observe(transaction: Transaction, observation: Observation): Promise<Observed[]>;
  /** Observes once more those that were observed by transactions that could not see each other; returns how many (at most `limit`). */
  settle(limit?: number): Promise<number>;
  /** Compares again whom another model compared, and looks whether each person's sources hold together; see reconcile/reconcile.ts. */
  reconcile(options?: Omit<ReconcileOptions, 'at'>): Promise<Reconciled>;
  /** Persons whom a patient may be; nothing is written. */
  match(patient: Patient): Promise<Matching>;
  /** Which of these statements contradict what is known of their source patients, beyond doubt or so that it is to be asked; in their order. */
  overlays(queryable: Queryable, told: readonly Told[]): Promise<Overlay[]>;
  /** Whether a message has to wait for a person; opens the question in a transaction of its own. Throws IDENTITY_REFUSED once it is answered `different`. */
  hold(holding: Holding): Promise<Hold>;
  /** Puts a message to a person that is written all the same, in its transaction. */
  suspect(transaction: Transaction, holding: Holding): Promise<void>;
  /**
   * Carries out what a message of HL7 v2 says about who is who, within the transaction that writes what else it says; what is so already has no
   * effect. Throws IDENTITY_REFUSED, with the rule, for what can't be, and what `ask` throws.
   */
  carryOut(transaction: Transaction, carrying: CarryingOut): Promise<IdentityChange[]>;
  /** Answers a question and carries it out, in a transaction of its own, audited. Throws NOT_FOUND, CONFLICT, IDENTITY_REFUSED. */
  answer(answering: Omit<Answering, 'at'>): Promise<Answered>;
  /** Makes two patients one on somebody's word, in the caller's transaction; see merging.ts. */
  merge(transaction: Transaction, merging: Merging): Promise<IdentityChange>;
  /** Decides that two source patients are not the same, and closes the question whether they are; in the caller's transaction. Throws IDENTITY_REFUSED. */
  notSame(
    transaction: Transaction,
    pair: { readonly one: string; readonly other: string; readonly decision: Decision },
  ): Promise<IdentityChange>;
  /** Takes a decision back, exactly, and opens its question again; in the caller's transaction. */
  undo(
    transaction: Transaction,
    undo: { readonly eventId: number; readonly decision: Decision },
  ): Promise<IdentityChange>;
  readonly reviews: {
    list(filter?: ReviewFilter): Promise<Review[]>;
    read(id: number): Promise<Review | undefined>;
  };
  /** Both sources' statements, field by field. For whom may see both: nothing is filtered here. */
  sideBySide(review: Review): Promise<SideBySide>;
}

const DEFAULT_HOLD_MS = 4 * 60 * 60 * 1000;
const ATTEMPTS = 5;
const SETTLED_AT_ONCE = 200;

/** The Master Patient Index: matching, persons and questions to people, joined. */
export function createIdentity(options: IdentityOptions): Identity {
  const { database, clock, keyring } = options;
  const sealed = keyring ? { keyring } : {};
  const persons = createPersons(sealed);
  const inForce = () => ({ ...options, ...options.settings?.() });
  const judging = () => {
    const { model = defaultModel, features } = inForce();
    const asOf = clock.now().toISOString().slice(0, 10);
    return { ...{ model, asOf }, ...(features ? { features } : {}), ...sealed };
  };
  const observing = (): Observing => ({ persons, ...judging() });
  return {
    persons,
    get model() {
      return judging().model;
    },
    observe: (transaction, observation) => observe(transaction, observation, observing()),
    settle: (limit = SETTLED_AT_ONCE) =>
      repeated(database, (transaction) =>
        settle(transaction, limit, { observing: observing(), at: clock.now() }),
      ),
    reconcile: (reconciling = {}) =>
      reconcile({
        ...{ database, model: judging().model, options: { ...reconciling, at: clock.now() } },
        observe: (observation) =>
          repeated(database, (transaction) => observe(transaction, observation, observing())),
      }),
    match: (patient) => match(database, patient, judging()),
    overlays: (queryable, told) => overlaysOf(queryable, told, judging()),
    hold(holding) {
      const { holdMs = DEFAULT_HOLD_MS } = inForce();
      return holdOf(database, holding, { now: clock.now(), holdMs, model: judging().model });
    },
    suspect: (transaction, holding) =>
      suspect(transaction, holding, { now: clock.now(), model: judging().model }),
    carryOut: (transaction, carrying) =>
      carryOutEvent(transaction, carrying, { persons, judging: judging() }),
    answer: (answering) =>
      answer(answering, { ...options, persons, dualControl: inForce().dualControl ?? false }),
    merge: (transaction, merging) =>
      (inForce().dualControl ? proposeMerge : mergePatients)(transaction, merging, persons),
    async notSame(transaction, pair) {
      const change = await persons.notSame(transaction, pair);
      await tidy(transaction, [pair.one, pair.other], { at: pair.decision.at, persons });
      return change;
    },
    undo: (transaction, undo) => undoAndReopen(transaction, undo, persons),
    reviews: {
      list: (filter = {}) => listReviews(database, filter),
      read: (id) => readReview(database, id),
    },
    sideBySide: (review) =>
      sideBySide(database, review, {
        ...judging(),
        ...(options.readMessage ? { readMessage: options.readMessage } : {}),
      }),
  };
}

/** A transaction that met another one is done again. */
async function repeated<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (classifyFailure(error) !== 'conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

async function settle(
  transaction: Transaction,
  limit: number,
  { observing, at }: { readonly observing: Observing; readonly at: Date },
): Promise<number> {
  const sources = await takeCrossed(transaction, limit);
  await observe(transaction, { sources, at, again: true }, observing);
  return sources.length;
}

interface Deciding extends IdentityOptions {
  readonly persons: Persons;
  readonly dualControl: boolean;
}

async function answer(given: Omit<Answering, 'at'>, deciding: Deciding): Promise<Answered> {
  const { database, clock, onAnswered } = deciding;
  const answering = { ...given, at: clock.now() };
  const audit = createAudit(database);
  const answered = await repeated(database, async (transaction) => {
    const done = await answerReview(transaction, answering, deciding);
    await audit.recordIn(transaction, {
      action: done.state === 'decided' ? 'identity.answer' : 'identity.propose',
      actor: given.by,
      target: `identity-review ${given.id}`,
      outcome: 'success',
      reason: `${given.answer}: ${given.reason}`,
    });
    return done;
  });
  await onAnswered?.(answered, answering);
  return answered;
}

async function undoAndReopen(
  transaction: Transaction,
  undo: { readonly eventId: number; readonly decision: Decision },
  persons: Persons,
): Promise<IdentityChange> {
  const change = await persons.undo(transaction, undo);
  const reopened = await reopenOf(transaction, undo.eventId);
  const about = [...new Set([...change.moved, ...reopened])];
  const open = await openAbout(transaction, about);
  await remark(
    transaction,
    [...new Set([...about, ...open.flatMap(({ one, other }) => [one, other])])],
    persons,
  );
  return change;
}
