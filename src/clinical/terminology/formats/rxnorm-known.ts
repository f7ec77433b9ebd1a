import type { Rows } from '../load/types.ts';
import type { IdNumbers } from './ids.ts';

/** What the files of RxNorm are read into, one after the other. */
export interface Known {
  readonly rows: Rows;
  /** Those that are in the code system. */
  readonly concepts: IdNumbers;
}

export const isRxCui = (code: string): boolean => /^[1-9]\d{0,8}$/.test(code);
