import type { Clock } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { ErrorCode } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { Access, AccessContext } from '../../trust/access/index.ts';

/** What a kick-off asks for, checked. Plain data, kept with the job. */
export interface Wanted {
  readonly level: 'system' | 'patient' | 'group';
  /** Of the Group, at that level. */
  readonly group?: string;
  /** Default: every type of the level. */
  readonly types?: readonly string[];
  /** An instant, ISO 8601. */
  readonly since?: string;
  /** Of `_elements`; without `type` of every type. */
  readonly elements?: readonly { readonly type?: string; readonly element: string }[];
  /** Queries of `_typeFilter` for a type; a resource has to fit one of those of its type. */
  readonly filters?: readonly { readonly type: string; readonly query: string }[];
  /** Ids of patients: only these of the level. */
  readonly patients?: readonly string[];
}

/** What lenient handling left out. */
export interface Remark {
  readonly place: string;
  readonly rule: string;
}

/** Why a job failed. */
export interface JobError {
  readonly code: ErrorCode;
  readonly place?: string;
  readonly rule?: string;
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed';

export interface BulkExportOptions {
  readonly database: Database;
  readonly access: Pick<Access, 'openExport'>;
  /** For whom the record is opened when this client asks; the same as the FHIR API's. */
  readonly contextOf: (client: string) => AccessContext;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seals what is stored of an export. */
  readonly keyring?: Keyring;
  readonly limits?: Partial<ExportLimits>;
}

export interface ExportLimits {
  /** Jobs of one client that wait or run. */
  readonly jobsOfClient: number;
  /** Stored bytes, compressed, of one job and of all. */
  readonly bytesOfJob: number;
  readonly bytesOfAll: number;
  /** A file ends with the line that reaches one of these. */
  readonly linesOfFile: number;
  readonly bytesOfFile: number;
  /** How long files stay after the job is done, and how long a job may take until then. */
  readonly keepMs: number;
  /** Without a sign of life for so long, another node goes on. */
  readonly leaseMs: number;
  /** Runs that may break off before the job fails. */
  readonly attempts: number;
  /** How often a node looks for what others left. */
  readonly lookMs: number;
}

const MIB = 1_048_576;

export const defaultLimits: ExportLimits = {
  jobsOfClient: 3,
  bytesOfJob: 4096 * MIB,
  bytesOfAll: 16_384 * MIB,
  linesOfFile: 100_000,
  bytesOfFile: 256 * MIB,
  keepMs: 24 * 3_600_000,
  leaseMs: 90_000,
  attempts: 5,
  lookMs: 5_000,
};
