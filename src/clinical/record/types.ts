import type { Resource } from '@medplum/fhirtypes';
import type { SourcePatient } from '../source-patients/index.ts';

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
  /** Canonicals of profiles that whoever writes demands of the resource as it comes to stand. */
  readonly profiles?: readonly string[];
  /** On a List: it is a snapshot, and what an older one listed and the newest does not is ended so. Members are of one type. */
  readonly ends?: Ending;
}

/** What a resource says when its sender lists it no more. Whoever lists it must speak of the same slots, so that it can come back. */
export interface Ending {
  readonly set?: Elements;
  readonly remove?: readonly string[];
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
  /** Of a List: the members that this write ended, because the newest snapshot does not list them. */
  readonly ended?: readonly Change[];
  /**
   * Of a Patient whose source's statement is kept apart (docs/design/identity.md): `kind` tells of the statement, `version` is that of the
   * Patient as it is published, and here is what was published anew because of it, of the person above all; maybe nothing.
   */
  readonly published?: readonly Change[];
}

/** What a reader may see at all; compiled into the SQL of every read. Only trust/access makes one. */
export type RecordScope =
  | { readonly kind: 'everything' }
  | { readonly kind: 'compartment'; readonly person: string }
  | { readonly kind: 'nothing' };

/** A resource as JSON, with decimals as standards/fhir `parseExact` gives them. */
export interface Json {
  readonly resourceType: string;
  readonly id?: string;
  readonly [element: string]: unknown;
}

/** A number by which some source knows a patient, as FHIR names it. */
export interface PatientNumber {
  readonly system: string;
  readonly value: string;
}

/** Who hands in whole resources (the API, an import), as against `Origin`, of a message that speaks of parts of them. */
export interface WriteOrigin {
  /** The system that said it, by its name in the configuration; for the API the client's. */
  readonly system: string;
  readonly messageId?: number;
  /** As of when it was so at the source. Default: now. */
  readonly eventTime?: Date;
}

/** What a resource was taken with although it breaks a rule; places and rules, no data. */
export interface StoredIssue {
  readonly severity: 'error' | 'warning' | 'information';
  /** A code of IssueType. */
  readonly code: string;
  /** FHIRPath of the place. */
  readonly expression: string;
  readonly rule: string;
}

/** What a resource breaks. `profiles`: canonicals of RecordWrite.profiles, of whichever type. */
export type Validate = (resource: Json, profiles: readonly string[]) => readonly StoredIssue[];

/** A whole resource to be written as it is. Ids are given by the caller (`newResourceId`). */
export type ResourceWrite =
  | {
      readonly op: 'create';
      readonly resource: Json;
      readonly method: 'POST' | 'PUT';
      readonly issues?: readonly StoredIssue[];
    }
  /** Makes it when it is absent, unless `mustExist`. `ifMatch` is the version that must be the current one. */
  | {
      readonly op: 'update';
      readonly resource: Json;
      readonly method: 'PUT' | 'PATCH';
      readonly ifMatch?: number;
      readonly mustExist?: boolean;
      /**
       * Of a Patient: what its own source says, whole, and not a published Patient that was read and is written back (ITI-104). It makes a
       * difference where several sources stand behind the person, and none otherwise.
       */
      readonly statement?: true;
      /** Of a Patient that is made under `patientId` of this number: by it its source knows the patient. */
      readonly number?: SourcePatient;
      readonly issues?: readonly StoredIssue[];
    }
  | { readonly op: 'delete'; readonly type: string; readonly id: string; readonly ifMatch?: number };

/**
 * What came of one. `absent`: nothing there to update or delete, `version` is that of an earlier deletion, or 0. `conflict`: the version
 * is not the one of `ifMatch`, or a create met a resource; `version` is the current one. Nothing is written for either.
 */
export interface WriteOutcome {
  readonly kind: 'created' | 'updated' | 'unchanged' | 'deleted' | 'absent' | 'conflict';
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated?: Date;
  /** The resource as it now stands and as a reader sees it; not for deletions. */
  readonly json?: string;
}

export type HistoryMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One version; a deletion has no resource. */
export interface HistoryEntry {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly method: HistoryMethod;
  readonly resource?: StoredResource;
}

export type ResourceState =
  | { readonly kind: 'current'; readonly resource: StoredResource }
  | { readonly kind: 'deleted'; readonly version: number; readonly at: Date }
  | { readonly kind: 'absent' };

export interface StoredResource {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly origin: StoredOrigin;
  /** The rules it breaks, if it was taken nevertheless; its JSON then carries a tag that says so. */
  readonly issues?: readonly StoredIssue[];
  /** JSON with id and meta, and with references to the person in place of the source patient. Decimals are as they were written. */
  readonly json: string;
}

export interface StoredOrigin {
  readonly system: string;
  readonly patient?: SourcePatient;
  readonly messageId?: number;
}
