/** Yes, no, or not to be told from what is known (Kleene's logic): what is not known never turns into an answer. */
export type Verdict = boolean | undefined;

export const not = (one: Verdict): Verdict => (one === undefined ? undefined : !one);

export function and(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

export function or(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(true)) return true;
  return verdicts.includes(undefined) ? undefined : false;
}
