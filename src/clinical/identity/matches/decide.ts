import { type Comparison, compare, type Features, type Model } from '../../matching/index.ts';
import type { Seen } from './features.ts';

/** One source patient beside another, with what the engine says of them. */
interface Pair {
  readonly one: string;
  readonly other: string;
  readonly comparison: Comparison;
}

/** How a person stands to a group of source patients who are one person today. */
export interface Standing {
  readonly person: string;
  readonly outcome: 'same' | 'review' | 'different';
  /** The pair that says it best. */
  readonly best: Pair;
}

/** What people decided and the algorithm leaves alone. */
export interface Decided {
  /** Pairs of source patients that somebody decided are not the same. */
  readonly notSame: ReadonlySet<string>;
  /** Pairs of persons that somebody parted: only a person brings them together again. */
  readonly parted: ReadonlySet<string>;
}

export const pairKey = (one: string, other: string): string =>
  one < other ? `${one} ${other}` : `${other} ${one}`;

/** Guards that say of two source patients: they can't be joined, even through a third. */
const CONTRADICTS: ReadonlySet<string> = new Set([
  'overlay',
  'same-authority-other-number',
  'suffix',
  'twin',
  'sibling',
  'household',
]);

/** So many pairs are compared; of larger persons those with the first of `own`, and whether they are the same is for people. */
const MAX_PAIRS = 2_000;

/**
 * How another person stands to an own one. The same only if a pair is the same and no pair contradicts it: what one source has in common with
 * each of two is no reason to join the two. Undefined where a person decided that they are not the same.
 */
export function standingOf(
  own: readonly Seen[],
  others: readonly Seen[],
  { model, decided }: { readonly model: Model; readonly decided: Decided },
): Standing | undefined {
  let best: Pair | undefined;
  const isTooMany = own.length * others.length > MAX_PAIRS;
  let contradicted = isTooMany;
  for (const one of isTooMany ? own.slice(0, 1) : own) {
    for (const other of others) {
      if (decided.notSame.has(pairKey(one.source, other.source))) return undefined;
      const comparison = compare(one.features, other.features, model);
      contradicted ||= contradicts(comparison);
      const pair = { one: one.source, other: other.source, comparison };
      if (!best || isBetter(comparison, best.comparison)) best = pair;
    }
  }
  const [mine] = own;
  const [first] = others;
  if (!best || !mine || !first) return undefined;
  const { outcome } = best.comparison;
  const isForPeople = contradicted || decided.parted.has(pairKey(mine.person, first.person));
  return { person: first.person, best, outcome: outcome === 'same' && isForPeople ? 'review' : outcome };
}

/** A pair that is different for good reasons, not one that says little. */
const contradicts = ({ outcome, guards, fields }: Comparison): boolean =>
  guards.some((guard) => CONTRADICTS.has(guard)) ||
  (outcome === 'different' &&
    fields.some(({ field, agreement }) => field === 'birthDate' && agreement === 'disagrees'));

const RANK = { same: 2, review: 1, different: 0 } as const;

const isBetter = (one: Comparison, other: Comparison): boolean =>
  (RANK[one.outcome] - RANK[other.outcome] || one.weight - other.weight) > 0;

/** What follows from how others stand to a person. */
export type Verdict =
  /** Exactly one is the same; whom else it resembles is for review. */
  | { readonly kind: 'link'; readonly with: Standing; readonly review: readonly Standing[] }
  /** Several are the same, which can't be, or some may be: a person decides. */
  | { readonly kind: 'review'; readonly review: readonly Standing[] }
  | { readonly kind: 'alone' };

export function verdictOf(standings: readonly Standing[]): Verdict {
  const same = standings.filter(({ outcome }) => outcome === 'same');
  const review = standings.filter(({ outcome }) => outcome === 'review');
  const [only] = same;
  if (only && same.length === 1) return { kind: 'link', with: only, review };
  if (same.length + review.length > 0) return { kind: 'review', review: [...same, ...review] };
  return { kind: 'alone' };
}

/** What speaks for that a source says something of two persons under one number. */
export interface TwoPersons {
  /** Name, birth date and sex at once: that is never written unasked. Otherwise it is written, and asked. */
  readonly isOverlay: boolean;
  readonly comparison: Comparison;
}

/** Whether what a source says now and said before may be of two persons: name, birth date and sex at once, or both names and the birth date (every second stranger is of the same sex). */
export function twoPersonsIn(before: Features, now: Features, model: Model): TwoPersons | undefined {
  const comparison = compare(before, now, model);
  const disagrees = (name: string) =>
    comparison.fields.some(({ field, agreement }) => field === name && agreement === 'disagrees');
  if (!disagrees('birthDate')) return undefined;
  const [given, family] = [disagrees('given'), disagrees('family')];
  if ((given || family) && disagrees('sex')) return { isOverlay: true, comparison };
  return given && family ? { isOverlay: false, comparison } : undefined;
}

export const isOverlay = (before: Features, now: Features, model: Model): boolean =>
  twoPersonsIn(before, now, model)?.isOverlay === true;

/** What is kept of a comparison: no values. */
export const scoreOf = ({ outcome, probability, weight, fields, guards }: Comparison): object => ({
  outcome,
  probability,
  weight,
  fields: fields.filter(({ agreement }) => agreement !== 'missing'),
  guards,
});
