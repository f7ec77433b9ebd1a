import { IsthmusError } from '../../foundation/errors/index.ts';

/**
 * An effect says that its entry is to wait (Q13): nothing of it is written, and it is held for the stated reason, for so long or until an
 * operator lets it go on.
 */
export class EntryHeld extends IsthmusError {
  /** No patient data. */
  readonly reason: string;
  readonly forMs: number;

  constructor(reason: string, forMs: number) {
    super('QUEUE_ENTRY_HELD', { rule: reason });
    this.reason = reason;
    this.forMs = forMs;
  }
}
