import type { TranslationContext } from './types.ts';

/** True, false, or not to be known from the context. */
export type Verdict = boolean | undefined;

const FEMALE = '248152002';
const MALE = '248153007';
const AGE_AT_ONSET = '445518008';
const CURRENT_AGE = '424144002';
const DAYS_PER_YEAR = 365.25;
const CLAUSE =
  /^IFA\s+(\d{6,18})\s*\|[^|]*\|\s*(?:(<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)\s*(years?|months?|weeks?|days?))?$/;
const PER_YEAR = { year: 1, month: 12, week: DAYS_PER_YEAR / 7, day: DAYS_PER_YEAR } as const;

/**
 * A rule of a SNOMED CT complex map (RF2 Map Rule: `TRUE`, `OTHERWISE TRUE`, `IFA concept | term |`, `IFA age | term | < 12.0 years`, joined by AND) in a context. Sex and
 * age can be decided; of any other finding the context says nothing. The age at onset is at most the age now.
 */
export function ruleVerdict(rule: string, context: TranslationContext = {}): Verdict {
  const text = rule.trim();
  if (text === 'TRUE' || text === 'OTHERWISE TRUE') return true;
  const verdicts = clausesOf(text).map((clause) => clauseVerdict(clause, context));
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

/** Terms may have an AND in them: only the one that is followed by IFA joins. */
const clausesOf = (text: string): readonly string[] =>
  text.split(/\s+AND\s+(?=IFA\s)/).map((one) => one.trim());

function clauseVerdict(clause: string, { sex, ageYears }: TranslationContext): Verdict {
  const [, concept, comparison, number = '', unit = ''] = CLAUSE.exec(clause) ?? [];
  if (concept === undefined) return undefined;
  if (comparison === undefined) {
    if (sex === undefined || (concept !== FEMALE && concept !== MALE)) return undefined;
    return concept === (sex === 'female' ? FEMALE : MALE);
  }
  if (ageYears === undefined || (concept !== AGE_AT_ONSET && concept !== CURRENT_AGE)) return undefined;
  const perYear = Object.entries(PER_YEAR).find(([name]) => unit.startsWith(name))?.[1];
  if (perYear === undefined) return undefined;
  const now: Ages = Number.isInteger(ageYears)
    ? { from: ageYears, below: ageYears + 1 }
    : { from: ageYears, below: ageYears };
  return compared(concept === CURRENT_AGE ? now : { ...now, from: 0 }, comparison, Number(number) / perYear);
}

/** Somewhere from `from` up to, and if they differ without, `below`. */
interface Ages {
  readonly from: number;
  readonly below: number;
}

function compared(ages: Ages, comparison: string, limit: number): Verdict {
  switch (comparison) {
    case '<':
      return isBelow(ages, limit);
    case '>=':
      return opposite(isBelow(ages, limit));
    case '<=':
      return opposite(isAbove(ages, limit));
    case '>':
      return isAbove(ages, limit);
    default:
      return ages.from === ages.below ? ages.from === limit : undefined;
  }
}

const opposite = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);

function isBelow({ from, below }: Ages, limit: number): Verdict {
  if (from >= limit) return false;
  return below < limit || (below === limit && from < below) ? true : undefined;
}

function isAbove({ from, below }: Ages, limit: number): Verdict {
  if (from > limit) return true;
  return below <= limit ? false : undefined;
}
