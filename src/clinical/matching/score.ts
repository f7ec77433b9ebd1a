import type { Assessment } from './fields/assess.ts';
import type { Field, Frequencies, LevelProbability, Model } from './model/types.ts';
import { FIELDS } from './model/types.ts';

export interface FieldScore {
  readonly field: Field;
  readonly level: string;
  /** log2 of how often the level is seen with one person, with strangers, within a household. */
  readonly one: number;
  readonly strangers: number;
  readonly household: number;
}

export interface Score {
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
  const fields: FieldScore[] = [];
  let one = 0;
  let strangers = 0;
  let household = 0;
  for (const field of FIELDS) {
    const level = assessment.levels[field];
    if (level === undefined) continue;
    const known = probabilityOf(model, field, level);
    const each = {
      field,
      level,
      one: Math.log2(known.m),
      strangers: Math.log2(byFrequency(assessment, model, { field, level, u: known.u })),
      household: Math.log2(known.h),
    };
    if (field === 'birthDate' && assessment.newYear) each.strangers += NEW_YEAR_BITS;
    one += each.one;
    strangers += each.strangers;
    household += each.household;
    fields.push(each);
  }
  const ratio =
    model.families === 'none' || fields.length === 0 ? 0 : 2 ** (household - strangers) * model.household;
  const weight =
    one - strangers - Math.log2((1 + ratio) / (1 + (model.families === 'none' ? 0 : model.household)));
  const bits = weight + Math.log2(model.prior / (1 - model.prior));
  return { fields, weight, householdShare: ratio / (1 + ratio), probability: 1 / (1 + 2 ** -bits) };
}

export function probabilityOf(model: Model, field: Field, level: string): LevelProbability {
  const levels: Readonly<Record<string, LevelProbability>> = model.fields[field];
  const known = levels[level];
  return {
    m: Math.max(LEAST, known?.m ?? LEAST),
    u: Math.max(LEAST, known?.u ?? LEAST),
    h: Math.max(LEAST, known?.h ?? LEAST),
  };
}

/** Agreement on a name is as likely among strangers as the name is common. */
function byFrequency(
  assessment: Assessment,
  model: Model,
  known: { field: Field; level: string; u: number },
): number {
  const { field, level, u } = known;
  if (field === 'given' && level === 'exact')
    return frequencyOf(model.frequencies.given, assessment.givenValue, u);
  if (field === 'family' && level === 'exact')
    return frequencyOf(model.frequencies.family, assessment.familyValue, u);
  if (field === 'family' && level === 'part')
    return Math.max(u, 2 * frequencyOf(model.frequencies.family, assessment.familyValue, u));
  return u;
}

function frequencyOf(frequencies: Frequencies, name: string | undefined, otherwise: number): number {
  if (name === undefined) return otherwise;
  return Object.hasOwn(frequencies.table, name)
    ? (frequencies.table[name] ?? frequencies.rest)
    : frequencies.rest;
}
