/**
 * The only doors to the record, the messages and the audit trail for everything above trust (DESIGN 2): they are opened for someone.
 *
 * It promises (docs/design/access.md, rules A1-A4): a context becomes a predicate inside the SQL of every read, so what it may not see does not
 * exist, neither in results nor in totals, histories or pages; a context that says nothing sees nothing; what is written is in the audit trail if
 * and only if it was committed. It never does: filter after reading, take a caller's word for who they are
 * (the server's check of tokens does that), or hand out the database.
 */

export {
  type Change,
  type EverythingOptions,
  type ExportSelection,
  type HistoryEntry,
  type HistoryMethod,
  type HistoryOptions,
  type HistoryPage,
  type HistoryPosition,
  IDENTITY_SYSTEM,
  isShared,
  type Json,
  newResourceId,
  numberedPatient,
  type Origin,
  type PatientNumber,
  type Position,
  patientId,
  patientReference,
  type RecordExport,
  type RecordReader,
  type RecordReads,
  type RecordSnapshot,
  type RecordTransaction,
  type RecordWrite,
  type ResourceName,
  type ResourceState,
  type ResourceWrite,
  resourceId,
  type SearchPage,
  type StoredIssue,
  type StoredResource,
  type WriteOrigin,
  type WriteOutcome,
} from '../../clinical/record/index.ts';
export { type Access, type AccessOptions, type AuditDoor, createAccess, type MessageDoor } from './access.ts';
export { type AccessContext, type Purpose, type Right, systemContext } from './context.ts';
export type { IdentityDoor } from './identity/door.ts';
export type { FeederOf, PatientFeed, Retirement } from './identity/feed.ts';
export type { SeenMatch, SeenMatching } from './identity/matching.ts';
export type { MergeAsked, Merged, NamedPatient, Stewardship } from './identity/stewardship.ts';
export type { ObservePatients } from './observed.ts';
export type { OpenRecord } from './open-record.ts';
