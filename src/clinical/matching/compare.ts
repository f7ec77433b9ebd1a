import type { Features } from './features/types.ts';
import { assess } from './fields/assess.ts';
import { GUARD_EFFECT, type Guard, guardsOf } from './guards.ts';
import type { Field, Model } from './model/types.ts';
import { FIELDS } from './model/types.ts';
import { type Score, score } from './score.ts';

export type Outcome = 'same' | 'review' | 'different';
export type Agreement = 'agrees' | 'close' | 'disagrees' | 'missing';

/** One line of the side-by-side view. Values are not kept: they are in the two records, for whoever may see them. */
export interface FieldComparison {
  /** `household` is the share of the agreement that people of one home would show as well; it stands only where it counts. */
  readonly field: Field | 'household';
  readonly level: string;
  readonly agreement: Agreement;
  /** log2; the weights of all fields sum to the comparison's. */
  readonly weight: number;
}

export interface Comparison {
  readonly outcome: Outcome;
  /** That the two are one person, 0 to 1, by the model alone; guards change the outcome, not the probability. */
  readonly probability: number;
  /** log2 Bayes factor. */
  readonly weight: number;
  readonly fields: readonly FieldComparison[];
  readonly guards: readonly Guard[];
}

const CLOSE = new Set([
  'nickname',
  'typo',
  'sounds',
  'initial',
  'middle',
  'swapped',
  'part',
  'close',
  'edit',
  'transposed',
  'partial',
  'given',
  'last4',
  'street',
  'one',
]);

/** Whether two source patients are one person. Symmetric, pure, bounded; throws never. */
export function compare(a: Features, b: Features, model: Model): Comparison {
  const assessment = assess(a, b);
  const scored = score(assessment, model);
  const guards = guardsOf(a, b, assessment, model);
  return {
    outcome: outcomeOf(scored.probability, guards, model),
    probability: scored.probability,
    weight: scored.weight,
    fields: fieldsOf(scored),
    guards,
  };
}

function outcomeOf(probability: number, guards: readonly Guard[], { thresholds }: Model): Outcome {
  let same = probability >= thresholds.same;
  let review = probability >= thresholds.review;
  let cap = false;
  for (const guard of guards) {
    const effect = GUARD_EFFECT[guard];
    if (effect === 'same') same = true;
    else if (effect === 'cap') cap = true;
    else {
      cap = true;
      review = true;
    }
  }
  if (same) return cap ? 'review' : 'same';
  return review ? 'review' : 'different';
}

function fieldsOf({ fields, householdShare, weight }: Score): FieldComparison[] {
  const compared: FieldComparison[] = [];
  const swapped = fields[0]?.level === 'swapped';
  let at = 0;
  let sum = 0;
  for (const field of FIELDS) {
    const each = fields[at];
    if (each?.field !== field) {
      // Exchanged names are weighed once, at the given name.
      compared.push(field === 'family' && swapped ? SWAPPED_FAMILY : MISSING[field]);
      continue;
    }
    at += 1;
    const own = each.one - (1 - householdShare) * each.strangers - householdShare * each.household;
    sum += own;
    compared.push({ field, level: each.level, agreement: agreementOf(each.level), weight: own });
  }
  const shared = weight - sum;
  if (Math.abs(shared) >= 0.01)
    compared.push({
      field: 'household',
      level: 'shared',
      agreement: shared < 0 ? 'disagrees' : 'agrees',
      weight: shared,
    });
  return compared;
}

const MISSING = Object.fromEntries(
  FIELDS.map((field) => [field, { field, level: 'missing', agreement: 'missing', weight: 0 }]),
) as Readonly<Record<Field, FieldComparison>>;
const SWAPPED_FAMILY: FieldComparison = { field: 'family', level: 'swapped', agreement: 'close', weight: 0 };

const agreementOf = (level: string): Agreement =>
  level === 'exact' ? 'agrees' : CLOSE.has(level) ? 'close' : 'disagrees';
