import { type Identity, numbersOf } from '../../../clinical/identity/index.ts';
import {
  numberedPatient,
  type PatientNumber,
  patientId,
  type ReaderOptions,
  type RecordTransaction,
  recordTransaction,
  type StoredResource,
} from '../../../clinical/record/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { AccessContext } from '../context.ts';
import { type Deciding, decided, decisionOf, entryOf, tellDecision } from './deciding.ts';

/** The one client that feeds the numbers of a system; undefined where none is declared. */
export type FeederOf = (system: string) => string | undefined;

/** One number goes on as another of the same system. */
export interface Retirement {
  readonly retired: PatientNumber;
  /** By number, or by the id of its Patient. */
  readonly surviving: PatientNumber | string;
}

/** What a source of patients (IHE ITI-104) says about numbers. Audited in its transaction. */
export interface PatientFeed {
  /** Resolve Duplicate. Returns the Patient of the retired number as it is published then. Throws FORBIDDEN, INVALID_RESOURCE, IDENTITY_REFUSED. */
  retire(retirement: Retirement): Promise<StoredResource>;
  /** The source has removed its patient: parts it from its person, and deletes what it said. False for a number that nobody has, or several state. Throws FORBIDDEN, IDENTITY_REFUSED. */
  remove(number: PatientNumber): Promise<boolean>;
}

interface Parts extends Deciding, ReaderOptions {
  readonly identity: Identity;
  readonly feederOf?: FeederOf;
}

/** Only one client feeds a system whose feeder is declared (PIXm: a single source for each domain). Throws FORBIDDEN. */
function demandFeeder({ who }: AccessContext, system: string, feederOf: FeederOf | undefined): void {
  const feeder = feederOf?.(system);
  if (feeder !== undefined && feeder !== who)
    throw new IsthmusError('FORBIDDEN', { place: 'identifier', rule: 'another client feeds these numbers' });
}

/** A record whose `sourceOf` also says whether the context may name patients by these numbers. Throws FORBIDDEN. */
export const fed = (
  record: RecordTransaction,
  context: AccessContext,
  feederOf: FeederOf | undefined,
): RecordTransaction => ({
  ...record,
  async sourceOf(number) {
    demandFeeder(context, number.system, feederOf);
    return record.sourceOf(number);
  },
});

export function patientFeed(parts: Parts): PatientFeed {
  const { database, context, scope, keyring, feederOf } = parts;
  const recordIn = (transaction: Transaction) =>
    recordTransaction(transaction, { system: context.who }, { scope, ...(keyring ? { keyring } : {}) });
  const demand = (system: string) => {
    demandFeeder(context, system, feederOf);
    // Whose numbers they are is said by who sees all of them.
    if (scope.kind !== 'everything') throw new IsthmusError('FORBIDDEN', { rule: 'a source of patients' });
  };
  return {
    retire(retirement) {
      demand(retirement.retired.system);
      return decided(database, (transaction) =>
        retire(transaction, retirement, recordIn(transaction), parts),
      );
    },
    remove(number) {
      demand(number.system);
      return decided(database, (transaction) => remove(transaction, number, recordIn(transaction), parts));
    },
  };
}

async function retire(
  transaction: Transaction,
  { retired, surviving }: Retirement,
  record: RecordTransaction,
  parts: Parts,
): Promise<StoredResource> {
  const stays = typeof surviving === 'string' ? surviving : await record.sourceOf(surviving);
  if (stays === undefined || !(await record.read('Patient', stays))) throw unknown('Patient.link.other');
  if (typeof surviving !== 'string' && surviving.system !== retired.system) throw otherSystem();
  const goes = (await record.sourceOf(retired)) ?? idOf(retired);
  if (goes === undefined) throw unknown('Patient.identifier');
  const known = await numbersOf(transaction, [stays, goes]);
  const survivor = known.find(({ id }) => id === stays);
  const former = known.find(({ id }) => id === goes) ?? numberedPatient(retired);
  if (!survivor || !former) throw unknown('Patient.identifier');
  const changes = await parts.identity.carryOut(transaction, {
    event: {
      ...{ event: 'ITI-104', kind: 'merge', level: 'patient' },
      pairs: [{ patients: [survivor], former: [former] }],
    },
    decision: decisionOf(parts, 'Resolve Duplicate (ITI-104)'),
    ask: ({ why }) => Promise.reject(contradicted(why)),
  });
  for (const change of changes) await tellDecision(transaction, 'identity.merge', { ...parts, change });
  const published = await record.read('Patient', goes);
  if (!published) throw new IsthmusError('INTERNAL', { rule: 'a retired number is published' });
  return published;
}

const idOf = (number: PatientNumber): string | undefined => {
  const patient = numberedPatient(number);
  return patient && patientId(patient);
};

const WHY = {
  statements: 'the two differ in name, birth date and sex at once; a person has to decide',
  'not-same': 'a person decided that two of these patients are not the same',
  'merged-elsewhere': 'the number was merged into another before',
} as const;

const contradicted = (why: keyof typeof WHY) => new IsthmusError('IDENTITY_REFUSED', { rule: WHY[why] });
const unknown = (place: string) =>
  new IsthmusError('INVALID_RESOURCE', { place, rule: 'a number or a Patient that is known' });
const otherSystem = () =>
  new IsthmusError('INVALID_RESOURCE', {
    place: 'Patient.link.other',
    rule: 'only numbers of one assigning authority are merged',
  });

async function remove(
  transaction: Transaction,
  number: PatientNumber,
  record: RecordTransaction,
  parts: Parts,
): Promise<boolean> {
  const { identity, audit, context, clock } = parts;
  const source = await record.sourceOf(number);
  if (source === undefined) return false;
  const change = await identity.persons.unlink(transaction, {
    source,
    decision: decisionOf(parts, 'removed by its source (ITI-104)'),
  });
  await tellDecision(transaction, 'identity.unlink', { ...parts, change });
  const [outcome] = await record.write([{ op: 'delete', type: 'Patient', id: source }]);
  if (outcome?.kind !== 'deleted') return false;
  await audit?.recordAllIn(transaction, [entryOf('record.delete', `Patient/${source}`, context)]);
  await identity.observe(transaction, { sources: [source], at: clock.now() });
  return true;
}
