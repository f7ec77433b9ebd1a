/**
 * Import of files (docs/how-to/import.md): NDJSON as bulk exports write it, and bundles: transactions, batches, collections.
 *
 * It promises: the position in a file is committed with the data before it, so that an import that ended anywhere goes on there, nothing twice and nothing
 * skipped; a file is known by its content and is not imported again unless it is told to; what is refused is listed with line, place and rule; memory does
 * not grow with a file of lines. It never does: write past the access context, put data of a patient into a report, or leave an invalid resource unmentioned.
 */
import type { Migration } from '../../foundation/database/index.ts';
import text from './migrations/0027_import.sql';

export const migrations: Migration[] = [{ number: 27, name: 'import', text }];

export type { Counts, Refusal } from './ledger.ts';
export {
  type ImportedFile,
  type ImportOptions,
  type ImportProgress,
  type ImportReport,
  importFiles,
} from './run.ts';
