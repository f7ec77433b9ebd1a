import type { StoredIssue } from '../types.ts';

/** What the column `issues` holds: null for a resource without errors, because remarks are no fault of it. */
export const invalidityOf = (issues: readonly StoredIssue[] = []): string | null =>
  issues.some(({ severity }) => severity === 'error') ? JSON.stringify(issues) : null;
