import type { SeenMatch } from '../../../../trust/access/index.ts';

/** Codes of http://terminology.hl7.org/CodeSystem/match-grade; who certainly is not the patient is not listed. */
export type Grade = 'certain' | 'probable' | 'possible';

/** Below it a person would rather look twice than take one for the other. */
const PROBABLE = 0.9;
/** Who is the same beyond doubt comes before all others, whatever the model says of them. */
const SAME = 0.99;

/**
 * `certain`: the same beyond doubt, as a registration would be linked, and nobody else is. `probable`: one of several of whom that holds, or the
 * probability is .9 or more. `possible`: a person would have to decide.
 */
export function gradeOf(match: SeenMatch, all: readonly SeenMatch[]): Grade {
  if (match.outcome === 'same')
    return all.filter(({ outcome }) => outcome === 'same').length === 1 ? 'certain' : 'probable';
  const { probability, guards } = match.comparison;
  return probability >= PROBABLE && guards.length === 0 ? 'probable' : 'possible';
}

/** 0 to 1, to four digits: the probability, kept below that of those who are the same where a guard keeps it from being so. */
export function scoreOf({ outcome, comparison: { probability, guards } }: SeenMatch): number {
  const bounded =
    outcome === 'same'
      ? Math.max(probability, SAME)
      : Math.min(probability, guards.length === 0 ? SAME - 0.001 : PROBABLE - 0.001);
  return Math.round(bounded * 10_000) / 10_000;
}
