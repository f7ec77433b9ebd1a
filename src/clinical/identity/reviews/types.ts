export type ReviewKind = 'possible-duplicate' | 'overlay' | 'contradictory-merge' | 'suspicious-cluster';

/** A question to a person. */
export interface Review {
  readonly id: number;
  readonly kind: ReviewKind;
  /** Source patients; of a suspicious cluster `one` is the person and `other` is ''. */
  readonly one: string;
  readonly other: string;
  readonly probability?: number;
  /** Outcome, weights and agreement by field, guards; no values. */
  readonly score?: object;
  readonly modelVersion?: string;
  readonly messageId?: number;
  /** The message is held until then. */
  readonly heldUntil?: Date;
  readonly state: 'open' | 'proposed' | 'decided' | 'withdrawn';
  /** What the first of two has proposed, where two are required. */
  readonly proposed?: { readonly by: string; readonly answer: string };
  readonly decided?: { readonly by: string; readonly answer: string; readonly at: Date };
  readonly reason?: string;
  readonly eventId?: number;
  readonly openedAt: Date;
}

/** A question to be opened. */
export interface Question {
  readonly kind: ReviewKind;
  readonly one: string;
  readonly other: string;
  readonly probability?: number;
  readonly score?: object;
  readonly modelVersion?: string;
  readonly messageId?: number;
  readonly heldUntil?: Date;
  readonly at: Date;
}
