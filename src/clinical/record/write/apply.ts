import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import { patientId } from '../ids.ts';
import { demandOtherSystem } from '../persons/publisher.ts';
import { statementsBehind } from '../persons/statements.ts';
import type { Change, Json, RecordWrite, Validate } from '../types.ts';
import { flushApart } from './apart.ts';
import { type Progress, progressOf, timesText } from './batch.ts';
import { entriesOf } from './entries-of.ts';
import { invalidityOf } from './invalidity.ts';
import { lockRows } from './lock.ts';
import { historyRows, type NewRow } from './rows.ts';
import { applyOne, membersOf, unlockedMembers } from './snapshots.ts';
import * as statements from './sql.ts';
import { renumber, type StoreOptions, storeCreated, storeUpdated } from './store.ts';
import { keyOf, type Version } from './version.ts';

export interface ApplyOptions {
  /** Seals contents at rest. */
  readonly keyring?: Keyring;
  /**
   * What a resource breaks as it comes to stand, of R4, of what it claims, and of the profiles that the writes demand. It is stored all the
   * same, with its issues: a patient's data are not lost over a rule.
   */
  readonly validate?: Validate;
}

/**
 * Writes a batch in order within the caller's transaction and says for each write what came of it, in the same order. A resource that
 * several writes of the batch change gets a version for each. What a snapshot ends is told with the change of its List. At most seven
 * statements, whatever the size of the batch (one more where it holds snapshots, and one for each thousand resources); called again for
 * those resources that another transaction created meanwhile.
 */
export async function applyWrites(
  transaction: Transaction,
  writes: readonly RecordWrite[],
  options: ApplyOptions = {},
): Promise<Change[]> {
  if (writes.length === 0) return [];
  const resources = await lock(transaction, writes, options);
  const changes = writes.map((write) => applyOne(resources, write));
  const everything = [...resources.values()];
  const apart = everything.filter(({ published }) => published);
  const own = apart.length === 0 ? everything : everything.filter(({ published }) => !published);
  const { raced, renumbered } = await flush(transaction, own, {
    ...options,
    introduced: introducedBy(writes),
  });
  const again: { write: RecordWrite; index: number }[] = [];
  writes.forEach((write, index) => {
    const change = changes[index];
    // A snapshot that ended what turns out to be another's has to look at it once more.
    if (raced.has(keyOf(write)) || (raced.size > 0 && write.ends)) again.push({ write, index });
    if (change && renumbered.size > 0) changes[index] = shifted(change, renumbered);
  });
  if (apart.length > 0) await flushApart(transaction, { apart, changes, options });
  if (again.length === 0) return changes;
  const changesAgain = await applyWrites(
    transaction,
    again.map(({ write }) => write),
    options,
  );
  again.forEach(({ index }, position) => {
    const change = changesAgain[position];
    const before = changes[index];
    if (change && before)
      changes[index] = raced.has(keyOf(change)) ? change : withEnded(before, change, raced);
  });
  return changes;
}

const shifted = (change: Change, renumbered: ReadonlyMap<string, number>): Change => ({
  ...change,
  version: change.version + (renumbered.get(keyOf(change)) ?? 0),
  ...(change.ended ? { ended: change.ended.map((one) => shifted(one, renumbered)) } : {}),
});

/** The List was written at the first attempt; what it ended is what both attempts ended. */
function withEnded(first: Change, second: Change, raced: ReadonlySet<string>): Change {
  const ended = [...(first.ended ?? []).filter((one) => !raced.has(keyOf(one))), ...(second.ended ?? [])];
  const { ended: _ended, ...change } = first;
  return ended.length > 0 ? { ...change, ended } : change;
}

async function lock(
  transaction: Transaction,
  writes: readonly RecordWrite[],
  { keyring }: ApplyOptions,
): Promise<Map<string, Progress>> {
  const names = [...writes, ...(await membersOf(transaction, writes))];
  const resources = await lockNames(transaction, names, keyring);
  const asked = new Set(names.map(keyOf));
  const further = unlockedMembers(writes, resources).filter((name) => !asked.has(keyOf(name)));
  if (further.length === 0) return resources;
  return new Map([...resources, ...(await lockNames(transaction, further, keyring))]);
}

async function lockNames(
  transaction: Transaction,
  names: readonly { readonly type: string; readonly id: string }[],
  keyring: Keyring | undefined,
): Promise<Map<string, Progress>> {
  const unique = [...new Map(names.map((name) => [keyOf(name), name])).values()];
  const locked = await lockRows(transaction, unique, keyring);
  const behind = await statementsBehind(transaction, locked, keyring);
  const progress = new Map<string, Progress>();
  for (const [key, row] of locked.deleted) progress.set(key, progressOf({ deleted: row }));
  for (const [key, row] of locked.current) {
    const apart = behind.get(key);
    progress.set(
      key,
      apart
        ? progressOf({ current: apart.statement, deleted: apart.withdrawn, published: apart.published.row })
        : progressOf({ current: row }),
    );
  }
  return progress;
}

