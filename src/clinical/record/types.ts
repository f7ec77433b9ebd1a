import type { Resource } from '@medplum/fhirtypes';
import type { SourcePatient } from '../identity/index.ts';

export type ResourceType = Resource['resourceType'];

/** Elements of a resource by slot (see slot.ts): `birthDate`, `period.start`, `telecom[use=home]`, `value[x]`. */
export type Elements = Readonly<Record<string, unknown>>;

/** Where a piece of the record comes from. Kept with every version. */
export interface Origin {
  /** The system that said it, by its name in the configuration. */
  readonly system: string;
  /** About whom; stored as it is and never rewritten. */
  readonly patient?: SourcePatient;
  readonly messageId?: number;
  /** As of when it was so at the source (MSH-7): an older snapshot does not replace a newer one. */
  readonly eventTime: Date;
}

/**
 * One thing to be written: what a message says about one resource. What it does not mention stays as it is; what it sets replaces that
 * element; what it removes is gone. Plain data, so that it can cross threads.
 */
export interface RecordWrite {
  readonly type: ResourceType;
  /** From `resourceId` or `patientId`, so that a repeat and a correction find the same resource. */
  readonly id: string;
  /** The business key the id was made from, for people. */
  readonly key: string;
  readonly origin: Origin;
  readonly set: Elements;
  readonly remove?: readonly string[];
  /** Set only while nobody has said anything about the element: required elements with a neutral start. */
  readonly initial?: Elements;
  /** A mention in passing (the PID of a result): completes what only copies spoke of, never touches what was stated. */
  readonly copy?: boolean;
}

export type ChangeKind = 'created' | 'updated' | 'unchanged';

/** What came of one write. `version` is the version after it. */
export interface Change {
  readonly type: ResourceType;
  readonly id: string;
  readonly version: number;
  readonly kind: ChangeKind;
  readonly messageId?: number;
  /** True when the write, or a part of it, was older than what stands, and was left out. */
  readonly late: boolean;
}

/** What a reader may see at all; compiled into the SQL of every read. Only trust/access makes one. */
export type RecordScope =
  | { readonly kind: 'everything' }
  | { readonly kind: 'compartment'; readonly person: string }
  | { readonly kind: 'nothing' };

export interface StoredResource {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly origin: StoredOrigin;
  /** JSON with id and meta, and with references to the person in place of the source patient. Decimals are as they were written. */
  readonly json: string;
}

export interface StoredOrigin {
  readonly system: string;
  readonly patient?: SourcePatient;
  readonly messageId?: number;
}
