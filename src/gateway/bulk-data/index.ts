/**
 * Bulk Data Access 2.0.0: `$export` of the system, of all patients and of a Group (docs/design/bulk-data.md, rules B1-B15).
 *
 * It promises: an export holds everything of its context that was committed up to its transactionTime and nothing later, whatever is written
 * meanwhile and however often it is broken off; only the client that asked, in the context it asked in, gets to see status and files; memory
 * stays bounded. It never does: read the record outside a context, keep files past their time, or run one job on two nodes.
 */
import type { Migration } from '../../foundation/database/index.ts';
import type { FhirRequest, Interaction } from '../fhir/index.ts';
import { exportInteractions } from './api/interactions.ts';
import { createJobStore } from './job/store.ts';
import bulkExport from './migrations/0050_bulk_export.sql';
import { startWorker } from './run/worker.ts';
import { type BulkExportOptions, defaultLimits } from './types.ts';

export const migrations: Migration[] = [{ number: 50, name: 'bulk-export', text: bulkExport }];

export { cancelExport, type ExportSummary, listExports } from './job/admin.ts';
export type { BulkExportOptions, ExportLimits } from './types.ts';

export interface BulkExport {
  /** Rows for the FHIR API's table. */
  readonly interactions: readonly Interaction[];
  /** From now on this node runs jobs, its own and those that others left. */
  start(): void;
  /** Gives the job that runs back. */
  stop(): Promise<void>;
}

export function createBulkExport(options: BulkExportOptions): BulkExport {
  const { database, access, contextOf, clock, logger, keyring } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const store = createJobStore(database, limits, keyring);
  let worker: ReturnType<typeof startWorker> | undefined;
  const ownerOf = ({ caller }: FhirRequest) => ({ client: caller, context: contextOf(caller) });
  return {
    interactions: exportInteractions({
      ...{ store, ownerOf },
      now: () => clock.now(),
      wake: () => worker?.wake(),
    }),
    start() {
      worker ??= startWorker({ database, access, store, clock, logger, keyring, limits });
    },
    async stop() {
      await worker?.stop();
      worker = undefined;
    },
  };
}
