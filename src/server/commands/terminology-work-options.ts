import type { DecidedEquivalence, UnmappedState } from '../../clinical/terminology/index.ts';

/** What commander hands to the commands of the work list. */

export interface UnmappedOptions {
  readonly translation?: string;
  readonly system?: string;
  readonly element?: string;
  readonly source?: string;
  readonly state: UnmappedState | 'all';
  readonly since?: Date;
  readonly candidates?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

export interface MapOptions {
  readonly to: { readonly system: string; readonly code: string };
  readonly display?: string;
  readonly equivalence: DecidedEquivalence;
  readonly reason: string;
  readonly json?: boolean;
}

export interface IgnoreOptions {
  readonly reason: string;
  readonly json?: boolean;
}

export interface ApplyTranslationOptions {
  readonly system?: string;
  readonly code?: string;
  readonly preview?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}
