import type {
  Json,
  RecordReader,
  RecordReads,
  StoredIssue,
  WriteOrigin,
  WriteOutcome,
} from '../../../trust/access/index.ts';
import type { Method, Preference } from '../interaction.ts';

/** One interaction as an entry of a bundle asks for it. */
export interface InteractionRequest {
  readonly method: Method;
  /** Relative to the base, without a slash at its start: `Patient`, `Patient/1`, `Patient?identifier=a|b`. */
  readonly url: string;
  readonly resource?: Json;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifNoneExist?: string;
}

/** What came of an entry. */
export interface EntryResult {
  readonly status: number;
  /** Of a write in a transaction; `existing` is what a conditional create found. */
  readonly kind?: WriteOutcome['kind'] | 'existing';
  /** Relative to the base. */
  readonly location?: string;
  readonly etag?: string;
  readonly lastModified?: Date;
  /** JSON of the resource, or of the searchset that was asked for. */
  readonly resource?: string;
  /** JSON of an OperationOutcome. */
  readonly outcome?: string;
}

/** What a transaction needs of its surroundings beside the record. */
export interface TransactionDeps {
  /** `https://isthmus.example/fhir/R4`: addresses below it in entries are ours. */
  readonly base: string;
  /** Issues of severity error refuse the entry of this index. References to other entries of the bundle are `Type/id` already. */
  readonly validate: (resource: Json, index: number) => readonly StoredIssue[];
  /** A GET or HEAD of a transaction, after its writes. Throws what the same request would be refused with. */
  readonly read: (record: RecordReads, request: InteractionRequest) => Promise<EntryResult>;
  readonly now: () => Date;
  /** So many bytes will have been answered. Throws BUSY when too many answers wait to be taken; then nothing more is read. */
  readonly hold?: (bytes: number) => void;
  /** Takes what is invalid, with its issues, instead of refusing it: for an import that is told to. */
  readonly keepInvalid?: boolean;
  /** Lets a conditional reference that finds nothing stand as it is, where the standard does not ask for one: outside transactions. */
  readonly keepUnresolved?: boolean;
}

/** What processing a bundle for a caller needs. */
export interface BundleDeps extends TransactionDeps {
  readonly record: RecordReader;
  readonly origin: WriteOrigin;
  /** Is told of every entry of a transaction once it is committed, for the audit trail. */
  readonly noted: (request: InteractionRequest, result: EntryResult) => void;
  /** A whole interaction by itself, for a batch. Throws what the same request would be refused with. */
  readonly interact: (request: InteractionRequest) => Promise<EntryResult>;
  /** An error as an OperationOutcome, for the entry of a batch. */
  readonly failureOf: (error: unknown) => { readonly status: number; readonly json: string };
  /** Issues as an OperationOutcome, for `return=OperationOutcome`. */
  readonly outcomeOf: (issues: readonly StoredIssue[]) => string;
  /** Prefer: return=…; `minimal` is what is given to who says nothing. */
  readonly prefer: Preference['return'];
}