function introducedBy(writes: readonly RecordWrite[]): Map<string, SourcePatient> {
  const introduced = new Map<string, SourcePatient>();
  for (const { origin } of writes) {
    demandOtherSystem(origin.system);
    if (origin.patient) introduced.set(patientId(origin.patient), origin.patient);
  }
  return introduced;
}

interface Flushed {
  /** What another transaction created first; nothing of it is written. */
  readonly raced: ReadonlySet<string>;
  /** By how much versions are higher than they were chosen to be, because a deletion got in between. */
  readonly renumbered: ReadonlyMap<string, number>;
}

type FlushOptions = ApplyOptions & StoreOptions;

async function flush(
  transaction: Transaction,
  resources: readonly Progress[],
  options: FlushOptions,
): Promise<Flushed> {
  const changed = resources.filter(({ made }) => made.length > 0);
  const created = changed.filter(({ before }) => !before);
  const updated = changed.filter(({ before }) => before);
  const { raced, renumbered } = await create(transaction, created, options);
  await storeUpdated(transaction, rowsOf(updated, options), options);
  const confirmed = resources.filter(({ made, confirmed }) => made.length === 0 && confirmed);
  if (confirmed.length > 0) await transaction.query(statements.confirmCurrent, [confirmedRows(confirmed)]);
  await tellSeveral(
    transaction,
    changed.filter(({ made, now }) => made.length > 1 && now && !raced.has(keyOf(now))),
    { ...options, renumbered },
  );
  return { raced, renumbered };
}

async function create(
  transaction: Transaction,
  created: readonly Progress[],
  options: FlushOptions,
): Promise<Flushed> {
  const rows = rowsOf(created, options);
  const stored = await storeCreated(transaction, rows, options);
  const versions = rows.map(({ version }) => version);
  const written = versions.filter((version) => stored.has(keyOf(version)));
  const known = new Map(
    created.flatMap(({ now, deleted }) => (now ? [[keyOf(now), deleted?.version ?? 0]] : [])),
  );
  const numbers = await renumber(
    transaction,
    written.map((version) => ({
      type: version.type,
      id: version.id,
      deletedVersion: known.get(keyOf(version)) ?? 0,
    })),
  );
  const renumbered = new Map(
    written.flatMap((version) => {
      const behind = numbers.get(keyOf(version));
      return behind ? [[keyOf(version), behind.version - version.version] as const] : [];
    }),
  );
  return { raced: new Set(versions.map(keyOf).filter((key) => !stored.has(key))), renumbered };
}

/** Where one batch made several versions, all but the last are history at once, and the feed hears of each, in order. */
async function tellSeveral(
  transaction: Transaction,
  resources: readonly Progress[],
  { keyring, renumbered }: FlushOptions & { readonly renumbered: ReadonlyMap<string, number> },
): Promise<void> {
  if (resources.length === 0) return;
  const shifted = (version: Version): Version => ({
    ...version,
    version: version.version + (renumbered.get(keyOf(version)) ?? 0),
  });
  const passed = resources.flatMap(({ made }) => made.slice(0, -1).map(shifted));
  await transaction.query(statements.insertHistory, historyRows(passed, keyring));
  const told = resources.flatMap(({ made, before }) =>
    made.map(shifted).map((version, index) => ({
      type: version.type,
      id: version.id,
      version: version.version,
      kind: before || index > 0 ? 'updated' : 'created',
      source_patient_id: version.sourcePatientId,
      message_id: version.messageId,
    })),
  );
  await transaction.query(statements.insertChanges, [JSON.stringify(told)]);
}

const rowsOf = (resources: readonly Progress[], { validate }: ApplyOptions): NewRow[] =>
  resources.flatMap(({ now, standing, made, profiles }) => {
    if (!now || !standing) return [];
    const issues = invalidityOf(validate?.(standing.content as Json, [...profiles]));
    return {
      version: { ...now, issues },
      eventTime: standing.eventTime,
      stated: standing.stated,
      elementTimes: timesText(standing),
      entries: entriesOf(standing.content, issues !== null),
      told: made.length === 1,
    };
  });

/** What is confirmed of rows that got no new version. */
const confirmedRows = (resources: readonly Progress[]): string =>
  JSON.stringify(
    resources.flatMap(({ now, standing }) =>
      now && standing
        ? [
            {
              type: now.type,
              id: now.id,
              event_time: new Date(standing.eventTime).toISOString(),
              stated: standing.stated,
              element_times: timesText(standing),
            },
          ]
        : [],
    ),
  );
