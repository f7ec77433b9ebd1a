import {
  blockingKeys,
  type Comparison,
  compare,
  type Features,
  featuresOf,
  type Model,
} from '../../../../src/clinical/matching/index.ts';
import type { Labelled } from './sets.ts';

export interface PairFigures {
  readonly pairs: number;
  readonly candidates: number;
  /** True pairs that share a blocking key. */
  readonly blockRecall: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** True pairs linked automatically or left to review. */
  readonly foundOrReview: number;
  /** Pairs left to review that are two persons. */
  readonly idleReviews: number;
  readonly missed: readonly Scored[];
  readonly wrong: readonly Scored[];
}

interface Scored {
  readonly a: number;
  readonly b: number;
  readonly comparison: Comparison;
}

/** Every pair that shares a blocking key, each once; nothing is assumed of how many records a person has. */
function candidatePairs(features: readonly Features[]): [number, number][] {
  const blocks = new Map<string, number[]>();
  features.forEach((each, at) => {
    for (const key of blockingKeys(each)) blocks.set(key, [...(blocks.get(key) ?? []), at]);
  });
  const seen = new Set<number>();
  const pairs: [number, number][] = [];
  for (const block of blocks.values()) {
    for (let i = 0; i < block.length; i += 1) {
      for (let j = i + 1; j < block.length; j += 1) {
        const id = block[i]! * features.length + block[j]!;
        if (!seen.has(id)) pairs.push([block[i]!, block[j]!]);
        seen.add(id);
      }
    }
  }
  return pairs;
}

/** Pairs found against all true pairs, those that blocking lost included. */
export function scorePairs(rows: readonly Labelled[], model: Model): PairFigures {
  const features = rows.map(({ patient }) => featuresOf(patient));
  const sizes = new Map<string, number>();
  for (const { person } of rows) sizes.set(person, (sizes.get(person) ?? 0) + 1);
  const pairs = [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const candidates = candidatePairs(features);
  const missed: Scored[] = [];
  const wrong: Scored[] = [];
  let blocked = 0;
  let hits = 0;
  let review = 0;
  let idleReviews = 0;
  for (const [a, b] of candidates) {
    const comparison = compare(features[a]!, features[b]!, model);
    const truth = rows[a]!.person === rows[b]!.person;
    if (truth) blocked += 1;
    if (truth && comparison.outcome === 'same') hits += 1;
    else if (truth) missed.push({ a, b, comparison });
    else if (comparison.outcome === 'same') wrong.push({ a, b, comparison });
    if (comparison.outcome === 'review') {
      if (truth) review += 1;
      else idleReviews += 1;
    }
  }
  const precision = hits / Math.max(1, hits + wrong.length);
  const recall = hits / pairs;
  return {
    pairs,
    candidates: candidates.length,
    blockRecall: blocked / pairs,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    foundOrReview: (hits + review) / pairs,
    idleReviews,
    missed,
    wrong,
  };
}
