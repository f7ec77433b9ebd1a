import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Change } from '../types.ts';
import { standingOf } from '../write/batch.ts';
import { entriesOf } from '../write/entries-of.ts';
import { type Current, type Locked, lockRows } from '../write/lock.ts';
import type { NewRow } from '../write/rows.ts';
import * as writing from '../write/sql.ts';
import { renumber, storeCreated, storeUpdated } from '../write/store.ts';
import { keyOf, versionOfRow } from '../write/version.ts';
import { desiredOf, isPlain, type Known, personsOf } from './desired.ts';
import { isPublished, PUBLISHER } from './publisher.ts';
import * as statements from './sql.ts';
import { dropStatements, type Kept, keepStatements, nextNumbers, statementsOf } from './statements.ts';

export interface PublishOptions {
  /** Opens and seals contents. */
  readonly keyring?: Keyring;
  /** The message because of which it is published anew, by source patient. */
  readonly messages?: ReadonlyMap<string, number>;
}

/** How often others may create what is about to be published. */
const MAX_TRIES = 8;

/**
 * Publishes the Patients of these source patients' persons anew, after it has changed who stands behind them: every one is what its source says,
 * or what the sources of its person say together, or leads to its person. What a source says is kept apart, and comes back as it was. To be
 * called with the persons locked. Returns what changed; a Patient that is no longer there comes as `updated`, with the version of its end.
 */
export const publishPersons = (
  transaction: Transaction,
  sources: readonly string[],
  options: PublishOptions,
): Promise<Change[]> => publish(transaction, sources, { ...options, whole: true });

/** The same after these sources have said something new of Patients that are kept apart and locked: only those and their persons are looked at. */
export const publishStatements = (
  transaction: Transaction,
  sources: readonly string[],
  options: PublishOptions,
): Promise<Change[]> => publish(transaction, sources, { ...options, whole: false });

interface Publishing extends PublishOptions {
  readonly whole: boolean;
}

async function publish(
  transaction: Transaction,
  sources: readonly string[],
  options: Publishing,
): Promise<Change[]> {
  if (sources.length === 0) return [];
  const changes: Change[] = [];
  for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
    const { locked, known } = await look(transaction, sources, options);
    const { made, isRaced } = await write(transaction, { locked, known, options });
    changes.push(...made);
    if (!isRaced) return changes;
  }
  throw new IsthmusError('CONFLICT', { rule: 'others keep writing the same patient' });
}

interface Look {
  readonly locked: Locked;
  readonly known: readonly Known[];
}

/** Locks, then reads: what others said until they let go of their locks is seen. */
async function look(
  transaction: Transaction,
  sources: readonly string[],
  { keyring, whole }: Publishing,
): Promise<Look> {
  const before = await transaction.query<Known>(statements.readMembers, [sources]);
  const persons = new Set(before.map(({ person_id: person }) => person));
  const others = whole ? before.filter(({ id }) => !persons.has(id)).map(({ id }) => id) : [];
  // Who says something holds a Patient before its person's, so that is the order for everybody.
  const first = await lockPatients(transaction, others, keyring);
  const then = await lockPatients(
    transaction,
    [...new Set([...persons, ...(whole ? [] : sources)])],
    keyring,
  );
  return {
    locked: {
      current: new Map([...first.current, ...then.current]),
      deleted: new Map([...first.deleted, ...then.deleted]),
    },
    known: await transaction.query<Known>(statements.readMembers, [sources]),
  };
}

const lockPatients = (
  transaction: Transaction,
  ids: readonly string[],
  keyring: Keyring | undefined,
): Promise<Locked> =>
  lockRows(
    transaction,
    ids.map((id) => ({ type: 'Patient', id })),
    keyring,
  );

interface Work extends Look {
  readonly options: Publishing;
}

/** What is to be written, by what has to be done. */
interface Plan {
  readonly creates: NewRow[];
  readonly updates: NewRow[];
  readonly removes: string[];
  /** Statements that are kept apart from now on. */
  readonly kept: Current[];
  /** Statements that their Patients say themselves from now on. */
  readonly restored: string[];
}

async function write(transaction: Transaction, work: Work): Promise<{ made: Change[]; isRaced: boolean }> {
  const { keyring } = work.options;
  const plan = await planOf(transaction, work);
  const numbers = await nextNumbers(
    transaction,
    plan.kept.map(({ row }) => row),
  );
  await keepStatements(
    transaction,
    plan.kept.map((current) => keptOf(current, numbers.get(current.row.id) ?? current.row.version)),
    keyring,
  );
  await dropStatements(transaction, plan.restored);
  const created = await create(transaction, plan.creates, work);
  await storeUpdated(transaction, plan.updates, { keyring });
  const removed = await remove(transaction, plan.removes);
  const made = [
    ...created.map((row) => changeOf(row, 'created')),
    ...plan.updates.map((row) => changeOf(row, 'updated')),
    ...removed,
  ];
  return { made, isRaced: created.length < plan.creates.length };
}

