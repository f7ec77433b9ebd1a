import type { SourcePatient } from '../source-patients/index.ts';
import { patientId, resourceId } from './ids.ts';
import type { Change, RecordWrite } from './types.ts';

export interface ProvenanceOptions {
  readonly recorded: Date;
  /** What people call a message: its type and control id. */
  readonly nameOf?: (messageId: number) => string | undefined;
}

/** What one message changed about one patient. */
interface Account {
  readonly system: string;
  readonly messageId: number;
  readonly patient: SourcePatient | undefined;
  readonly eventTime: Date;
  /** `Type/id/_history/version` by `Type/id`: the last version that the message made. */
  readonly targets: Map<string, string>;
  creates: boolean;
}

/**
 * One Provenance for each message and patient that changed something: who sent it, which message it was, and the versions that came of
 * it. `changes` are those of `applyWrites` for `writes`. A message that changed nothing leaves none, and one that is run again writes to
 * the same.
 */
export function provenanceOf(
  writes: readonly RecordWrite[],
  changes: readonly Change[],
  options: ProvenanceOptions,
): RecordWrite[] {
  const accounts = new Map<string, Account>();
  writes.forEach((write, index) => {
    const change = changes[index];
    if (!change) return;
    for (const one of [change, ...(change.ended ?? []), ...(change.published ?? [])]) {
      if (one.kind !== 'unchanged') note(accounts, write, one);
    }
  });
  return [...accounts].map(([key, account]) => writeOf(key, account, options));
}

function note(accounts: Map<string, Account>, { origin }: RecordWrite, change: Change): void {
  const { system, messageId, patient, eventTime } = origin;
  if (messageId === undefined) return;
  const key = `${messageId}|${patient ? patientId(patient) : ''}`;
  const account = accounts.get(key) ?? {
    ...{ system, messageId, patient, eventTime, creates: true },
    targets: new Map<string, string>(),
  };
  const name = `${change.type}/${change.id}`;
  account.targets.set(name, `${name}/_history/${change.version}`);
  account.creates &&= change.version === 1;
  accounts.set(key, account);
}

function writeOf(key: string, account: Account, { recorded, nameOf }: ProvenanceOptions): RecordWrite {
  const { system, messageId, patient, eventTime, targets, creates } = account;
  const display = nameOf?.(messageId);
  return {
    type: 'Provenance',
    id: resourceId('Provenance', system, key),
    key,
    origin: { system, messageId, eventTime, ...(patient ? { patient } : {}) },
    set: {
      target: [...targets.values()].map((reference) => ({ reference })),
      'occurred[x]': { DateTime: eventTime.toISOString() },
      recorded: recorded.toISOString(),
      activity: { coding: [{ system: DATA_OPERATION, code: creates ? 'CREATE' : 'UPDATE' }] },
      agent: [
        {
          type: { coding: [{ system: PARTICIPANT_TYPE, code: 'transmitter' }] },
          who: { identifier: { system: 'urn:isthmus:system', value: system }, display: system },
        },
      ],
      entity: [
        {
          role: 'source',
          what: {
            identifier: { system: 'urn:isthmus:message', value: String(messageId) },
            ...(display ? { display } : {}),
          },
        },
      ],
    },
  };
}

const DATA_OPERATION = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
/** US Core 6.1 Provenance, slice ProvenanceTransmitter. */
const PARTICIPANT_TYPE = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type';
