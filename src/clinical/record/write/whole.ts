import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import { isMadeId, patientId } from '../ids.ts';
import { publishStatements } from '../persons/publish.ts';
import { demandOtherSystem } from '../persons/publisher.ts';
import { keepStatements, statementsBehind } from '../persons/statements.ts';
import { storable } from '../text.ts';
import type { RecordScope, ResourceWrite, WriteOrigin, WriteOutcome } from '../types.ts';
import { type Bounds, boundsOf } from './bounds.ts';
import { decide, type Plan } from './decide.ts';
import { lockRows } from './lock.ts';
import { outcomeOf, outcomeOfDeletion } from './outcome.ts';
import type { NewRow } from './rows.ts';
import * as statements from './sql.ts';
import { renumber, storeCreated, storeUpdated } from './store.ts';
import { keyOf, versionOfRow } from './version.ts';

export interface WriteOptions {
  readonly origin: WriteOrigin;
  /** What the writer may see and write. */
  readonly scope: RecordScope;
  /** Seals contents at rest. */
  readonly keyring?: Keyring;
}

/** One write on its way, with its place in the batch. */
interface Task {
  readonly index: number;
  readonly write: ResourceWrite;
  readonly key: string;
  /** Nobody can have written it before. */
  readonly fresh: boolean;
}

/** How often a write may lose against another transaction that creates and deletes what it writes. */
const MAX_TRIES = 8;

/**
 * Writes whole resources within the caller's transaction and says what came of each, in the order of the writes. Several writes to one
 * resource are a version each, in order. The usual batch is one statement when it creates, two or three when it may meet what is there;
 * larger ones take one more for every thousand resources or 8 MiB.
 *
 * Throws FORBIDDEN when a resource would lie outside the scope, INVALID_REQUEST when one has no usable type or id, CONFLICT when others
 * keep creating and deleting what is written; the transaction is then to be given up.
 */
export async function writeResources(
  transaction: Transaction,
  writes: readonly ResourceWrite[],
  options: WriteOptions,
): Promise<WriteOutcome[]> {
  demandOtherSystem(options.origin.system);
  const bounds = await boundsOf(transaction, options.scope);
  const outcomes = new Map<number, WriteOutcome>();
  let waiting = writes.map(
    (write, index): Task => ({
      index,
      write,
      key: keyOf(nameOf(write)),
      fresh: isFresh(write),
    }),
  );
  for (let tries = 0; waiting.length > 0; ) {
    const { first, later } = firstOfEach(waiting);
    const raced = await writeRound(transaction, first, { ...options, bounds, outcomes });
    tries = raced.length > 0 ? tries + 1 : 0;
    if (tries > MAX_TRIES)
      throw new IsthmusError('CONFLICT', { rule: 'others keep writing the same resource' });
    waiting = raced.length === 0 ? later : [...raced, ...later].sort((one, other) => one.index - other.index);
  }
  return writes.flatMap((_, index) => outcomes.get(index) ?? []);
}

function nameOf(write: ResourceWrite): { type: string; id: string } {
  const { type, id } =
    write.op === 'delete' ? write : { type: write.resource.resourceType, id: write.resource.id };
  if (typeof id !== 'string' || !isResourceId(id) || typeof type !== 'string' || type === '')
    throw new IsthmusError('INVALID_REQUEST', { rule: 'a resource to be written has a type and an id' });
  return { type, id };
}

/** A second write to one resource waits for the next round. */
function firstOfEach(tasks: readonly Task[]): { first: Task[]; later: Task[] } {
  const seen = new Set<string>();
  const first: Task[] = [];
  const later: Task[] = [];
  for (const task of tasks) {
    (seen.has(task.key) ? later : first).push(task);
    seen.add(task.key);
  }
  return { first, later };
}

interface Round extends WriteOptions {
  readonly bounds: Bounds;
  readonly outcomes: Map<number, WriteOutcome>;
}

type Planned<Kind extends Plan['kind']> = { readonly task: Task; readonly plan: Plan & { kind: Kind } };

/** Returns those that another transaction created first; nothing of them is written. */
async function writeRound(transaction: Transaction, tasks: readonly Task[], round: Round): Promise<Task[]> {
  const { keyring, outcomes } = round;
  const named = tasks.filter(({ fresh }) => !fresh);
  const { current, deleted } = await lockRows(
    transaction,
    named.map(({ write }) => nameOf(write)),
    keyring,
  );
  const behind = await statementsBehind(transaction, { current, deleted }, keyring);
  const planned = tasks.map((task) => ({
    task,
    plan: decide(task.write, {
      current: current.get(task.key),
      deleted: deleted.get(task.key),
      behind: behind.get(task.key),
      ...round,
    }),
  }));
  const of = <Kind extends Plan['kind']>(kind: Kind) =>
    planned.filter((one): one is Planned<Kind> => one.plan.kind === kind);
  for (const { task, plan } of of('done')) outcomes.set(task.index, plan.outcome);
  const raced = await create(transaction, of('create'), round);
  await update(transaction, of('update'), round);
  await confirm(transaction, of('confirm'), round);
  await remove(transaction, of('delete'), round);
  await state(transaction, of('state'), round);
  return raced;
}

