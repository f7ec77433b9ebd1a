import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { FeatureOptions, Model } from '../../matching/index.ts';
import type { Change } from '../../record/index.ts';
import type { Persons } from '../persons.ts';

export interface Observing {
  readonly persons: Persons;
  readonly model: Model;
  readonly features?: FeatureOptions;
  readonly keyring?: Keyring;
}

export interface Observation {
  /** Source patients of whom something was said. */
  readonly sources: readonly string[];
  readonly at: Date;
  /** The message that said it, by source patient. */
  readonly messages?: ReadonlyMap<string, number>;
  /** Hears of Patients that are published anew because of it. */
  readonly onPublished?: (changes: readonly Change[]) => void;
  /** Looks for others although nothing changed: the reconciliation. */
  readonly again?: boolean;
}

/** What came of one whose statement changed. */
export interface Observed {
  readonly source: string;
  readonly outcome: 'linked' | 'provisional' | 'alone';
  /** The person it belongs to now. */
  readonly person: string;
}
