import type { Features } from '../features/types.ts';
import { assess } from '../fields/assess.ts';
import { FIELDS, type Model } from '../model/types.ts';
import { probabilityOf, score } from '../score.ts';
import { addPattern, emptyCounts, learn, type Patterns, type Shares, smoothed } from './expectation.ts';
import { frequenciesOf } from './frequencies.ts';
import { PASSES, type PassName, pairsOf } from './passes.ts';
import { seeded } from './random.ts';

export interface EstimateOptions {
  /** The same seed and records give the same model. */
  readonly seed: number;
  readonly version: string;
  /** What is known before: levels never seen, thresholds, whether there are families. */
  readonly basis: Model;
  readonly iterations?: number;
  readonly passes?: readonly PassName[];
}

const MAX_RECORDS = 200_000;
const RANDOM_PAIRS = 100_000;
const LIMITS = { block: 40, pairs: 100_000 };

/**
 * A model from a site's own records, without labels: u from random pairs, m by expectation and maximisation over several blocking passes
 * (each leaves out what it holds equal), name frequencies by counting, the prior from how many pairs look like one person. Costs about a
 * second for 100,000 pairs; needs some hundred duplicates to say more than its basis.
 */
export function estimate(features: Iterable<Features>, options: EstimateOptions): Model {
  const records = take(features);
  const { basis } = options;
  if (records.length < 2) return { ...basis, version: options.version };
  const withU = withStrangers(basis, strangers(records, options));
  const total: Shares = emptyCounts(FIELDS, basis);
  let matches = 0;
  for (const name of options.passes ?? (Object.keys(PASSES) as PassName[])) {
    const pass = PASSES[name];
    const patterns: Patterns = new Map();
    for (const [a, b] of pairsOf(records, pass, LIMITS)) addPattern(patterns, assess(a, b).levels);
    const learned = learn(patterns, withU, { iterations: options.iterations ?? 25, holds: pass.holds });
    for (const field of FIELDS)
      for (const [level, count] of Object.entries(learned.counts[field]))
        total[field][level] = (total[field][level] ?? 0) + count;
    matches = Math.max(matches, learned.matches);
  }
  const pairs = (records.length * (records.length - 1)) / 2;
  return {
    ...withMatches(withU, smoothed(total, withU, FIELDS)),
    version: options.version,
    frequencies: {
      given: frequenciesOf(
        records.flatMap(({ given }) => given.slice(0, 1).map(({ text }) => text)),
        basis.frequencies.given,
      ),
      family: frequenciesOf(
        records.flatMap(({ family }) => family.slice(0, 1).map(({ text }) => text)),
        basis.frequencies.family,
      ),
    },
    prior: Math.min(0.01, Math.max(1e-9, matches / pairs, 0.1 / pairs)),
    household: basis.families === 'none' ? 0 : Math.min(0.01, 2 / records.length),
  };
}

function take(features: Iterable<Features>): Features[] {
  const records: Features[] = [];
  for (const each of features) {
    records.push(each);
    if (records.length >= MAX_RECORDS) break;
  }
  return records;
}

/** What random pairs look like, without those that are clearly one person or one household. */
function strangers(
  records: readonly Features[],
  { seed, basis }: EstimateOptions,
): { counts: Shares; pairs: number } {
  const random = seeded(seed);
  const counts = emptyCounts(FIELDS, basis);
  const wanted = Math.min(RANDOM_PAIRS, (records.length * (records.length - 1)) / 2);
  let pairs = 0;
  for (let tried = 0; tried < wanted; tried += 1) {
    const one = records[Math.floor(random() * records.length)];
    const other = records[Math.floor(random() * records.length)];
    if (one === undefined || other === undefined || one === other) continue;
    const assessment = assess(one, other);
    const { weight, householdShare } = score(assessment, basis);
    if (weight > 8 || householdShare > 0.5) continue;
    pairs += 1;
    for (const field of FIELDS) {
      const level = assessment.levels[field];
      if (level !== undefined) counts[field][level] = (counts[field][level] ?? 0) + 1;
    }
  }
  return { counts, pairs };
}

/** Levels seen ten times and more as they were counted; rarer ones between that and the basis. */
function withStrangers(basis: Model, { counts }: { counts: Shares }): Model {
  return mapFields(basis, (field, level, known) => {
    const count = counts[field][level] ?? 0;
    const all = Object.values(counts[field]).reduce((sum, each) => sum + each, 0);
    if (all < 1000) return known;
    const drawn = 5 / known.u;
    return {
      ...known,
      u: count >= 10 ? count / all : Math.max((count + 5) / (all + drawn), Math.min(known.u, 0.1 / all)),
    };
  });
}

const withMatches = (basis: Model, m: Shares): Model =>
  mapFields(basis, (field, level, known) => ({ ...known, m: m[field][level] ?? known.m }));

type Known = ReturnType<typeof probabilityOf>;

function mapFields(
  basis: Model,
  of: (field: (typeof FIELDS)[number], level: string, known: Known) => Known,
): Model {
  const fields = Object.fromEntries(
    FIELDS.map((field) => [
      field,
      Object.fromEntries(
        Object.keys(basis.fields[field]).map((level) => {
          const { m, u, h } = of(field, level, probabilityOf(basis, field, level));
          return [level, { m: Number(m.toPrecision(3)), u: Number(u.toPrecision(3)), h }];
        }),
      ),
    ]),
  ) as Model['fields'];
  return { ...basis, fields };
}
