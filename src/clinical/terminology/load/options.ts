import type { Clock } from '../../../foundation/clock/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import type { Finding, FormatOptions, Target } from './types.ts';

export interface TerminologyLoadOptions extends FormatOptions {
  /** A name of `terminologyFormats`. */
  readonly format: string;
  /** Files, folders and archives. */
  readonly paths: readonly string[];
  readonly clock: Clock;
  /** Seals what is written into the record. */
  readonly keyring?: Keyring;
  /** Leave the version that is in use in use. Default: what is loaded is used from then on. */
  readonly keepCurrent?: boolean;
  /** Stops after the rows at hand are written; the same load goes on there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** What belongs into the transaction that makes it visible, such as the audit entry. */
  readonly alongside?: (transaction: Transaction, loaded: readonly LoadedTarget[]) => Promise<void>;
}

export interface LoadProgress {
  readonly rows: number;
  /** On disk. */
  readonly bytesRead: number;
  readonly bytes: number;
}

export interface LoadedTarget {
  readonly kind: Target['kind'];
  readonly url: string;
  readonly version: string;
  /** Concepts, or rows of the map. */
  readonly count: number;
}

/**
 * `loaded`: all of it is there and seen. `unchanged`: the same files were loaded before. `stopped`: the same load goes on when it is started again. `refused`: nothing of it is there, and
 * what was there before is as it was.
 */
export interface LoadReport {
  readonly outcome: 'loaded' | 'unchanged' | 'stopped' | 'refused';
  readonly targets: readonly LoadedTarget[];
  readonly findings: readonly Finding[];
  /** Rows that were there from a load that was broken off. */
  readonly resumedAt: number;
}
