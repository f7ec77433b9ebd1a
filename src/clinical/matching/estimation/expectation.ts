import type { Levels } from '../fields/assess.ts';
import { FIELDS, type Field, type Model } from '../model/types.ts';
import { probabilityOf } from '../score.ts';

export type Shares = Record<Field, Record<string, number>>;

/** Patterns of levels with how many pairs show them: estimation costs by pattern, not by pair. */
export type Patterns = Map<string, { readonly levels: Levels; count: number }>;

export function addPattern(patterns: Patterns, levels: Levels): void {
  let key = '';
  for (const field of FIELDS) key += `${levels[field] ?? ''},`;
  const known = patterns.get(key);
  if (known === undefined) patterns.set(key, { levels, count: 1 });
  else known.count += 1;
}

export interface Learned {
  /** Expected number of pairs of one person, by field and level; the fields that the pass holds equal are not there. */
  readonly counts: Shares;
  /** Expected number of pairs that are one person. */
  readonly matches: number;
}

/**
 * Expectation and maximisation over one pass: which pairs are one person, which are strangers, which are a household, and how often each
 * level is seen with one person. What strangers and households look like stays as the model has it.
 */
export function learn(
  patterns: Patterns,
  model: Model,
  options: { iterations: number; holds: readonly Field[] },
): Learned {
  const fields = FIELDS.filter((field) => !options.holds.includes(field));
  let m: Shares = shares(fields, (field, level) => probabilityOf(model, field, level).m, model);
  let [one, strangers, household] = [0.3, 0.4, 0.3];
  let counts = emptyCounts(fields, model);
  let total = 0;
  for (let iteration = 0; iteration < options.iterations; iteration += 1) {
    counts = emptyCounts(fields, model);
    let [ones, others, homes] = [0, 0, 0];
    for (const { levels, count } of patterns.values()) {
      const by = {
        one: Math.max(one, 1e-6),
        strangers: Math.max(strangers, 1e-6),
        household: model.families === 'none' ? 0 : Math.max(household, 1e-6),
      };
      for (const field of fields) {
        const level = levels[field];
        if (level === undefined) continue;
        const known = probabilityOf(model, field, level);
        by.one *= Math.max(1e-7, m[field][level] ?? 0);
        by.strangers *= known.u;
        by.household *= known.h;
      }
      const sum = by.one + by.strangers + by.household;
      const expected = sum === 0 ? 0 : (by.one / sum) * count;
      ones += expected;
      others += sum === 0 ? 0 : (by.strangers / sum) * count;
      homes += sum === 0 ? 0 : (by.household / sum) * count;
      for (const field of fields) {
        const level = levels[field];
        if (level !== undefined) counts[field][level] = (counts[field][level] ?? 0) + expected;
      }
    }
    total = ones;
    const all = Math.max(1e-9, ones + others + homes);
    [one, strangers, household] = [ones / all, others / all, homes / all];
    m = smoothed(counts, model, fields);
  }
  return { counts, matches: total };
}

const STRENGTH = 20;
/** Nothing that people do in writing is rarer, whatever one set of records shows. */
const RAREST = 0.0005;

/** Counts as shares, drawn a little towards what the model had, so that what was never seen is rare and not impossible. */
export function smoothed(counts: Shares, model: Model, fields: readonly Field[]): Shares {
  return shares(
    fields,
    (field, level) => {
      const all = Object.values(counts[field]).reduce((sum, count) => sum + count, 0);
      const drawn = STRENGTH * probabilityOf(model, field, level).m;
      return Math.max(RAREST, ((counts[field][level] ?? 0) + drawn) / (all + STRENGTH));
    },
    model,
  );
}

export const emptyCounts = (fields: readonly Field[], model: Model): Shares => shares(fields, () => 0, model);

function shares(fields: readonly Field[], of: (field: Field, level: string) => number, model: Model): Shares {
  const all = {} as Shares;
  for (const field of FIELDS) {
    all[field] = {};
    if (!fields.includes(field)) continue;
    for (const level of Object.keys(model.fields[field])) all[field][level] = of(field, level);
  }
  return all;
}
