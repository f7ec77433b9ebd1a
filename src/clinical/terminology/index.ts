/**
 * Terminology of an installation (docs/design/terminology.md, rules TL1-): what is loaded into tables, resources of the record, FHIR packages and built-in definitions as one source, and the loaders.
 *
 * It promises: a load is there whole or not at all, the version before stays in use until then and is kept; a load that was broken off goes on; memory does not grow with
 * the files; a source answers the same as long as nothing was changed; messages get translations beside their codes, which stay first and as they came; what no map translates passes as it is
 * and is counted (TU1-). It never does: fetch anything, guess what a file or a code means, change a file, or write untranslated because maps could not be read.
 */
import type { Migration } from '../../foundation/database/index.ts';
import terminology from './migrations/0070_terminology.sql';
import unmapped from './migrations/0071_unmapped.sql';

export const migrations: Migration[] = [
  { number: 70, name: 'terminology', text: terminology },
  { number: 71, name: 'unmapped', text: unmapped },
];

export { type TerminologyFormat, terminologyFormats } from './formats/list.ts';
export type {
  LoadedTarget,
  LoadProgress,
  LoadReport,
  TerminologyLoadOptions,
} from './load/options.ts';
export { loadTerminology } from './load/run.ts';
export type { Finding } from './load/types.ts';
export { openTerminology, type Terminology, type TerminologyOptions } from './open.ts';
export { groupSubstances } from './substances/group.ts';
export type {
  GroupedBy,
  SubstanceCoding,
  SubstanceEntry,
  SubstanceGroup,
} from './substances/types.ts';
export { type TranslationRules, translationName } from './translate/rules.ts';
export { createTranslator, type TranslationWork, type Translator } from './translate/translator.ts';
export type { Applied, ApplyProgress, ApplyRequest } from './unmapped/apply.ts';
export type {
  Candidate,
  Decided,
  DecidedEquivalence,
  Decider,
  MapDecision,
  UnmappedCode,
  UnmappedFilter,
  UnmappedList,
  UnmappedState,
} from './unmapped/types.ts';
export { createWorkList, type WorkList, type WorkListOptions } from './unmapped/work-list.ts';
export {
  type LoadedVersion,
  listTerminology,
  removeTerminology,
  useTerminology,
  type VersionOptions,
} from './versions.ts';
