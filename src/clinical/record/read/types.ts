import type { SearchQuery } from '../../../standards/fhir-search/index.ts';
import type {
  HistoryEntry,
  PatientNumber,
  ResourceState,
  ResourceWrite,
  StoredResource,
  WriteOrigin,
  WriteOutcome,
} from '../types.ts';

/** `Type/id`, in two. */
export interface ResourceName {
  readonly type: string;
  readonly id: string;
}

/**
 * Where a page of a search ended: the values it is sorted by, as texts, and the row. Plain data that the gateway signs and hands out. The values are
 * data of a patient, so a cursor is sealed, not only signed, when there are any.
 */
export interface Position {
  readonly values: readonly (string | null)[];
  readonly rid: number;
}

/** Where a page of a history ended. `at` is milliseconds since 1970. */
export interface HistoryPosition extends ResourceName {
  readonly at: number;
  readonly version: number;
}

export interface SearchPage {
  readonly matches: readonly StoredResource[];
  /** What `_include` and `_revinclude` add: each once, none of them a match, all of them within the scope. Never counted. */
  readonly included: readonly StoredResource[];
  /** Matches in all, within the scope. Also there unasked when one page holds them all. */
  readonly total?: number;
  /** Where the next page begins; absent on the last one. */
  readonly next?: Position;
  /** More would have been included than one answer holds. */
  readonly truncatedIncludes?: true;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Absent on the last page. */
  readonly next?: HistoryPosition;
  /** Versions in all within the bounds of time; for one resource only. */
  readonly total?: number;
}

export interface HistoryOptions {
  /** Entries at most, 1 to 1000. */
  readonly count: number;
  /** Versions written at that time or later. */
  readonly since?: Date;
  /** Versions that were current at some time in [from, to). */
  readonly at?: { readonly from: Date; readonly to: Date };
  readonly after?: HistoryPosition;
}

export interface EverythingOptions {
  /** Only resources of these types; default every type of the compartment, and what they refer to. */
  readonly types?: readonly string[];
  /** Written at that time or later. */
  readonly since?: Date;
  /** Care dates that overlap [start, end); what has no date is in. */
  readonly start?: Date;
  readonly end?: Date;
  /** Resources of the compartment per page; default all of them at once, at most 10,000. */
  readonly count?: number;
  readonly after?: Position;
}

/** Every way to read the record, bounded by one scope inside the SQL of every statement. */
export interface RecordReads {
  /** The current version; undefined when there is none within the scope. */
  read(type: string, id: string): Promise<StoredResource | undefined>;
  /** As `read`, and tells what was deleted from what never was. */
  state(type: string, id: string): Promise<ResourceState>;
  /** One version, current or past; a deletion is a version without a resource. */
  readVersion(type: string, id: string, version: number): Promise<HistoryEntry | undefined>;
  /** Those of them that are there, each once, in no order. At most 10,000 names. */
  readMany(names: readonly ResourceName[]): Promise<readonly StoredResource[]>;
  /** Versions of one resource, of one type or of all, newest first. */
  history(of: { type?: string; id?: string }, options: HistoryOptions): Promise<HistoryPage>;
  /** Throws INVALID_REQUEST when it reaches over more links than are followed. */
  search(query: SearchQuery, page?: { readonly after?: Position }): Promise<SearchPage>;
  /** The compartment of a person as matches, and as `included` the shared resources that they refer to. */
  everything(person: string, options?: EverythingOptions): Promise<SearchPage>;
}

/** Used by trust/access, which decides the scope; nobody above it has another way in. */
export interface RecordReader extends RecordReads {
  /**
   * Reads and writes on one connection, committed when `work` returns. Throws what `work` throws; a conflict with another transaction
   * is a DATABASE failure that the caller may retry from the beginning.
   */
  transaction<T>(origin: WriteOrigin, work: (record: RecordTransaction) => Promise<T>): Promise<T>;
}

/** Statements of one transaction run one after the other; each sees what was committed before it, and the transaction's own writes. */
export interface RecordTransaction extends RecordReads {
  /** Outcomes in the order of the writes. What the scope excludes is `absent`, or a `conflict` for a create. */
  write(writes: readonly ResourceWrite[]): Promise<readonly WriteOutcome[]>;
  /**
   * The source patient whose number this is, of its authority or because its source states it: a write that names the patient by number is meant for it,
   * also where several sources stand behind the person (`ResourceWrite.statement`). Undefined where nobody has it, or several state it.
   */
  sourceOf(number: PatientNumber): Promise<string | undefined>;
  /** As `read`, and nobody changes it until the transaction ends (PATCH, If-Match). */
  lock(type: string, id: string): Promise<StoredResource | undefined>;
  /**
   * Takes the locks of these criteria until the transaction ends: who is about to create or update what a search finds takes the lock of
   * that search first, so that of two only one finds nothing.
   */
  lockCriteria(keys: readonly string[]): Promise<void>;
}
