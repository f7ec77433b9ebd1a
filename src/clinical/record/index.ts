/**
 * The longitudinal record: FHIR R4 resources, versioned, each with its origin (docs/design/record.md, rules R1-R29).
 *
 * It promises: what says the same about the same thing, however often it comes, is one version of one resource; the same messages give
 * the same record in whatever order they arrive; a write, its history and its row in the change feed are one transaction, the caller's;
 * whole resources are written within a scope, version by version, and no update is lost; every read is bounded by a scope inside its SQL.
 * It never does: open contents in SQL, rewrite a source patient, let a late message
 * bring back what was replaced or removed, or decide who may read.
 */
import type { Migration } from '../../foundation/database/index.ts';
import record from './migrations/0020_record.sql';
import search from './migrations/0021_search.sql';
import statements from './migrations/0022_statements.sql';
import mothersMaidenName from './migrations/0023_mothers_maiden_name.sql';

export const migrations: Migration[] = [
  { number: 20, name: 'record', text: record },
  { number: 21, name: 'search', text: search },
  { number: 22, name: 'statements', text: statements },
  { number: 23, name: 'mothers-maiden-name', text: mothersMaidenName },
];

export { isShared } from './entries.ts';
export {
  createRecordExport,
  type ExportSelection,
  type RecordExport,
  type RecordSnapshot,
} from './export/export.ts';
export { type FeedPosition, type FeedRow, feedStart, readFeed } from './feed.ts';
export {
  authorityScope,
  newResourceId,
  numberedPatient,
  patientId,
  patientReference,
  resourceId,
  sourcePatientId,
} from './ids.ts';
export { type PublishOptions, publishPersons } from './persons/publish.ts';
export { PUBLISHER as IDENTITY_SYSTEM } from './persons/publisher.ts';
export { belongingsOf, reassign } from './persons/reassign.ts';
export { type Said, saidBy } from './persons/said.ts';
export { DUPLICATE_TAG } from './persons/survivorship.ts';
export { type ProvenanceOptions, provenanceOf } from './provenance.ts';
export { type FromSystem, resourcesFrom, type SystemPage } from './read/from-system.ts';
export { type ReaderOptions, recordReader, recordTransaction } from './read/reader.ts';
export type {
  EverythingOptions,
  HistoryOptions,
  HistoryPage,
  HistoryPosition,
  Position,
  RecordReader,
  RecordReads,
  RecordTransaction,
  ResourceName,
  SearchPage,
} from './read/types.ts';
export { indexable } from './text.ts';
export type {
  Change,
  ChangeKind,
  Elements,
  Ending,
  HistoryEntry,
  HistoryMethod,
  Json,
  Origin,
  PatientNumber,
  RecordScope,
  RecordWrite,
  ResourceState,
  ResourceType,
  ResourceWrite,
  StoredIssue,
  StoredOrigin,
  StoredResource,
  Validate,
  WriteOrigin,
  WriteOutcome,
} from './types.ts';
export { type ApplyOptions, applyWrites } from './write/apply.ts';
export { lockCriteria } from './write/lock.ts';
export { previewElements, previewWrites } from './write/preview.ts';
export { countStale, type ReindexOptions, reindex } from './write/reindex.ts';
export { type Revise, type ReviseOptions, reviseResources } from './write/revise.ts';
export { partStrangers, type Stranger } from './write/strangers.ts';
export { type WriteOptions, writeResources } from './write/whole.ts';
