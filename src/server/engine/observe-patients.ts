import type { Identity } from '../../clinical/identity/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Change, ObservePatients } from '../../trust/access/index.ts';

/** Patients of the API and of imports are matched as those of messages are. */
export const observePatients =
  (identity: Identity, clock: Clock): ObservePatients =>
  async (transaction, sources) => {
    const anew = new Set<string>();
    const onPublished = (changes: readonly Change[]) => {
      for (const { id } of changes) anew.add(id);
    };
    await identity.observe(transaction, { sources, at: clock.now(), onPublished });
    return anew;
  };
