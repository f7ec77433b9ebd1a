import {
  type ReaderOptions,
  type RecordReader,
  type RecordTransaction,
  type ResourceName,
  type ResourceWrite,
  recordReader,
  recordTransaction,
  type StoredResource,
  type WriteOrigin,
  type WriteOutcome,
} from '../../clinical/record/index.ts';
import { type Admission, KeyedGroups } from '../../foundation/admission/index.ts';
import type { AuditBatches, AuditEntry } from '../../foundation/audit/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { AccessContext } from './context.ts';
import { readGroup } from './grouped-reads.ts';
import { type LoneWrite, type WriteTogether, writeGroup } from './grouped-writes.ts';
import { type FeederOf, fed } from './identity/feed.ts';
import { type ObservePatients, observed } from './observed.ts';

/** The record as it is opened for someone. */
export interface OpenRecord extends RecordReader {
  /**
   * One write by itself. Those of one context that come at the same time share a transaction and its commit, each judged alone. Throws as
   * the record's `write` does.
   */
  write(origin: WriteOrigin, write: ResourceWrite): Promise<WriteOutcome>;
}

export interface OpenOptions extends ReaderOptions {
  readonly context: AccessContext;
  /** Where what is written is told, in the transaction that writes it. */
  readonly audit: Pick<AuditBatches, 'recordAllIn'> | undefined;
  /** Hears of Patients that are written. */
  readonly observe: ObservePatients | undefined;
  /** Who alone may name patients by the numbers of a system. */
  readonly feederOf?: FeederOf;
}

/** What calls of the same context share. One for each database. */
export class Shared {
  readonly admission: Admission;
  readonly reads = new KeyedGroups<ResourceName, StoredResource | undefined>({ maxItems: 100, running: 2 });
  /** Two, so that while one commits, the next is already being written. */
  readonly writes = new KeyedGroups<LoneWrite, WriteOutcome>({ maxItems: 64, running: 2 });

  constructor(admission: Admission) {
    this.admission = admission;
  }
}

/** The record for a context: every write is in the audit trail if and only if it was committed, both are one transaction. */
export function openRecord(database: Database, options: OpenOptions, shared: Shared): OpenRecord {
  const { context, audit, observe, feederOf, ...reading } = options;
  const { correlationId, ...whom } = context;
  const { who } = whom;
  // All of it, so that nothing that tells two contexts apart can be forgotten here.
  const key = JSON.stringify(whom);
  const reader = recordReader(database, reading);

  /** The current version, together with those that others of the same context read now. */
  const read = (type: string, id: string) =>
    shared.reads.add(key, { type, id }, (names) => shared.admission.run(() => readGroup(names, reader)));

  return {
    ...reader,
    read,
    async state(type, id) {
      const resource = await read(type, id);
      if (resource) return { kind: 'current', resource };
      return shared.admission.run(() => reader.state(type, id));
    },
    transaction: (origin, work) =>
      database.transaction(async (transaction) => {
        const { record, written } = watched(
          fed(recordTransaction(transaction, origin, reading), context, feederOf),
        );
        const result = await work(record);
        const entries = written.flatMap((outcome) => entriesOf(outcome, who, correlationId));
        await audit?.recordAllIn(transaction, entries);
        await observed(transaction, written, { record, observe });
        return result;
      }),
    write(origin, write) {
      const together: WriteTogether = (writes) =>
        shared.admission.run(() =>
          database.transaction(async (transaction) => {
            const record = recordTransaction(transaction, origin, reading);
            const outcomes = await record.write(writes.map((one) => one.write));
            const entries = outcomes.flatMap((one, n) => entriesOf(one, who, writes[n]?.correlationId));
            await audit?.recordAllIn(transaction, entries);
            return observed(transaction, outcomes, { record, observe });
          }),
        );
      const whose = `${key} ${JSON.stringify(origin)}`;
      return shared.writes.add(whose, { write, correlationId }, (writes) => writeGroup(writes, together));
    },
  };
}

/** The record of a transaction, and the outcomes of what is written to it. */
function watched(record: RecordTransaction) {
  const written: WriteOutcome[] = [];
  const write: RecordTransaction['write'] = async (writes) => {
    const outcomes = await record.write(writes);
    written.push(...outcomes);
    return outcomes;
  };
  return { record: { ...record, write }, written };
}

const actions: Partial<Record<WriteOutcome['kind'], string>> = {
  created: 'record.create',
  updated: 'record.update',
  deleted: 'record.delete',
};

function entriesOf(
  { kind, type, id }: WriteOutcome,
  who: string,
  correlationId: string | undefined,
): AuditEntry[] {
  const action = actions[kind];
  if (action === undefined) return [];
  return [
    {
      ...{ action, actor: `client ${who}`, target: `${type}/${id}`, outcome: 'success' as const },
      ...(correlationId === undefined ? {} : { correlationId }),
    },
  ];
}
