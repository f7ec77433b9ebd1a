import type { Transaction } from '../../../foundation/database/index.ts';
import type { Comparison } from '../../matching/index.ts';
import { openAbout, openReviews, overlaid, withdraw } from '../reviews/store.ts';
import type { Question, Review } from '../reviews/types.ts';
import type { Decision } from '../types.ts';
import {
  type Decided,
  pairKey,
  type Standing,
  scoreOf,
  standingOf,
  twoPersonsIn,
  verdictOf,
} from './decide.ts';
import type { Refreshed, Seen } from './features.ts';
import { remark } from './marks.ts';
import type { Observation, Observed, Observing } from './types.ts';

interface PlannedLink {
  readonly source: string;
  readonly standing: Standing;
}

/** So many are asked of one source patient at once: a thousand who look alike are no thousand questions to people. */
const MAX_QUESTIONS = 8;

/** One after the other, each seeing what was decided of those before. */
export class Round {
  readonly #persons: Map<string, readonly Seen[]>;
  readonly #personOf = new Map<string, string>();
  readonly #decided: Decided;
  readonly #observing: Observing;
  readonly #observation: Observation;
  readonly #questions: Question[] = [];
  readonly #links: PlannedLink[] = [];
  readonly #linked = new Set<string>();

  constructor(
    persons: ReadonlyMap<string, readonly Seen[]>,
    decided: Decided,
    observing: Observing,
    observation: Observation,
  ) {
    this.#persons = new Map(persons);
    for (const [person, members] of persons)
      for (const { source } of members) this.#personOf.set(source, person);
    this.#decided = decided;
    this.#observing = observing;
    this.#observation = observation;
  }

