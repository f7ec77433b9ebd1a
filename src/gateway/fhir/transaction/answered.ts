import { FhirFailure } from '../failure.ts';
import type { EntryResult, TransactionDeps } from './types.ts';

/** What the entries of one bundle are answered with, together: 64 MiB. */
const MAX_ANSWERED = 67_108_864;

/** How much the entries of a bundle have been answered with so far. Ten thousand small entries may ask for ten thousand full pages. */
export class Answered {
  readonly #hold: TransactionDeps['hold'];
  #bytes = 0;

  constructor({ hold }: Pick<TransactionDeps, 'hold'>) {
    this.#hold = hold;
  }

  /** Throws TOO_LARGE when nothing more may be read for this bundle, BUSY when too much waits to be taken by anybody. */
  checkRoom(): void {
    this.#hold?.(this.#bytes);
    if (this.#bytes < MAX_ANSWERED) return;
    throw new FhirFailure('TOO_LARGE', {
      place: 'Bundle',
      rule: `what the entries ask for is at most ${MAX_ANSWERED} bytes together`,
      issueType: 'too-costly',
    });
  }

  add({ resource, outcome }: EntryResult): void {
    this.#bytes += (resource?.length ?? 0) + (outcome?.length ?? 0);
  }
}
