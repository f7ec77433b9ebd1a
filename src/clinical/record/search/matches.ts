import { allOf, list, NOTHING, type Part, part, sql, TRUE } from '../../../foundation/database/index.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir-search/index.ts';
import { isShared } from '../entries.ts';
import { ORIGIN, type PageRow, pageColumns, plannedRows, type Reading } from '../read/rows.ts';
import type { Position } from '../read/types.ts';
import { type Compiling, prepareCompiling } from './compiling.ts';
import { conditionOf, conditionsOf } from './conditions.ts';
import { leadsIntoCompartment } from './entry-conditions.ts';
import { after, orderBy, orderKeys } from './order.ts';
import { isType, type Place, placeAt } from './place.ts';
import { visible } from './scope.ts';

/** The rows that a search is about, before order and pages. */
export interface Selection {
  readonly place: Place;
  readonly condition: Part;
  /** It is about few rows by an index of its own, so these are sorted rather than the whole table walked in order until a page is full. */
  readonly isNarrow: boolean;
}

export interface MatchRow extends PageRow {
  readonly rid: number;
  /** Values of the sort keys as texts. */
  readonly keys: readonly (string | null)[];
  readonly refs?: readonly string[];
}

export async function select(reading: Reading, query: SearchQuery): Promise<Selection> {
  const compiling = await prepareCompiling(reading, query.where, conditionOf);
  const place = placeAt(0, query.types);
  return {
    place,
    condition: allOf([
      isType(part`${place.row}.type`, query.types),
      visible(place.row, compiling.visibility, query.types),
      await conditionsOf(query.where, place, compiling),
    ]),
    isNarrow: isNarrow(query, compiling),
  };
}

/**
 * Resources of one patient lie together, since they came together: walking back from the newest row until a page of an older patient is full
 * would read the whole table, and no statistics tell the planner so.
 */
function isNarrow({ types, where }: SearchQuery, { visibility, narrow }: Compiling): boolean {
  const narrows = (clause: Clause): boolean =>
    clause.kind === 'id' ||
    clause.kind === 'compartment' ||
    (clause.kind === 'reference' && leadsIntoCompartment(types, clause.param)) ||
    narrow.has(clause);
  return (visibility.kind === 'of' && !types.every(isShared)) || where.some(narrows);
}

/** One row more than `count`, to tell whether there is a next page; what does not fit comes without its content. */
export function matchRows(
  reading: Reading,
  { place, condition, isNarrow }: Selection,
  { query, position }: { query: SearchQuery; position?: Position },
): Promise<MatchRow[]> {
  const { row } = place;
  const keys = orderKeys(query.sort, place);
  const rid = isNarrow ? part`(m.rid + 0)` : part`m.rid`;
  const columns = list([
    part`${row}.rid`,
    ...keys.map(({ expression, name }) => part`${expression} AS ${name}`),
  ]);
  const found = part`SELECT m.* FROM (SELECT ${columns} FROM resource ${row} WHERE ${condition}) m
    WHERE ${position ? after(keys, position, part`m.rid`) : TRUE} ORDER BY ${orderBy(keys, rid)} LIMIT ${query.count + 1}`;
  const texts = part`ARRAY[${list(keys.map(({ name }) => part`m.${name}::text`))}]::text[] AS keys`;
  const includes = query.include.length > 0 ? part`, r.refs` : NOTHING;
  const order = orderBy(keys, part`m.rid`);
  return plannedRows(
    reading,
    'record.search',
    part`SELECT m.rid, ${texts}, ${pageColumns(order)}${includes} FROM (${found}) m JOIN resource r ON r.rid = m.rid ${ORIGIN}
         ORDER BY ${order}`,
  );
}

/** Where the page ends that ends with this row. */
export const positionOf = ({ keys, rid }: MatchRow): Position => ({ values: keys, rid });

const ESTIMATE_FROM = 10_000;

/**
 * How many there are within the scope (S53). An estimate is exact up to 10,000, and beyond that the planner's; a bounded scope is always counted,
 * because the planner's statistics speak of everybody.
 */
export async function totalOf(
  reading: Reading,
  { place, condition }: Selection,
  how: 'estimate' | 'accurate',
): Promise<number> {
  const all = part`SELECT FROM resource ${place.row} WHERE ${condition}`;
  if (how === 'accurate' || reading.scope.kind !== 'everything') return count(reading, all);
  const counted = await count(reading, part`${all} LIMIT ${ESTIMATE_FROM}`);
  if (counted < ESTIMATE_FROM) return counted;
  const { text, parameters } = part`EXPLAIN (FORMAT JSON) ${all}`.render();
  const [plan] = await reading.queryable.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    sql('record.estimate', text, { prepare: false }),
    parameters,
  );
  return Math.max(counted, plan?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}

async function count(reading: Reading, rows: Part): Promise<number> {
  const [row] = await plannedRows<{ count: number }>(
    reading,
    'record.count',
    part`SELECT count(*) AS count FROM (${rows}) m`,
  );
  return row?.count ?? 0;
}
