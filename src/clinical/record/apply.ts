import type { Transaction } from '../../foundation/database/index.ts';
import {
  advance,
  type CurrentRow,
  keyOf,
  type Progress,
  progressOf,
  timesText,
  type Version,
} from './batch.ts';
import { patientId } from './ids.ts';
import { searchableOf } from './searchable.ts';
import {
  confirmCurrent,
  ensureSourcePatients,
  insertChanges,
  insertCurrent,
  insertHistory,
  lockCurrent,
  updateCurrent,
} from './sql.ts';
import type { Change, RecordWrite } from './types.ts';

/**
 * Writes a batch in order within the caller's transaction and says for each write what came of it, in the same order. A resource that
 * several writes of the batch change gets a version for each. At most seven statements, whatever the size of the batch; called again for
 * those resources that another transaction created meanwhile.
 */
export async function applyWrites(
  transaction: Transaction,
  writes: readonly RecordWrite[],
): Promise<Change[]> {
  if (writes.length === 0) return [];
  const resources = await lock(transaction, writes);
  const changes = writes.map((write) => advance(progressIn(resources, write), write));
  await ensurePatients(transaction, writes, resources);
  const raced = await flush(transaction, [...resources.values()]);
  if (raced.size === 0) return changes;
  const again = writes.flatMap((write, index) => (raced.has(keyOf(write)) ? [{ write, index }] : []));
  const changesAgain = await applyWrites(
    transaction,
    again.map(({ write }) => write),
  );
  again.forEach(({ index }, position) => {
    const change = changesAgain[position];
    if (change) changes[index] = change;
  });
  return changes;
}

async function lock(
  transaction: Transaction,
  writes: readonly RecordWrite[],
): Promise<Map<string, Progress>> {
  const wanted = new Map(writes.map((write) => [keyOf(write), write]));
  const unique = [...wanted.values()];
  const rows = await transaction.query<CurrentRow>(lockCurrent, [
    unique.map(({ type }) => type),
    unique.map(({ id }) => id),
  ]);
  return new Map(rows.map((row) => [keyOf(row), progressOf(row)]));
}

function progressIn(resources: Map<string, Progress>, write: RecordWrite): Progress {
  const known = resources.get(keyOf(write));
  if (known) return known;
  const fresh = progressOf(undefined);
  resources.set(keyOf(write), fresh);
  return fresh;
}

/** A source patient whom a committed resource already names needs no look. */
async function ensurePatients(
  transaction: Transaction,
  writes: readonly RecordWrite[],
  resources: ReadonlyMap<string, Progress>,
): Promise<void> {
  const known = new Set([...resources.values()].map(({ before }) => before?.sourcePatientId));
  const missing = new Map<string, { authority: string; identifier: string }>();
  for (const { origin } of writes) {
    if (!origin.patient) continue;
    const id = patientId(origin.patient);
    if (!known.has(id)) missing.set(id, origin.patient);
  }
  if (missing.size === 0) return;
  const patients = [...missing.values()];
  await transaction.query(ensureSourcePatients, [
    [...missing.keys()],
    patients.map(({ authority }) => authority),
    patients.map(({ identifier }) => identifier),
  ]);
}

/** Returns the resources that were to be created and that another transaction created first; nothing of them is written. */
async function flush(transaction: Transaction, resources: readonly Progress[]): Promise<Set<string>> {
  const created = resources.filter(({ before, made }) => !before && made.length > 0);
  const updated = resources.filter(({ before, made }) => before && made.length > 0);
  const confirmed = resources.filter(({ made, confirmed }) => made.length === 0 && confirmed);
  const raced = await create(transaction, created);
  const written =
    raced.size === 0
      ? [...created, ...updated]
      : [...created, ...updated].filter((one) => !raced.has(name(one)));
  if (updated.length > 0) await transaction.query(updateCurrent, currentRows(updated));
  if (confirmed.length > 0)
    await transaction.query(confirmCurrent, [JSON.stringify(confirmed.map(confirmation))]);
  const passed = written.flatMap((one) => one.passed);
  if (passed.length > 0) await transaction.query(insertHistory, versionRows(passed));
  const made = written.flatMap((one) => one.made);
  if (made.length > 0) await transaction.query(insertChanges, [JSON.stringify(made.map(feedRow))]);
  return raced;
}

async function create(transaction: Transaction, created: readonly Progress[]): Promise<Set<string>> {
  if (created.length === 0) return new Set();
  const rows = await transaction.query<{ type: string; id: string }>(insertCurrent, currentRows(created));
  if (rows.length === created.length) return new Set();
  const inserted = new Set(rows.map(keyOf));
  return new Set(created.map(name).filter((key) => !inserted.has(key)));
}

const name = ({ now }: Progress): string => (now ? keyOf(now) : '');

/** In the order of ids, as the locks are taken. */
function currentRows(resources: readonly Progress[]): [string, Buffer] {
  const sorted = resources
    .flatMap(({ now, standing }) => (now && standing ? [{ now, standing }] : []))
    .sort((one, other) => (one.now.id < other.now.id ? -1 : 1));
  const { places, bytes } = pack(sorted.map(({ now }) => now));
  const rows = sorted.map(({ now, standing }, index) => {
    const { dateFrom, dateTo, tokens, refs } = searchableOf(standing.content);
    return {
      ...columns(now),
      ...places[index],
      event_time: new Date(standing.eventTime).toISOString(),
      stated: standing.stated,
      element_times: timesText(standing),
      date_from: dateFrom,
      date_to: dateTo,
      tokens,
      refs,
    };
  });
  return [JSON.stringify(rows), bytes];
}

function versionRows(versions: readonly Version[]): [string, Buffer] {
  const { places, bytes } = pack(versions);
  const rows = versions.map((version, index) => ({
    ...columns(version),
    ...places[index],
    last_updated: version.lastUpdated?.toISOString() ?? null,
  }));
  return [JSON.stringify(rows), bytes];
}

const columns = (version: Version) => ({
  type: version.type,
  id: version.id,
  version: version.version,
  source_system: version.sourceSystem,
  source_patient_id: version.sourcePatientId,
  business_key: version.businessKey,
  message_id: version.messageId,
});

/** SQL counts bytes from 1. */
function pack(versions: readonly Version[]): { places: { at: number; size: number }[]; bytes: Buffer } {
  let at = 1;
  const places = versions.map(({ content }) => {
    const place = { at, size: content.length };
    at += content.length;
    return place;
  });
  return { places, bytes: Buffer.concat(versions.map(({ content }) => content)) };
}

const feedRow = ({ version, kind }: Progress['made'][number]) => ({
  type: version.type,
  id: version.id,
  version: version.version,
  kind,
  source_patient_id: version.sourcePatientId,
  message_id: version.messageId,
});

const confirmation = ({ now, standing }: Progress) => ({
  type: now?.type,
  id: now?.id,
  event_time: standing ? new Date(standing.eventTime).toISOString() : null,
  stated: standing?.stated,
  element_times: standing ? timesText(standing) : null,
});
