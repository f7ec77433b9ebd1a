import {
  type ReaderOptions,
  type RecordReader,
  recordReader,
  recordTransaction,
  type WriteOutcome,
} from '../../clinical/record/index.ts';
import type { AuditBatches, AuditEntry } from '../../foundation/audit/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { AccessContext } from './context.ts';

export interface AuditedOptions extends ReaderOptions {
  readonly context: AccessContext;
  readonly audit: Pick<AuditBatches, 'recordAllIn'>;
}

/** The record, where every write is in the audit trail if and only if it was committed: both are one transaction. */
export function auditedRecord(database: Database, options: AuditedOptions): RecordReader {
  const { context, audit, ...reading } = options;
  return {
    ...recordReader(database, reading),
    transaction: (origin, work) =>
      database.transaction(async (transaction) => {
        const record = recordTransaction(transaction, origin, reading);
        const written: WriteOutcome[] = [];
        const result = await work({
          ...record,
          async write(writes) {
            const outcomes = await record.write(writes);
            written.push(...outcomes);
            return outcomes;
          },
        });
        await audit.recordAllIn(transaction, entriesOf(written, context));
        return result;
      }),
  };
}

const actions: Partial<Record<WriteOutcome['kind'], string>> = {
  created: 'record.create',
  updated: 'record.update',
  deleted: 'record.delete',
};

function entriesOf(written: readonly WriteOutcome[], { who, correlationId }: AccessContext): AuditEntry[] {
  return written.flatMap(({ kind, type, id }) => {
    const action = actions[kind];
    if (action === undefined) return [];
    return [
      {
        action,
        actor: `client ${who}`,
        target: `${type}/${id}`,
        outcome: 'success' as const,
        ...(correlationId === undefined ? {} : { correlationId }),
      },
    ];
  });
}
