import type { z } from 'zod';
import { type VisitReport, visitReport } from './report.ts';

export interface VisitMistake {
  /** `procedures[0].modifiers[1]`. */
  readonly place: string;
  readonly rule: string;
}

export type CheckedVisit =
  | { readonly visit: VisitReport; readonly mistakes: readonly [] }
  | { readonly visit: undefined; readonly mistakes: readonly VisitMistake[] };

const MAX_MISTAKES = 50;

/** Every mistake of a report at once. */
export function checkVisit(input: unknown): CheckedVisit {
  const parsed = visitReport.safeParse(input, { error: ruleOf });
  if (parsed.success) return { visit: parsed.data, mistakes: [] };
  const mistakes = parsed.error.issues
    .slice(0, MAX_MISTAKES)
    .map(({ path, message }) => ({ place: placeOf(path), rule: message }));
  return { visit: undefined, mistakes };
}

/** Our own words for what the schema itself finds: those of the library may quote the input. */
const ruleOf: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') return issue.input === undefined ? 'is required' : `a ${issue.expected}`;
  if (issue.code === 'unrecognized_keys') return 'a property that is not known here';
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'not empty' : `at least ${issue.minimum}`;
  return 'another value';
};

const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || 'body';
