import { allOf, part } from '../../../foundation/database/index.ts';
import { isShared, SHARED_TYPES } from '../entries.ts';
import { prepareCompiling } from '../search/compiling.ts';
import { conditionOf } from '../search/conditions.ts';
import { includedWith } from '../search/include.ts';
import { isType } from '../search/place.ts';
import { inCompartment, visible } from '../search/scope.ts';
import type { NamedRow } from './names.ts';
import { fitting, ORIGIN, type PageRow, pageColumns, plannedRows, type Reading, rendered } from './rows.ts';
import type { EverythingOptions, SearchPage } from './types.ts';

const MAX_AT_ONCE = 10_000;

interface EverythingRow extends NamedRow, PageRow {
  readonly rid: number;
}

/**
 * A person's compartment, oldest first, and what of the shared types it refers to, and these again (a role its practitioner and organization).
 * Both are bounded by the scope like every read (S55).
 */
export async function everythingOf(
  reading: Reading,
  person: string,
  options: EverythingOptions = {},
): Promise<SearchPage> {
  const count = Math.min(options.count ?? MAX_AT_ONCE, MAX_AT_ONCE);
  const rows = await compartmentRows(reading, person, { ...options, count });
  const shown = fitting(rows.slice(0, count));
  const last = shown.at(-1);
  const targets = new Set(options.types?.filter(isShared) ?? SHARED_TYPES);
  const links = { include: [{ source: '*', param: '*', targets, iterate: true }], revinclude: [] };
  const included = await includedWith(reading, links, shown);
  return {
    matches: rendered(reading, shown),
    included: rendered(reading, included.rows),
    ...(!options.after && rows.length <= count ? { total: rows.length } : {}),
    ...(rows.length > shown.length && last ? { next: { values: [], rid: last.rid } } : {}),
    ...(included.isTruncated ? { truncatedIncludes: true } : {}),
  };
}

async function compartmentRows(
  reading: Reading,
  person: string,
  { types, since, start, end, after, count }: EverythingOptions & { count: number },
): Promise<EverythingRow[]> {
  const compiling = await prepareCompiling(reading, [{ kind: 'compartment', patient: person }], conditionOf);
  const dated = (condition: typeof NOT_DATED) => part`(${NOT_DATED} OR ${condition})`;
  const conditions = [
    inCompartment(part`r`, part`${compiling.sources.get(person) ?? []}::text[]`),
    visible(part`r`, compiling.visibility),
    ...(types ? [isType(part`r.type`, types)] : []),
    ...(since ? [part`r.last_updated >= ${since}::timestamptz`] : []),
    ...(start ? [dated(part`r.date_to > ${start}::timestamptz`)] : []),
    ...(end ? [dated(part`r.date_from < ${end}::timestamptz`)] : []),
    ...(after ? [part`r.rid > ${after.rid}::bigint`] : []),
  ];
  return plannedRows(
    reading,
    'record.everything',
    part`SELECT r.rid, r.refs, ${pageColumns(part`r.rid`)}
           FROM (SELECT r.* FROM resource r WHERE ${allOf(conditions)} ORDER BY (r.rid + 0) LIMIT ${count + 1}) r ${ORIGIN} ORDER BY r.rid`,
  );
}

/** A birth date is no date of care. */
const NOT_DATED = part`r.date_from IS NULL OR r.type IN ('Patient', 'RelatedPerson', 'Person')`;
