import { allOf, type Part, part, TRUE } from '../../../foundation/database/index.ts';
import { isResourceId, resourceTypes } from '../../../standards/fhir/index.ts';
import { type Visibility, visible } from '../search/scope.ts';
import { visibilityOf } from './names.ts';
import { fitting, fixedRows, ORIGIN, type PageRow, pageColumns, plannedRows, type Reading } from './rows.ts';
import type { HistoryOptions, HistoryPage, HistoryPosition } from './types.ts';
import { entryOf, type VersionRow, visiblePassed } from './versions.ts';

type Of = { readonly type?: string; readonly id?: string };

/** Versions newest first; those of the same instant by type, id and version, so that pages neither repeat nor skip one (S52). */
const BY_TIME = part`r.last_updated DESC, r.type DESC, r.id DESC, r.version DESC`;
/** One resource's versions are numbered in the order in which they were written. */
const BY_VERSION = part`r.version DESC, r.type DESC`;
const NAMES = part`r.last_updated, r.type, r.id, r.version`;

export async function historyOf(reading: Reading, of: Of, options: HistoryOptions): Promise<HistoryPage> {
  if (of.id !== undefined && !isResourceId(of.id)) return { entries: [] };
  const visibility = await visibilityOf(reading);
  const limit = Math.min(Math.max(options.count, 1), 1000) + 1;
  const versions =
    of.id === undefined ? ofTypes(of, options, { visibility, limit }) : ofOne(of, options, visibility);
  const order = of.id === undefined ? BY_TIME : BY_VERSION;
  const page = part`SELECT ${pageColumns(order)}, r.method FROM (SELECT r.* FROM (${versions}) r ORDER BY ${order} LIMIT ${limit}) r ${ORIGIN} ORDER BY ${order}`;
  const rows = await plannedRows<VersionRow & PageRow>(reading, 'record.history', page);
  const shown = fitting(rows.slice(0, limit - 1));
  const last = shown.at(-1);
  const bounds = { ...options, after: undefined };
  const total = of.id === undefined ? {} : { total: await countOf(reading, ofOne(of, bounds, visibility)) };
  return {
    entries: shown.map((row) => entryOf(reading, row)),
    ...total,
    ...(rows.length > shown.length && last ? { next: positionOf(last) } : {}),
  };
}

const positionOf = ({ type, id, version, last_updated }: VersionRow): HistoryPosition => ({
  type,
  id,
  version,
  at: last_updated.getTime(),
});

const VERSION = part`${NAMES}, r.method, r.source_system, r.source_patient_id, r.other_patients, r.message_id, r.issues, r.content_key, r.content`;

type Bounds = { readonly [K in 'since' | 'at' | 'after']?: HistoryOptions[K] | undefined };

function ofOne(of: Of, bounds: Bounds, visibility: Visibility): Part {
  const named = allOf([
    part`r.id = ${of.id ?? ''}`,
    ...(of.type === undefined ? [] : [part`r.type = ${of.type}`]),
    within({ ...bounds, after: undefined }),
    bounds.after
      ? part`(r.version, r.type) < (${bounds.after.version}::integer, ${bounds.after.type}::text)`
      : TRUE,
  ]);
  return both(named, visibility);
}

function both(condition: Part, visibility: Visibility, limit: Part = part``): Part {
  return part`(SELECT ${VERSION} FROM resource r WHERE ${allOf([condition, visible(part`r`, visibility)])} ${limit})
    UNION ALL
    (SELECT ${VERSION} FROM resource_history r WHERE ${allOf([condition, visiblePassed(visibility)])} ${limit})`;
}

/** The newest of each type, by the index on type and time; of all types the newest of these. */
function ofTypes(
  of: Of,
  bounds: Bounds,
  { visibility, limit }: { visibility: Visibility; limit: number },
): Part {
  const types = of.type === undefined ? resourceTypes : [of.type];
  const condition = allOf([part`r.type = t.type`, within(bounds)]);
  const newest = part`ORDER BY r.last_updated DESC, r.id DESC, r.version DESC LIMIT ${limit}`;
  return part`SELECT v.* FROM unnest(${types}::text[]) AS t (type) CROSS JOIN LATERAL (${both(condition, visibility, newest)}) v`;
}

function within({ since, at, after }: Bounds): Part {
  const parts: Part[] = [];
  if (since) parts.push(part`r.last_updated >= ${since}::timestamptz`);
  if (at) parts.push(part`r.last_updated < ${at.to}::timestamptz`, stillCurrentAt(at.from));
  if (after) {
    const time = part`${new Date(after.at)}::timestamptz`;
    parts.push(
      part`r.last_updated <= ${time}`,
      part`(${NAMES}) < (${time}, ${after.type}::text, ${after.id}::text, ${after.version}::integer)`,
    );
  }
  return parts.length === 0 ? TRUE : allOf(parts);
}

/** No later version had replaced it by then. */
const stillCurrentAt = (from: Date): Part =>
  part`NOT EXISTS (SELECT FROM resource n WHERE n.id = r.id AND n.type = r.type AND n.version > r.version AND n.last_updated <= ${from}::timestamptz)
    AND NOT EXISTS (SELECT FROM resource_history n WHERE n.id = r.id AND n.type = r.type AND n.version > r.version AND n.last_updated <= ${from}::timestamptz)`;

async function countOf(reading: Reading, versions: Part): Promise<number> {
  const [row] = await fixedRows<{ count: number }>(
    reading,
    'record.history-count',
    part`SELECT count(*) AS count FROM (${versions}) v`,
  );
  return row?.count ?? 0;
}
