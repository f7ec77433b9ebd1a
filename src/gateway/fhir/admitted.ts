import type { Admission } from '../../foundation/admission/index.ts';
import type { IdentityDoor, OpenRecord } from '../../trust/access/index.ts';

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

/** The same for who is who. */
export function admittedIdentity(door: IdentityDoor, admission: Admission): IdentityDoor {
  const { feed } = door;
  return {
    match: (...asked) => admission.run(() => door.match(...asked)),
    knows: (...asked) => admission.run(() => door.knows(...asked)),
    feed: {
      retire: (...asked) => admission.run(() => feed.retire(...asked)),
      remove: (...asked) => admission.run(() => feed.remove(...asked)),
    },
    steward() {
      const steward = door.steward();
      return {
        sources: (...asked) => admission.run(() => steward.sources(...asked)),
        history: (...asked) => admission.run(() => steward.history(...asked)),
        reviews: (...asked) => admission.run(() => steward.reviews(...asked)),
        review: (...asked) => admission.run(() => steward.review(...asked)),
        answer: (...asked) => admission.run(() => steward.answer(...asked)),
        merge: (...asked) => admission.run(() => steward.merge(...asked)),
        undo: (...asked) => admission.run(() => steward.undo(...asked)),
      };
    },
  };
}
