import { compare } from './compare.ts';
import type { Features } from './features/types.ts';
import { GUARD_EFFECT, type Guard } from './guards.ts';
import type { Model } from './model/types.ts';

export interface Cohesion {
  /** 0 to 1: how likely the average pair of members is one person; a pair that a guard stands against counts at most a half. */
  readonly score: number;
  /** Positions of the two members that belong together least, the earlier first. */
  readonly weakest: readonly [number, number];
}

/** Records of one person are few; of a cluster larger than this (1,770 pairs) the first ones are looked at. */
const MAX_MEMBERS = 60;
/** They say that little is known, not that two people are meant. */
const SILENT: ReadonlySet<Guard> = new Set<Guard>(['thin-evidence', 'no-name']);

/**
 * How well the records of one person hold together, pair by pair. Links that are each likely can join people who are not (A is B, B is C, A
 * is not C); such a person has a low score, and its weakest pair says where to look. One member alone is 1.
 */
export function cohesion(members: readonly Features[], model: Model): Cohesion {
  const some = members.slice(0, MAX_MEMBERS);
  let sum = 0;
  let pairs = 0;
  let least = Number.POSITIVE_INFINITY;
  let weakest: readonly [number, number] = [0, 0];
  for (const [at, a] of some.entries()) {
    for (const [offset, b] of some.slice(at + 1).entries()) {
      const { guards, probability, weight } = compare(a, b, model);
      const against = guards.some((guard) => GUARD_EFFECT[guard] !== 'same' && !SILENT.has(guard));
      const together = against
        ? Math.min(probability, 0.5)
        : guards.includes('trusted-identifier')
          ? 1
          : probability;
      sum += together;
      pairs += 1;
      // Probabilities near 1 are all alike; the weight tells them apart.
      const strength = together * 1000 + Math.min(100, weight);
      if (strength < least) {
        least = strength;
        weakest = [at, at + 1 + offset];
      }
    }
  }
  return { score: pairs === 0 ? 1 : sum / pairs, weakest };
}
