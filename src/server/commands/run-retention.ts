import { applyRetention } from '../../exchange/queue/index.ts';
import type { RetentionOptions } from './command-options.ts';
import { printJson, printLine } from './output.ts';
import { withStore } from './with-store.ts';

const dayMs = 86_400_000;

export async function runRetention({ olderThan, reason, json }: RetentionOptions): Promise<void> {
  const before = new Date(Date.now() - olderThan * dayMs);
  const deleted = await withStore(async ({ database, audit, actor }) => {
    const target = `messages before ${before.toISOString()}`;
    await audit.record({ action: 'retention.apply', actor, target, outcome: 'success', reason });
    let said = 0;
    return applyRetention(database, {
      before,
      onProgress(count) {
        if (!json && count - said >= 10_000) printLine(`${count} deleted`);
        if (count - said >= 10_000) said = count;
      },
    });
  });
  if (json) printJson({ deleted, before });
  else printLine(`${deleted} messages were deleted`);
}
