/** What commander hands to the commands, by command. */

export interface ConfigOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface GoldenCommandOptions extends ConfigOptions {
  readonly folder?: string;
  readonly update?: boolean;
}

export interface RecordCommandOptions {
  readonly channel?: readonly string[];
  readonly last?: number;
  readonly limit?: number;
  readonly follow: boolean;
  readonly identified?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

export interface ReplayCommandOptions {
  readonly before: string;
  readonly after: string;
  readonly show: number;
  readonly json?: boolean;
}

export interface MessagesOptions {
  readonly channel?: string;
  readonly type?: string;
  readonly controlId?: string;
  readonly key?: string;
  readonly state?: 'waiting' | 'retrying' | 'held' | 'parked' | 'blocked' | 'removed' | 'done';
  readonly since?: Date;
  readonly until?: Date;
  readonly before?: number;
  readonly limit: number;
  readonly json?: boolean;
}

export interface ShowOptions {
  readonly raw?: boolean;
  readonly json?: boolean;
}

export interface ShowQueueOptions {
  readonly state?: 'waiting' | 'retrying' | 'held' | 'parked' | 'blocked' | 'done';
  readonly after?: number;
  readonly limit: number;
  readonly json?: boolean;
}

export interface RetentionOptions {
  readonly olderThan: number;
  readonly reason: string;
  readonly json?: boolean;
}

export interface AuditListOptions {
  readonly since?: Date;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly before?: number;
  readonly limit: number;
  readonly json?: boolean;
}

export interface ImportCommandOptions {
  readonly system: string;
  readonly workers: number;
  readonly restart?: boolean;
  readonly keepInvalid?: boolean;
  readonly report?: string;
  readonly json?: boolean;
}

export interface RemovePackageOptions {
  readonly reason?: string;
  readonly json?: boolean;
}
