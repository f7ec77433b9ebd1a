import type { Keyring } from '../../../foundation/crypto/index.ts';
import { type Database, part, type Transaction } from '../../../foundation/database/index.ts';
import { sourceOf } from '../persons/source-of.ts';
import { renderRow } from '../render.ts';
import { search } from '../search/search.ts';
import type { RecordScope, WriteOrigin } from '../types.ts';
import { lockCriteria } from '../write/lock.ts';
import { writeResources } from '../write/whole.ts';
import { everythingOf } from './everything.ts';
import { historyOf } from './history.ts';
import { rowOf, rowsOfNames } from './names.ts';
import { type Reading, rendered } from './rows.ts';
import type { RecordReader, RecordReads, RecordTransaction } from './types.ts';
import { stateOf, versionOf } from './versions.ts';

export interface ReaderOptions {
  readonly scope: RecordScope;
  /** Opens contents that are sealed, and seals what is written. */
  readonly keyring?: Keyring;
}

/** The record for one scope. Only trust/access, which decides the scope, opens it for others. */
export const recordReader = (database: Database, options: ReaderOptions): RecordReader => ({
  ...readsOf({ queryable: database, ...options }),
  transaction: (origin, work) =>
    database.transaction((transaction) => work(recordTransaction(transaction, origin, options))),
});

function readsOf(reading: Reading): RecordReads {
  return {
    async read(type, id) {
      const row = await rowOf(reading, { type, id });
      return row && renderRow(row, reading.keyring);
    },
    state: (type, id) => stateOf(reading, { type, id }),
    readVersion: (type, id, version) => versionOf(reading, { type, id }, version),
    readMany: async (names) => rendered(reading, await rowsOfNames(reading, names)),
    history: (of, options) => historyOf(reading, of, options),
    search: (query, page) => search(reading, query, page),
    everything: (person, options) => everythingOf(reading, person, options),
  };
}

/** The record within a transaction of the caller's, who commits other things with what is written. */
export function recordTransaction(
  transaction: Transaction,
  origin: WriteOrigin,
  options: ReaderOptions,
): RecordTransaction {
  const reading: Reading = { queryable: transaction, ...options };
  return {
    ...readsOf(reading),
    write: (writes) => writeResources(transaction, writes, { origin, ...options }),
    async lock(type, id) {
      const row = await rowOf(reading, { type, id }, FOR_UPDATE);
      return row && renderRow(row, options.keyring);
    },
    sourceOf: (number) => sourceOf(reading, number),
    lockCriteria: (keys) => lockCriteria(transaction, keys),
  };
}

const FOR_UPDATE = part`FOR UPDATE OF r`;
