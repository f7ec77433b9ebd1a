import { createPersons, type Decision, migrations as identity } from '../../src/clinical/identity/index.ts';
import {
  applyWrites,
  patientId,
  patientReference,
  type RecordReader,
  type RecordScope,
  type RecordWrite,
  migrations as record,
  recordReader,
  resourceId,
} from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import { type SqlParameter, sql, type Transaction } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

export const HOSPITAL = '2.16.840.1.113883.19.5';
export const CLINIC = '2.16.840.1.113883.19.6';

export const number = (identifier: string, authority = HOSPITAL): SourcePatient => ({
  authority,
  identifier,
});

export const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 3, 10, minute));

export const decision = (reason = 'test', more: Partial<Decision> = {}): Decision => ({
  actor: 'tester',
  reason,
  at: at(0),
  ...more,
});

/** What a registration says of a patient. */
export const patient = (
  who: SourcePatient,
  set: RecordWrite['set'],
  { minute = 0, ...more }: Partial<RecordWrite> & { minute?: number } = {},
): RecordWrite => ({
  type: 'Patient',
  id: patientId(who),
  key: `${who.authority}|${who.identifier}`,
  origin: { system: 'adt', patient: who, messageId: 1, eventTime: at(minute) },
  set: {
    'identifier@PID-3': [{ system: `urn:oid:${who.authority}`, value: who.identifier }],
    ...set,
  },
  ...more,
});

export const named = (family: string, given = 'Ann'): RecordWrite['set'] => ({
  name: [{ family, given: [given] }],
});

export const observation = (
  who: SourcePatient,
  key: string,
  { minute = 0, value = 1 } = {},
): RecordWrite => ({
  type: 'Observation',
  id: resourceId('Observation', 'lab', key),
  key,
  origin: { system: 'lab', patient: who, messageId: 2, eventTime: at(minute) },
  set: {
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }] },
    subject: { reference: patientReference(who) },
    valueInteger: value,
  },
});

export interface World {
  readonly db: TestDatabase;
  readonly persons: ReturnType<typeof createPersons>;
  readonly all: RecordReader;
  as(scope: RecordScope): RecordReader;
  write(...writes: readonly RecordWrite[]): ReturnType<typeof applyWrites>;
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  rows<Row extends object>(text: string, ...parameters: SqlParameter[]): Promise<Row[]>;
  /** A Patient as it is shown, without what changes with every version. */
  shown(who: SourcePatient | string): Promise<Record<string, unknown> | undefined>;
}

export async function openWorld(): Promise<World> {
  const db = await openTestDatabase({ migrations: [...record, ...identity], poolSize: 8 });
  const as = (scope: RecordScope) => recordReader(db.database, { scope });
  const all = as({ kind: 'everything' });
  const run: World['run'] = (work) => db.database.transaction(work);
  return {
    db,
    persons: createPersons(),
    all,
    as,
    run,
    write: (...writes) => run((transaction) => applyWrites(transaction, writes)),
    rows: (text, ...parameters) => db.database.query(sql('test', text, { prepare: false }), parameters),
    async shown(who) {
      const found = await all.read('Patient', typeof who === 'string' ? who : patientId(who));
      if (!found) return undefined;
      const { meta, ...content } = JSON.parse(found.json) as { meta: Record<string, unknown> };
      const { versionId: _v, lastUpdated: _l, source: _s, ...labels } = meta;
      return Object.keys(labels).length === 0 ? content : { ...content, meta: labels };
    },
  };
}
