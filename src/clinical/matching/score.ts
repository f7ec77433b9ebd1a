import type { Assessment } from './fields/assess.ts';
import { FIELDS, type Field, type Frequencies, type LevelProbability, type Model } from './model/types.ts';

interface FieldScore {
  readonly field: Field;
  readonly level: string;
  /** log2 of how often the level is seen with one person, with strangers, within a household. */
  readonly one: number;
  readonly strangers: number;
  readonly household: number;
}

export interface Score {
  /** In the order of FIELDS, without those that are missing. */
  readonly fields: readonly FieldScore[];
  /** log2 Bayes factor against "two people", who are strangers or of one household. */
  readonly weight: number;
  /** How much of the alternative is the household, 0 to 1. */
  readonly householdShare: number;
  readonly probability: number;
}

/** A first of January is written for people who know only their year, about ten times as often as another day. */
const NEW_YEAR_BITS = Math.log2(10);
const LEAST = 1e-7;

/** The weights of what was assessed. Fellegi and Sunter 1969, with a second alternative beside strangers: people of one household. */
export function score(assessment: Assessment, model: Model): Score {
  const { bits, household: households, prior } = compiled(model);
  const fields: FieldScore[] = [];
  let one = 0;
  let strangers = 0;
  let household = 0;
  for (const field of FIELDS) {
    const level = assessment.levels[field];
    if (level === undefined) continue;
    const known = bits[field][level] ?? UNKNOWN;
    const each = { field, level, one: known.one, strangers: known.strangers, household: known.household };
    if (field === 'family' || field === 'given') each.strangers = byFrequency(assessment, model, each);
    else if (field === 'birthDate' && assessment.newYear) each.strangers += NEW_YEAR_BITS;
    one += each.one;
    strangers += each.strangers;
    household += each.household;
    fields.push(each);
  }
  const ratio = households === 0 || fields.length === 0 ? 0 : 2 ** (household - strangers) * households;
  const weight = one - strangers - Math.log2((1 + ratio) / (1 + households));
  return {
    fields,
    weight,
    householdShare: ratio / (1 + ratio),
    probability: 1 / (1 + 2 ** -(weight + prior)),
  };
}

interface Bits {
  readonly one: number;
  readonly strangers: number;
  readonly household: number;
}

interface Compiled {
  readonly bits: Readonly<Record<Field, Readonly<Record<string, Bits>>>>;
  readonly household: number;
  /** log2 of the prior odds. */
  readonly prior: number;
}

const UNKNOWN: Bits = { one: Math.log2(LEAST), strangers: Math.log2(LEAST), household: Math.log2(LEAST) };
const known = new WeakMap<Model, Compiled>();

/** Logarithms are taken once for a model, not once for a pair. */
function compiled(model: Model): Compiled {
  const before = known.get(model);
  if (before !== undefined) return before;
  const bits = Object.fromEntries(
    FIELDS.map((field) => [
      field,
      Object.fromEntries(
        Object.keys(model.fields[field]).map((level) => {
          const { m, u, h } = probabilityOf(model, field, level);
          return [level, { one: Math.log2(m), strangers: Math.log2(u), household: Math.log2(h) }];
        }),
      ),
    ]),
  ) as Compiled['bits'];
  const household = model.families === 'none' ? 0 : model.household;
  const made = { bits, household, prior: Math.log2(model.prior / (1 - model.prior)) };
  known.set(model, made);
  return made;
}

export function probabilityOf(model: Model, field: Field, level: string): LevelProbability {
  const levels: Readonly<Record<string, LevelProbability>> = model.fields[field];
  const { m = LEAST, u = LEAST, h = LEAST } = levels[level] ?? {};
  return { m: Math.max(LEAST, m), u: Math.max(LEAST, u), h: Math.max(LEAST, h) };
}

/** Agreement on a name is as likely among strangers as the name is common (Winkler's adjustment); log2. */
function byFrequency(
  { givenValue, familyValue }: Assessment,
  { frequencies }: Model,
  { field, level, strangers }: FieldScore,
): number {
  if (field === 'given')
    return level === 'exact' && givenValue !== undefined
      ? Math.log2(frequencyOf(frequencies.given, givenValue))
      : strangers;
  if (familyValue === undefined) return strangers;
  const frequency = Math.log2(frequencyOf(frequencies.family, familyValue));
  if (level === 'exact') return frequency;
  // A part of a double name can be either part.
  return level === 'part' ? Math.max(strangers, frequency + 1) : strangers;
}

function frequencyOf({ table, rest }: Frequencies, name: string): number {
  return Object.hasOwn(table, name) ? (table[name] ?? rest) : rest;
}
