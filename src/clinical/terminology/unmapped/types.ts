import type { Equivalence } from '../../../standards/terminology/index.ts';

/** A code that no map translates: open, decided by a person, or left as it is by a person. */
export type UnmappedState = 'open' | 'mapped' | 'ignored';

export interface UnmappedCode {
  readonly id: number;
  readonly translation: string;
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  /** `Observation.code`. */
  readonly element: string;
  /** The system that sends it. */
  readonly source: string;
  readonly count: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  /** One message to look at. */
  readonly messageId?: number;
  readonly state: UnmappedState;
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
  readonly reason?: string;
}

export interface UnmappedFilter {
  readonly translation?: string;
  readonly system?: string;
  readonly element?: string;
  readonly source?: string;
  readonly state?: UnmappedState;
  /** Seen since then. */
  readonly since?: Date;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface UnmappedList {
  /** The most frequent first. */
  readonly codes: readonly UnmappedCode[];
  /** Of those that the filter lets through, how many codes there are and how often they came. */
  readonly total: number;
  readonly occurrences: number;
}

/** What loaded maps say of a code without deciding it: for a person to review. */
export interface Candidate {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly equivalence: Equivalence;
  readonly map: string;
  /** Why it is no translation. */
  readonly why?: string;
}

/** Who decides, and why; both are kept in the audit trail. */
export interface Decider {
  readonly actor: string;
  readonly reason: string;
}

export interface MapDecision extends Decider {
  /** Of the list. */
  readonly id: number;
  readonly target: { readonly system: string; readonly code: string; readonly display?: string };
  /** Default `equivalent`. */
  readonly equivalence?: DecidedEquivalence;
}

/** A narrower target says more than was said, so it is never put beside by itself (TX rules), and so nobody decides it. */
export type DecidedEquivalence = Exclude<Equivalence, 'narrower' | 'specializes' | 'unmatched' | 'disjoint'>;

export interface Decided {
  /** The concept map that holds the decision, `url|version`. */
  readonly map: string;
  /** `ConceptMap/…`. */
  readonly reference: string;
  readonly from: { readonly system: string; readonly code: string };
  readonly to: { readonly system: string; readonly code: string; readonly display?: string };
  /** The target's system is not loaded, or not whole, so that nobody knows whether there is such a code. */
  readonly isUnchecked: boolean;
  /** How often it came until now. */
  readonly occurrences: number;
}
