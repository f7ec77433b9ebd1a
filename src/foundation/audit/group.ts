import type { AuditBatches, AuditEntry } from './audit.ts';

interface Waiting {
  readonly entries: readonly AuditEntry[];
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/** Calls per statement. */
const MAX_GROUP = 500;

/**
 * Records entries of many callers together: while one group is being committed, the next gathers, so that a hundred reads at once are a few
 * commits and not a hundred. Each call returns when its entries are committed, and throws when they are not.
 */
export function groupAudit(
  audit: Pick<AuditBatches, 'recordAll'>,
): (entries: readonly AuditEntry[]) => Promise<void> {
  let waiting: Waiting[] = [];
  let running = false;

  async function drain(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_GROUP);
      waiting = waiting.slice(MAX_GROUP);
      try {
        await audit.recordAll(group.flatMap(({ entries }) => entries));
        for (const { written } of group) written();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    running = false;
  }

  return (entries) =>
    new Promise((written, failed) => {
      waiting.push({ entries, written, failed });
      if (!running) void drain();
    });
}
