import type { Identity } from '../../clinical/identity/index.ts';
import {
  createRecordExport,
  type RecordExport,
  type RecordTransaction,
  recordTransaction,
  type WriteOrigin,
} from '../../clinical/record/index.ts';
import {
  type EntryFilter,
  type EntrySummary,
  listEntries,
  listMessages,
  listQueues,
  type MessageFilter,
  type MessageSummary,
  type QueueSummary,
  readMessage,
  type StoredMessage,
  type TraceStep,
  traceOf,
} from '../../exchange/queue/index.ts';
import { Admission } from '../../foundation/admission/index.ts';
import {
  type AuditBatches,
  type AuditFilter,
  listAudit,
  type RecordedEntry,
} from '../../foundation/audit/index.ts';
import { type Clock, systemClock } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database, Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { type AccessContext, auditScopeOf, messageScopeOf, recordScopeOf } from './context.ts';
import { type IdentityDoor, identityDoor } from './identity/door.ts';
import { type FeederOf, fed } from './identity/feed.ts';
import { type ObservePatients, observed } from './observed.ts';
import { type OpenRecord, openRecord, Shared } from './open-record.ts';

export interface AccessOptions {
  readonly database: Database;
  /** Opens message bodies and contents of the record that are encrypted at rest. */
  readonly keyring?: Keyring;
  /** Where what is written to the record is told, in its own transaction; absent only for an import that is one entry by itself, and in tests. */
  readonly audit?: Pick<AuditBatches, 'recordAllIn'>;
  readonly clock?: Clock;
  /** Hears of Patients that are written, in the transaction that writes them. */
  readonly observe?: ObservePatients;
  /** Who is who; without it nobody can ask. */
  readonly identity?: Identity;
  /** The one client that feeds the numbers of a system (`Identifier.system`), where one is declared. */
  readonly feederOf?: FeederOf;
}

/** Connections that groups of reads and of writes take at most. */
const GROUPS_RUNNING = 4;

export interface Access {
  /** The record, to read and to write. */
  openRecord(context: AccessContext): OpenRecord;
  /** The same within a transaction that commits something else with what is written: how far an import is. */
  openRecordIn(transaction: Transaction, context: AccessContext, origin: WriteOrigin): RecordTransaction;
  /** The record as of an instant, whole: for exports. */
  openExport(context: AccessContext): RecordExport;
  openMessages(context: AccessContext): MessageDoor;
  /** Throws INTERNAL where access was created without identity. */
  openIdentity(context: AccessContext): IdentityDoor;
  openAudit(context: AccessContext): AuditDoor;
}

/** The audit trail as a context sees it; see foundation/audit list.ts. */
export interface AuditDoor {
  entries(filter: AuditFilter): Promise<RecordedEntry[]>;
}

/** The message store as a context sees it; see exchange/queue inspect.ts. */
export interface MessageDoor {
  queues(): Promise<QueueSummary[]>;
  entries(filter: EntryFilter): Promise<EntrySummary[]>;
  messages(filter?: MessageFilter): Promise<MessageSummary[]>;
  message(id: number): Promise<StoredMessage | undefined>;
  trace(id: number): Promise<TraceStep[]>;
}

export function createAccess(options: AccessOptions): Access {
  const { database, keyring, audit, clock = systemClock, observe } = options;
  const shared = new Shared(new Admission({ clock, running: GROUPS_RUNNING }));
  return {
    openRecord: (context) =>
      openRecord(
        database,
        {
          ...{ scope: recordScopeOf(context), context, audit, observe },
          ...(keyring ? { keyring } : {}),
          ...(options.feederOf ? { feederOf: options.feederOf } : {}),
        },
        shared,
      ),
    openRecordIn(transaction, context, origin) {
      const sealed = keyring ? { keyring } : {};
      const record = recordTransaction(transaction, origin, { scope: recordScopeOf(context), ...sealed });
      return {
        ...fed(record, context, options.feederOf),
        write: async (writes) => [
          ...(await observed(transaction, await record.write(writes), { record, observe })),
        ],
      };
    },
    openExport: (context) => createRecordExport(database, recordScopeOf(context), keyring),
    openMessages(context) {
      const scope = messageScopeOf(context);
      const bounded = scope ? { scope } : {};
      return {
        queues: () => listQueues(database, scope),
        entries: (filter) => listEntries(database, filter, scope),
        messages: (filter = {}) => listMessages(database, filter, scope),
        message: (id) => readMessage(database, id, { ...bounded, ...(keyring ? { keyring } : {}) }),
        trace: (id) => traceOf(database, id, scope),
      };
    },
    openIdentity(context) {
      const { identity, feederOf } = options;
      if (!identity) throw new IsthmusError('INTERNAL', { rule: 'access with identity' });
      return identityDoor({
        ...{ database, identity, context, audit, clock, scope: recordScopeOf(context) },
        ...(keyring ? { keyring } : {}),
        ...(feederOf ? { feederOf } : {}),
      });
    },
    openAudit(context) {
      const scope = auditScopeOf(context);
      return { entries: (filter) => listAudit(database, filter, scope) };
    },
  };
}
