/**
 * The only doors to the record, the messages and the audit trail for everything above trust (DESIGN 2): they are opened for someone.
 *
 * It promises: a context becomes a predicate inside the SQL of every read, so what it may not see does not exist, neither in results nor in
 * totals, histories or pages; a context that says nothing sees nothing. It never does: filter after reading, take a caller's word for who they are
 * (the server's check of tokens does that), or hand out the database.
 */

export {
  type Change,
  type DateClause,
  type DatePrefix,
  datePrefixes,
  type EverythingOptions,
  type ExportSelection,
  type FormerPosition,
  type FormerReader,
  type HistoryEntry,
  type HistoryMethod,
  type HistoryOptions,
  type HistoryPage,
  type HistoryPosition,
  hasMainDate,
  isShared,
  type Json,
  newResourceId,
  type Origin,
  type Position,
  patientId,
  patientReference,
  type RecordExport,
  type RecordQuery,
  type RecordReader,
  type RecordReads,
  type RecordSnapshot,
  type RecordTransaction,
  type RecordWrite,
  type ReferenceClause,
  type ResourceName,
  type ResourceState,
  type ResourceWrite,
  referenceParameters,
  resourceId,
  type SearchPage,
  type StoredIssue,
  type StoredResource,
  type TokenClause,
  tokenParameters,
  type WriteOrigin,
  type WriteOutcome,
} from '../../clinical/record/index.ts';
export { type Access, type AccessOptions, type AuditDoor, createAccess, type MessageDoor } from './access.ts';
export { type AccessContext, type Purpose, systemContext } from './context.ts';
