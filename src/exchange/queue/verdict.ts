import type { AttemptResult } from './attempt.ts';
import type { Order } from './types.ts';

/**
 * What follows from an attempt (Q7): the failure taxonomy decides, never a text.
 *
 *   settled   done with, for good
 *   stall     nothing gets through at present: the queue waits with the entry first
 *   retry     this entry waits and holds its keys, the others flow on
 *   park      a person decides
 */
export type Verdict = 'settled' | 'stall' | 'retry' | 'park';

export function verdictOf(
  result: AttemptResult,
  attempts: number,
  order: Order,
  entryTries: number,
): Verdict {
  switch (result.outcome) {
    case 'delivered':
    case 'withheld':
      return 'settled';
    case 'permanent':
      return result.scope === 'destination' ? 'stall' : 'park';
    case 'transient':
      if (result.scope === 'destination') return 'stall';
      if (attempts >= entryTries) return 'park';
      return order === 'strict' ? 'stall' : 'retry';
    case 'ambiguous':
      // Repeated for ever with the same key: it may have been taken, so parking it would not be safe either.
      return order === 'strict' ? 'stall' : 'retry';
  }
}
