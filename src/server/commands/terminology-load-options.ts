/** What commander hands to the commands of what is loaded. */

export interface LoadTerminologyOptions {
  readonly release?: string;
  readonly url?: string;
  readonly encoding: 'utf-8' | 'windows-1252';
  readonly keepCurrent?: boolean;
  readonly json?: boolean;
}

export interface UseTerminologyOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

export type RemoveTerminologyOptions = UseTerminologyOptions;
