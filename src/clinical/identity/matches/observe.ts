import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { NamedSql, Transaction } from '../../../foundation/database/index.ts';
import { type Comparison, compare, type FeatureOptions, type Model } from '../../matching/index.ts';
import type { Change } from '../../record/index.ts';
import type { Persons } from '../persons.ts';
import { openAbout, openReviews, withdraw } from '../reviews/store.ts';
import type { Question } from '../reviews/types.ts';
import type { Decision } from '../types.ts';
import { findPersons } from './candidates.ts';
import { type Decided, isOverlay, pairKey, type Standing, scoreOf, standingOf, verdictOf } from './decide.ts';
import { type Refreshed, refresh, type Seen } from './features.ts';
import { keptOf } from './kept.ts';
import { remark } from './marks.ts';
import * as statements from './sql.ts';

export interface Observing {
  readonly persons: Persons;
  readonly model: Model;
  readonly features?: FeatureOptions;
  readonly keyring?: Keyring;
}

export interface Observation {
  /** Source patients of whom something was said. */
  readonly sources: readonly string[];
  readonly at: Date;
  /** The message that said it, by source patient. */
  readonly messages?: ReadonlyMap<string, number>;
  /** Hears of Patients that are published anew because of it. */
  readonly onPublished?: (changes: readonly Change[]) => void;
  /** Looks for others although nothing changed: the reconciliation. */
  readonly again?: boolean;
}

/** What came of one whose statement changed. */
export interface Observed {
  readonly source: string;
  readonly outcome: 'linked' | 'provisional' | 'alone';
  /** The person it belongs to now. */
  readonly person: string;
}

/**
 * Looks whether source patients of whom something was said are persons who are known already (docs/design/identity.md): one who is the same beyond
 * doubt is linked, whoever may be is marked and put to a person, and data flow on either way. Nothing that people decided is touched, and
 * nobody is parted. Within the transaction that wrote what was said.
 */
export async function observe(
  transaction: Transaction,
  observation: Observation,
  observing: Observing,
): Promise<Observed[]> {
  const refreshed = await refresh(transaction, observation.sources, { ...observing, at: observation.at });
  const looking = await lookingOf(transaction, refreshed, observation);
  if (looking.length === 0) return [];
  const found = await findPersons(
    transaction,
    looking,
    looking.map(({ source }) => source),
  );
  const round = new Round(found.persons, await decidedOf(transaction, found.persons), observing, observation);
  for (const [n, one] of looking.entries()) round.look(one, found.candidates[n] ?? []);
  await round.link(transaction);
  await round.ask(transaction, looking);
  await transaction.query(statements.setCompared, [
    looking.map(({ source }) => source),
    observing.model.version,
  ]);
  return looking.map(({ source }) => round.outcomeOf(source));
}

/** Those that changed, and when everybody is to look again, the others as they are kept. */
async function lookingOf(
  transaction: Transaction,
  refreshed: readonly Refreshed[],
  { sources, again = false }: Observation,
): Promise<readonly Refreshed[]> {
  if (!again) return refreshed;
  const done = new Set(refreshed.map(({ source }) => source));
  return [
    ...refreshed,
    ...(await keptOf(
      transaction,
      sources.filter((source) => !done.has(source)),
    )),
  ];
}

async function decidedOf(
  transaction: Transaction,
  persons: ReadonlyMap<string, readonly Seen[]>,
): Promise<Decided> {
  const sources = [...persons.values()].flatMap((members) => members.map(({ source }) => source));
  if (sources.length < 2) return { notSame: new Set(), parted: new Set() };
  return {
    notSame: await pairsOf(transaction, statements.readNotSame, sources),
    parted: await pairsOf(transaction, statements.readParted, sources),
  };
}

async function pairsOf(
  transaction: Transaction,
  statement: NamedSql,
  sources: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await transaction.query<{ one: string; other: string }>(statement, [sources]);
  return new Set(rows.map(({ one, other }) => pairKey(one, other)));
}

/** One after the other, each seeing what was decided of those before. */
class Round {
  readonly #persons: Map<string, readonly Seen[]>;
  readonly #personOf = new Map<string, string>();
  readonly #decided: Decided;
  readonly #observing: Observing;
  readonly #observation: Observation;
  readonly #questions: Question[] = [];
  readonly #links: { readonly source: string; readonly standing: Standing }[] = [];
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

  /** Carries out the links of the round. What a decision of people stands against is put to people; data flow on. */
  async link(transaction: Transaction): Promise<void> {
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
      if (!link) continue;
      this.#linked.delete(link.source);
      this.#personOf.delete(link.source);
      this.#question(link.standing);
    }
    this.#observation.onPublished?.(change.published);
  }

  /** Opens the questions of the round, takes back those that no longer stand, and marks whom they are about. */
  async ask(transaction: Transaction, looking: readonly Refreshed[]): Promise<void> {
    const sources = looking.map(({ source }) => source);
    const before = await openAbout(transaction, sources);
    await openReviews(transaction, this.#questions);
    const asked = new Set(this.#questions.map(({ one, other }) => pairKey(one, other)));
    const looked = new Set(sources);
    // Who looked says all that it has to ask; what it asked before and does not any more has answered itself.
    const past = before.filter(
      ({ one, other }) => !asked.has(pairKey(one, other)) && (looked.has(one) || looked.has(other)),
    );
    const { at } = this.#observation;
    await withdraw(
      transaction,
      past.map(({ id }) => id),
      { at, reason: 'no longer so by what the sources say' },
    );
    const touched = [...this.#questions, ...past].filter(({ kind }) => kind === 'possible-duplicate');
    const marked = await remark(
      transaction,
      [...new Set(touched.flatMap(({ one, other }) => [one, other]))],
      this.#observing.persons,
    );
    this.#observation.onPublished?.(marked);
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
    if (again || !before || messages?.has(source) || !isOverlay(before, features, model)) return;
    const { probability, ...rest } = compare(before, features, model);
    this.#questions.push({
      ...{ kind: 'overlay', one: source, other: '', at, probability },
      score: scoreOf({ probability, ...rest }),
      modelVersion: model.version,
    });
  }

  /** A source that has changed and is like none of its person's others any more: never parted by itself, always asked. */
  #doubt(one: Refreshed, own: readonly Seen[]): void {
    const others = own.filter(({ source }) => source !== one.source);
    if (!one.before || others.length === 0) return;
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