async function planOf(transaction: Transaction, { locked, known, options }: Work): Promise<Plan> {
  const plan: Plan = { creates: [], updates: [], removes: [], kept: [], restored: [] };
  const said = await statementsOf(
    transaction,
    known.map(({ id }) => id),
    options.keyring,
  );
  const standings = new Map<string, Current>(said);
  for (const { row, content } of locked.current.values())
    if (!isPublished(row)) standings.set(row.id, { row, content });
  const scope = new Set([...locked.current.keys(), ...locked.deleted.keys()]);
  for (const person of personsOf(known, standings)) {
    for (const member of person.members) {
      const key = keyOf({ type: 'Patient', id: member.id });
      if (!options.whole && member.id !== person.id && !scope.has(key)) continue;
      planOne(plan, { key, locked, standing: standings.get(member.id), plain: isPlain(person) }, () =>
        rowOf(member.id, { person, standings, locked, options }),
      );
    }
  }
  return plan;
}

interface One {
  readonly key: string;
  readonly locked: Locked;
  /** What its source says. */
  readonly standing: Current | undefined;
  readonly plain: boolean;
}

function planOne(plan: Plan, { key, locked, standing, plain }: One, row: () => NewRow): void {
  const current = locked.current.get(key);
  const isApart = current ? isPublished(current.row) : false;
  if (plain) {
    if (current && !isApart) return;
    if (standing) {
      (current ? plan.updates : plan.creates).push(row());
      plan.restored.push(standing.row.id);
    } else if (current) plan.removes.push(current.row.id);
    return;
  }
  if (current && !isApart) plan.kept.push(current);
  const next = row();
  if (!current) plan.creates.push(next);
  else if (!isApart || !next.version.content.equals(current.content)) plan.updates.push(next);
}

interface RowParts {
  readonly person: ReturnType<typeof personsOf>[number];
  readonly standings: ReadonlyMap<string, Current>;
  readonly locked: Locked;
  readonly options: Publishing;
}

/** The row of a Patient as it is to be published, as its next version. */
function rowOf(id: string, { person, standings, locked, options }: RowParts): NewRow {
  const key = keyOf({ type: 'Patient', id });
  const version = (locked.current.get(key)?.row.version ?? locked.deleted.get(key)?.version ?? 0) + 1;
  const standing = standings.get(id);
  if (isPlain(person) && standing) return restoredRow(standing, version);
  const { content, issues, contributors } = desiredOf(id, person, standings);
  const entries = entriesOf(content.parsed, issues !== null);
  const messages = person.members.flatMap((member) => options.messages?.get(member.id) ?? []);
  return {
    version: {
      type: 'Patient',
      id,
      version,
      sourceSystem: PUBLISHER,
      sourcePatientId: id,
      businessKey: standing?.row.business_key ?? locked.current.get(key)?.row.business_key ?? '',
      messageId: messages.length === 0 ? null : Math.max(...messages),
      method: 'PUT',
      issues,
      content: content.bytes,
    },
    eventTime: null,
    stated: true,
    elementTimes: null,
    // In the compartments of those who say it, and of nobody whom a link merely leads to.
    entries: { ...entries, patients: [id, ...contributors] },
    told: true,
  };
}

/** What the source says is what is published again, with all that was known of it. */
function restoredRow(standing: Current, version: number): NewRow {
  const { row, content } = standing;
  const { content: parsed } = standingOf(standing);
  return {
    version: { ...versionOfRow(row, content), version },
    eventTime: row.event_time.getTime(),
    stated: row.stated,
    elementTimes: row.element_times,
    entries: entriesOf(parsed, row.issues !== null),
    told: true,
  };
}

const keptOf = ({ row, content }: Current, version: number): Kept => ({
  version: { ...versionOfRow(row, content), version },
  eventTime: row.event_time.getTime(),
  stated: row.stated,
  elementTimes: row.element_times,
});

/** Those that nobody else made at the same time. */
async function create(
  transaction: Transaction,
  rows: readonly NewRow[],
  { locked, options }: Work,
): Promise<NewRow[]> {
  if (rows.length === 0) return [];
  const stored = await storeCreated(transaction, rows, { keyring: options.keyring });
  const made = rows.filter(({ version }) => stored.has(keyOf(version)));
  const behind = await renumber(
    transaction,
    made.map(({ version }) => ({
      type: version.type,
      id: version.id,
      deletedVersion: locked.deleted.get(keyOf(version))?.version ?? 0,
    })),
  );
  return made.map((row) => {
    const version = behind.get(keyOf(row.version))?.version;
    return version === undefined ? row : { ...row, version: { ...row.version, version } };
  });
}

async function remove(transaction: Transaction, ids: readonly string[]): Promise<Change[]> {
  if (ids.length === 0) return [];
  const rows = await transaction.query<{ type: 'Patient'; id: string; version: number }>(
    writing.deleteCurrent,
    [ids.map(() => 'Patient'), ids, PUBLISHER, null],
  );
  return rows.map(({ type, id, version }) => ({ type, id, version, kind: 'updated', late: false }));
}

const changeOf = ({ version }: NewRow, kind: 'created' | 'updated'): Change => ({
  type: 'Patient',
  id: version.id,
  version: version.version,
  kind,
  late: false,
  ...(version.messageId === null ? {} : { messageId: version.messageId }),
});
