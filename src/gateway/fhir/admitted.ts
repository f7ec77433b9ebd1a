import type { Admission } from '../../foundation/admission/index.ts';
import type { OpenRecord } from '../../trust/access/index.ts';

/**
 * The record for a request: what takes a connection for itself waits its turn. Reads by id and lone writes go in groups, which trust/access
 * lets in.
 */
export const admitted = (record: OpenRecord, admission: Admission): OpenRecord => ({
  read: record.read,
  state: record.state,
  write: record.write,
  readVersion: (...asked) => admission.run(() => record.readVersion(...asked)),
  readMany: (...asked) => admission.run(() => record.readMany(...asked)),
  history: (...asked) => admission.run(() => record.history(...asked)),
  search: (...asked) => admission.run(() => record.search(...asked)),
  everything: (...asked) => admission.run(() => record.everything(...asked)),
  transaction: (...asked) => admission.run(() => record.transaction(...asked)),
});