  look(one: Refreshed, candidates: readonly string[]): void {
    const own = this.#own(one);
    this.#doubt(one, own);
    this.#suspectOverlay(one);
    const standings = this.#others(candidates, one.source).flatMap(
      (others) => standingOf(own, others, { model: this.#observing.model, decided: this.#decided }) ?? [],
    );
    const verdict = verdictOf(standings);
    if (verdict.kind === 'alone') return;
    if (verdict.kind === 'link') this.#plan(one, verdict.with);
    for (const standing of verdict.review) this.#question(standing);
  }

  /** Carries out the links of the round. What a decision of people stands against, or a doubt whose statement it is, is put to people; data flow on. */
  async link(transaction: Transaction): Promise<void> {
    await this.#keepDoubtful(transaction);
    const { change, refused } = await this.#observing.persons.linkAll(
      transaction,
      this.#links.map(({ source, standing: { best } }) => ({
        one: best.other,
        other: best.one,
        decision: this.#decisionOf(source, best.comparison),
      })),
    );
    for (const n of refused) {
      const link = this.#links[n];
      if (link) this.#askInstead(link);
    }
    this.#observation.onPublished?.(change.published);
  }

  /** Where somebody else may have been registered over a source patient, the algorithm would bring two people's results together. */
  async #keepDoubtful(transaction: Transaction): Promise<void> {
    if (this.#links.length === 0) return;
    const membersOf = ({ source }: PlannedLink) =>
      this.#persons.get(this.#personOf.get(source) ?? source) ?? [];
    const sources = this.#links.flatMap((link) => [link.source, ...membersOf(link).map((one) => one.source)]);
    const doubtful = await overlaid(transaction, [...new Set(sources)]);
    for (const { kind, one } of this.#questions) if (kind === 'overlay') doubtful.add(one);
    if (doubtful.size === 0) return;
    for (const link of this.#links.splice(0)) {
      const { one, other } = link.standing.best;
      const about = [link.source, one, other, ...membersOf(link).map(({ source }) => source)];
      if (about.some((source) => doubtful.has(source))) this.#askInstead(link);
      else this.#links.push(link);
    }
  }

  #askInstead({ source, standing }: PlannedLink): void {
    this.#linked.delete(source);
    this.#personOf.delete(source);
    this.#question(standing);
  }

  /** Opens the questions of the round, takes back those that no longer stand, and marks whom they are about. */
  async ask(transaction: Transaction, looking: readonly Refreshed[]): Promise<void> {
    const sources = looking.map(({ source }) => source);
    const company = looking.flatMap((one) => this.#own(one).map(({ source }) => source));
    const before = await openAbout(transaction, [...new Set([...sources, ...company])]);
    const questions = await this.#bounded(transaction, this.#distinct(before));
    await openReviews(transaction, questions);
    const asked = new Set(questions.map((question) => this.#about(question)));
    const looked = new Set(sources);
    // Who looked says all that it has to ask; what it asked before and does not any more has answered itself.
    const past = before.filter(
      (review) => !asked.has(this.#about(review)) && (looked.has(review.one) || looked.has(review.other)),
    );
    const { at } = this.#observation;
    await withdraw(
      transaction,
      past.map(({ id }) => id),
      { at, reason: 'no longer so by what the sources say' },
    );
    const touched = [...questions, ...past].filter(({ kind }) => kind === 'possible-duplicate');
    const marked = await remark(
      transaction,
      [...new Set(touched.flatMap(({ one, other }) => [one, other]))],
      this.#observing.persons,
    );
    this.#observation.onPublished?.(marked);
  }

  /** Those that are open already, and of further possible duplicates the most probable. */
  async #bounded(transaction: Transaction, questions: readonly Question[]): Promise<readonly Question[]> {
    const about = questions.flatMap(({ kind, one, other }) =>
      kind === 'possible-duplicate' ? [one, other] : [],
    );
    if (about.length === 0) return questions;
    const counts = new Map<string, number>();
    const known = new Set<string>();
    const count = (source: string) => counts.set(source, (counts.get(source) ?? 0) + 1);
    for (const { one, other } of await openAbout(transaction, [...new Set(about)])) {
      known.add(pairKey(one, other));
      count(one);
      count(other);
    }
    const best = [...questions].sort((one, other) => (other.probability ?? 1) - (one.probability ?? 1));
    return best.filter(({ kind, one, other }) => {
      if (kind !== 'possible-duplicate' || known.has(pairKey(one, other))) return true;
      if ([one, other].some((source) => (counts.get(source) ?? 0) >= MAX_QUESTIONS)) return false;
      count(one);
      count(other);
      return true;
    });
  }

  /** One question about two persons, the most probable; where one is open already, that one, so that nobody who works at it is disturbed. */
  #distinct(open: readonly Review[]): readonly Question[] {
    const known = new Map(open.map((review) => [this.#about(review), review]));
    const distinct = new Map<string, Question>();
    for (const question of this.#questions) {
      const key = this.#about(question);
      const { one, other } = known.get(key) ?? question;
      const before = distinct.get(key);
      if (!before || (before.probability ?? 0) < (question.probability ?? 0))
        distinct.set(key, { ...question, one, other });
    }
    return [...distinct.values()];
  }

  /** What a question is about, by persons. */
  #about({ kind, one, other }: Pick<Question, 'kind' | 'one' | 'other'>): string {
    const personOf = (source: string) => this.#personOf.get(source) ?? source;
    return kind === 'possible-duplicate'
      ? pairKey(personOf(one), personOf(other))
      : `${kind} ${one} ${other}`;
  }

  /** Persons with whom a question about the source patient is open. */
  personsAskedAbout(source: string, open: readonly Review[]): string[] {
    return open.flatMap(({ one, other }) => {
      const person = this.#personOf.get(one === source ? other : one);
      return (one === source || other === source) && person !== undefined ? [person] : [];
    });
  }

  outcomeOf(source: string): Observed {
    const person = this.#personOf.get(source) ?? source;
    const isAsked = this.#questions.some(({ one, other }) => one === source || other === source);
    return {
      source,
      person,
      outcome: this.#linked.has(source) ? 'linked' : isAsked ? 'provisional' : 'alone',
    };
  }

  /** Everybody of its person, itself first. */
  #own(one: Refreshed): readonly Seen[] {
    const person = this.#personOf.get(one.source) ?? one.person;
    const members = this.#persons.get(person) ?? [];
    const own = members.find(({ source }) => source === one.source) ?? one;
    return [own, ...members.filter(({ source }) => source !== one.source)];
  }

  #others(candidates: readonly string[], source: string): (readonly Seen[])[] {
    const own = this.#personOf.get(source);
    const now = new Set(
      candidates.flatMap((candidate) => {
        // It may have become another's within this round.
        const [first] = this.#persons.get(candidate) ?? [];
        const person = first ? this.#personOf.get(first.source) : this.#personOf.get(candidate);
        return person === undefined || person === own ? [] : [person];
      }),
    );
    return [...now].flatMap((person) => {
      const members = this.#persons.get(person);
      return members ? [members] : [];
    });
  }

  #plan({ source }: Refreshed, standing: Standing): void {
    this.#links.push({ source, standing });
    this.#join(this.#personOf.get(source) ?? source, standing.person);
    this.#linked.add(source);
  }

  #decisionOf(source: string, comparison: Comparison): Decision {
    const { at, messages } = this.#observation;
    const messageId = messages?.get(source);
    const byRule = comparison.guards.includes('trusted-identifier');
    return {
      actor: byRule ? 'rule' : 'model',
      reason: byRule ? 'a trusted identifier' : 'the same beyond doubt',
      at,
      modelVersion: this.#observing.model.version,
      score: scoreOf(comparison),
      ...(messageId === undefined ? {} : { messageId }),
    };
  }

  #join(from: string, to: string): void {
    const moved = this.#persons.get(from) ?? [];
    for (const { source } of moved) this.#personOf.set(source, to);
    this.#persons.delete(from);
    this.#persons.set(to, [
      ...(this.#persons.get(to) ?? []),
      ...moved.map((one) => ({ ...one, person: to })),
    ]);
  }

  #question({ best: { one, other, comparison } }: Standing): void {
    this.#questions.push({
      kind: 'possible-duplicate',
      one,
      other,
      probability: comparison.probability,
      score: scoreOf(comparison),
      modelVersion: this.#observing.model.version,
      at: this.#observation.at,
    });
  }

  /** What no message can be held for, because it is written already (the API). */
  #suspectOverlay({ source, before, features }: Refreshed): void {
    const { model } = this.#observing;
    const { at, messages, again = false } = this.#observation;
    if (again || !before || messages?.has(source)) return;
    const found = twoPersonsIn(before, features, model);
    if (!found) return;
    this.#questions.push({
      ...{ kind: 'overlay', one: source, other: '', at, probability: found.comparison.probability },
      score: scoreOf(found.comparison),
      modelVersion: model.version,
    });
  }

  /**
   * A source that has changed and is like none of its person's others any more, or was never like them (a number that was merged before it said
   * anything): never parted by itself, always asked.
   */
  #doubt(one: Refreshed, own: readonly Seen[]): void {
    const others = own.filter(({ source }) => source !== one.source);
    if (others.length === 0) return;
    const { model } = this.#observing;
    const fits = others.some((other) => {
      const standing = standingOf([one], [other], { model, decided: this.#decided });
      return standing !== undefined && standing.outcome !== 'different';
    });
    if (fits) return;
    const { at } = this.#observation;
    const person = this.#personOf.get(one.source) ?? one.person;
    this.#questions.push({
      kind: 'suspicious-cluster',
      one: person,
      other: '',
      modelVersion: model.version,
      at,
    });
  }
}
