import { allDone, grouped } from '../admission/index.ts';
import type { AuditBatches, AuditEntry } from './audit.ts';

/** Calls per statement. */
const MAX_GROUP = 500;

/**
 * Records entries of many callers together: while one group is being committed, the next gathers, so that a hundred reads at once are a few
 * commits and not a hundred. Each call returns when its entries are committed, and throws when they are not.
 */
export function groupAudit(
  audit: Pick<AuditBatches, 'recordAll'>,
): (entries: readonly AuditEntry[]) => Promise<void> {
  return grouped<readonly AuditEntry[], void>({
    maxItems: MAX_GROUP,
    running: 2,
    async run(calls) {
      await audit.recordAll(calls.flat());
      return allDone(calls.map(() => undefined));
    },
  });
}
