import type { ResourceWrite, WriteOutcome } from '../../clinical/record/index.ts';
import { allDone } from '../../foundation/admission/index.ts';
import { classifyFailure } from '../../foundation/database/index.ts';

/** A write that stands by itself. */
export interface LoneWrite {
  readonly write: ResourceWrite;
  readonly correlationId: string | undefined;
}

/** Writes in one transaction, with their entries of the audit trail; outcomes in their order. */
export type WriteTogether = (writes: readonly LoneWrite[]) => Promise<readonly WriteOutcome[]>;

const ATTEMPTS = 5;

/**
 * Writes that share a transaction although none has to do with another. Each is judged by itself: a condition that does not hold is an
 * outcome of that write alone, and where the database refuses the group, its writes are done one by one.
 */
export async function writeGroup(
  writes: readonly LoneWrite[],
  together: WriteTogether,
): Promise<readonly PromiseSettledResult<WriteOutcome>[]> {
  try {
    return allDone(await together(writes));
  } catch (error) {
    // After a lost connection nobody knows whether they were committed.
    const failure = classifyFailure(error);
    if (failure === 'unavailable' || failure === 'full') throw error;
  }
  return Promise.allSettled(writes.map((write) => alone(write, together)));
}

async function alone(write: LoneWrite, together: WriteTogether): Promise<WriteOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [outcome] = await together([write]);
      if (outcome) return outcome;
      throw new RangeError('a write has an outcome');
    } catch (error) {
      if (classifyFailure(error) !== 'conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}