/** A POST has an id that was made a moment ago, so nobody else can have it, and nothing has to be looked up. */
const isFresh = (write: ResourceWrite): boolean =>
  write.op === 'create' && write.method === 'POST' && isMadeId(write.resource.id);

async function create(
  transaction: Transaction,
  planned: readonly Planned<'create'>[],
  { keyring, outcomes }: Round,
): Promise<Task[]> {
  if (planned.length === 0) return [];
  const rows = planned.map(({ plan }) => plan.row);
  const stored = await storeCreated(transaction, rows, { keyring, introduced: introducedBy(planned) });
  const claimed = planned.filter(({ task }) => !task.fresh && stored.has(task.key));
  const renumbered = await renumber(
    transaction,
    claimed.map(({ plan: { row } }) => ({ ...nameOfRow(row), deletedVersion: row.version.version - 1 })),
  );
  for (const { task, plan } of planned) {
    const row = stored.get(task.key);
    const behind = renumbered.get(task.key);
    const version = { ...plan.row.version, ...(behind ? { version: behind.version } : {}) };
    const lastUpdated = behind?.lastUpdated ?? row?.lastUpdated;
    if (row && lastUpdated) outcomes.set(task.index, outcomeOf('created', version, { ...row, lastUpdated }));
  }
  return planned.flatMap(({ task }) => (stored.has(task.key) ? [] : [{ ...task, fresh: false }]));
}

/** Numbers by which the sources of Patients know them who are made now. */
function introducedBy(planned: readonly Planned<'create'>[]): Map<string, SourcePatient> {
  const introduced = new Map<string, SourcePatient>();
  for (const { task } of planned) {
    const number = task.write.op === 'update' ? task.write.number : undefined;
    if (number && nameOf(task.write).id === patientId(number)) introduced.set(patientId(number), number);
  }
  return introduced;
}

const nameOfRow = ({ version: { type, id } }: NewRow) => ({ type, id });

async function update(
  transaction: Transaction,
  planned: readonly Planned<'update'>[],
  { keyring, outcomes }: Round,
): Promise<void> {
  if (planned.length === 0) return;
  const rows = planned.map(({ plan }) => plan.row);
  const stored = await storeUpdated(transaction, rows, { keyring });
  for (const { task, plan } of planned) {
    const row = stored.get(task.key);
    if (row) outcomes.set(task.index, outcomeOf('updated', plan.row.version, row));
  }
}

async function confirm(
  transaction: Transaction,
  planned: readonly Planned<'confirm'>[],
  { outcomes }: Round,
): Promise<void> {
  for (const { task, plan } of planned) outcomes.set(task.index, plan.outcome);
  const rows = planned.map(({ plan }) => plan.row);
  if (rows.length > 0) await transaction.query(statements.confirmCurrent, [JSON.stringify(rows)]);
}

/** Sources say something new of Patients that are published from more than that; the outcome is what is published then. */
async function state(
  transaction: Transaction,
  planned: readonly Planned<'state'>[],
  { keyring, outcomes }: Round,
): Promise<void> {
  if (planned.length === 0) return;
  const kept = planned.map(({ plan }) => plan.kept);
  await keepStatements(transaction, kept, keyring);
  const names = kept.map(({ version: { type, id } }) => ({ type, id }));
  const sources = names.map(({ id }) => id);
  await publishStatements(transaction, sources, keyring ? { keyring } : {});
  const { current } = await lockRows(transaction, names, keyring);
  for (const { task, plan } of planned) {
    const one = current.get(task.key);
    if (!one) continue;
    const known = { lastUpdated: one.row.last_updated, personId: one.row.person_id };
    const kind = plan.isNew ? 'updated' : 'unchanged';
    outcomes.set(task.index, outcomeOf(kind, versionOfRow(one.row, one.content), known));
  }
}

interface DeletedRow {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly last_updated: Date;
}

async function remove(
  transaction: Transaction,
  planned: readonly Planned<'delete'>[],
  { origin, outcomes }: Round,
): Promise<void> {
  if (planned.length === 0) return;
  const names = planned.map(({ task }) => nameOf(task.write));
  const rows = await transaction.query<DeletedRow>(statements.deleteCurrent, [
    names.map(({ type }) => type),
    names.map(({ id }) => id),
    storable(origin.system),
    origin.messageId ?? null,
  ]);
  const deleted = new Map(rows.map((row) => [keyOf(row), row]));
  for (const { task } of planned) {
    const row = deleted.get(task.key);
    if (row) outcomes.set(task.index, outcomeOfDeletion(row));
  }
}
