import type { Change } from '../record/index.ts';

/** Who decided what, and why; kept with the event for ever. */
export interface Decision {
  /** 'rule' or 'model' for the algorithm, otherwise who decided: a user, a system and its message. */
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
  readonly messageId?: number;
  readonly modelVersion?: string;
  /** Outcome, probability, and per field agreement and weight; no values. */
  readonly score?: object;
}

export type EventKind =
  | 'link'
  | 'unlink'
  | 'merge'
  | 'unmerge'
  | 'move'
  | 'change-id'
  | 'provisional'
  | 'not-same'
  | 'same-again'
  | 'undo';

/** A source patient that goes from one person to another, or whose number is retired, or is no longer. */
export interface Move {
  readonly source: string;
  readonly fromPerson: string;
  readonly toPerson: string;
  readonly fromRetiredInto: string | null;
  readonly toRetiredInto: string | null;
}

/** A source patient as it stands. */
export interface Standing {
  readonly source: string;
  readonly person: string;
  readonly retiredInto: string | null;
}

/** What came of a decision. */
export interface IdentityChange {
  /** Undefined where everything was so already: then nothing was written. */
  readonly eventId: number | undefined;
  /** Two people have to decide, and this was the first: the question that the second answers. Nothing else was written. */
  readonly proposal?: number;
  /** Every person that somebody came to or left. */
  readonly persons: readonly string[];
  /** Source patients that were moved or retired. */
  readonly moved: readonly string[];
  /** Patients that were published anew. */
  readonly published: readonly Change[];
  /** Resources of which the change feed tells because of it. */
  readonly changedResources: number;
}

/** An event of the log, as it stands there. */
export interface IdentityEventRecord {
  readonly id: number;
  readonly kind: EventKind;
  readonly at: Date;
  readonly actor: string;
  readonly reason: string;
  readonly messageId?: number;
  readonly modelVersion?: string;
  readonly score?: object;
  /** The event that this one takes back. */
  readonly undoes?: number;
  /** The event that takes this one back, if one does today. */
  readonly undoneBy?: number;
  readonly one?: string;
  readonly other?: string;
  readonly moves: readonly Move[];
}
