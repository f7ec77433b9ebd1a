import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Database } from '../../../foundation/database/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import { openContent } from '../cipher.ts';
import { isPublished } from '../persons/publisher.ts';
import { entriesOf } from './entries-of.ts';
import type { NewRow } from './rows.ts';
import type { Content } from './slot.ts';
import * as statements from './sql.ts';
import { storeEntries } from './store.ts';

export interface ReindexOptions {
  /** Opens contents that are sealed. */
  readonly keyring?: Keyring;
  /** Ends it between two batches. */
  readonly signal?: AbortSignal;
  /** Called after each batch with how many were filled again so far. */
  readonly onProgress?: (done: number) => void;
}

/** Rows of one transaction: short enough that no writer waits long for one of them. */
const BATCH = 200;

interface StaleRow {
  readonly rid: number;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly source_system: string;
  readonly source_patient_id: string | null;
  readonly other_patients: readonly string[] | null;
  readonly issues: string | null;
  readonly content_key: string | null;
  readonly content: Uint8Array;
}

/** How many resources are found by what an older version of Isthmus made of them. */
export async function countStale(database: Database): Promise<number> {
  const [row] = await database.query<{ stale: number }>(statements.countStale);
  return row?.stale ?? 0;
}

/**
 * Fills the search columns of such resources again, in batches, each a transaction; returns how many. Beside writers: what somebody is
 * writing is passed over, because writing fills it, too. Contents, versions and the feed stay as they are. Broken off, it goes on next time.
 */
export async function reindex(database: Database, options: ReindexOptions = {}): Promise<number> {
  let done = 0;
  for (let after: number | undefined = 0; after !== undefined && !options.signal?.aborted; ) {
    const batch = await reindexBatch(database, after, options.keyring);
    done += batch.done;
    after = batch.last;
    if (batch.done > 0) options.onProgress?.(done);
  }
  return done;
}

/** `last` is where the next batch goes on; undefined when there is none. */
const reindexBatch = (
  database: Database,
  after: number,
  keyring: Keyring | undefined,
): Promise<{ done: number; last: number | undefined }> =>
  database.transaction(async (transaction) => {
    const stale = await transaction.query<StaleRow>(statements.staleRows, [after, BATCH]);
    const rows = stale.map((row) => refilled(row, keyring));
    const stored = await storeEntries(transaction, rows, {});
    return { done: stored.size, last: stale.at(-1)?.rid };
  });

/** The row as it stands, with entries of today's extraction. Whom it is about stays, because a message may have said so. */
function refilled(row: StaleRow, keyring: Keyring | undefined): NewRow {
  const content = parseExact(openContent(row, keyring).toString()) as Content;
  const found = entriesOf(content, row.issues !== null);
  const entries = isPublished(row) ? { ...found, patients: [row.id, ...(row.other_patients ?? [])] } : found;
  return {
    version: {
      type: row.type,
      id: row.id,
      version: row.version,
      sourceSystem: row.source_system,
      sourcePatientId: row.source_patient_id ?? entries.patients[0] ?? null,
      businessKey: '',
      messageId: null,
      method: 'PUT',
      issues: row.issues,
      content: Buffer.alloc(0),
    },
    eventTime: null,
    stated: true,
    elementTimes: null,
    entries,
    told: false,
  };
}
