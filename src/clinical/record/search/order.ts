import { allOf, anyOf, list, type Part, part } from '../../../foundation/database/index.ts';
import type { SortKey } from '../../../standards/fhir-search/index.ts';
import { mainDateOf } from '../entries.ts';
import type { Position } from '../read/types.ts';
import type { Place } from './place.ts';

/** One key of an order: what a row is sorted by, under which name, and as which type a page continues from its text. */
export interface OrderKey {
  readonly expression: Part;
  readonly name: Part;
  readonly asParameter: (text: string) => Part;
  readonly descending: boolean;
}

const NAMES: readonly Part[] = [
  part`k0`,
  part`k1`,
  part`k2`,
  part`k3`,
  part`k4`,
  part`k5`,
  part`k6`,
  part`k7`,
];

const asTime = (text: string): Part => part`${text}::timestamptz`;
const asNumber = (text: string): Part => part`${text}::numeric`;
const asText = (text: string): Part => part`${text}::text COLLATE "C"`;

/** Keys beyond those that there are names for change no order that anybody sees. */
export const orderKeys = (sort: readonly SortKey[], place: Place): OrderKey[] =>
  sort.slice(0, NAMES.length).map((key, index) => ({
    ...keyOf(key, place),
    name: NAMES[index] ?? part`k0`,
    descending: key.descending,
  }));

/** Of several values the least counts when ascending, the greatest when descending (search.html#sort). */
function keyOf(key: SortKey, { row, types }: Place): Pick<OrderKey, 'expression' | 'asParameter'> {
  const { param, type, descending } = key;
  const end = descending ? part`max` : part`min`;
  if (param === '_id') return { expression: part`${row}.id`, asParameter: asText };
  if (param === '_lastUpdated') return { expression: part`${row}.last_updated`, asParameter: asTime };
  switch (type) {
    case 'date': {
      const isMain = types.every((one) => mainDateOf(one) === param);
      const beside = part`(SELECT ${end}(d.date_from) FROM resource_date d WHERE d.rid = ${row}.rid AND d.param = ${param})`;
      return { expression: isMain ? part`${row}.date_from` : beside, asParameter: asTime };
    }
    case 'number':
    case 'quantity':
      return {
        expression: part`(SELECT ${end}(coalesce(q.low, q.high)) FROM resource_quantity q WHERE q.rid = ${row}.rid AND q.param = ${param})`,
        asParameter: asNumber,
      };
    case 'string':
    case 'uri':
      return {
        expression: part`(SELECT ${end}(s.value) FROM resource_string s WHERE s.rid = ${row}.rid AND s.param = ${param})`,
        asParameter: asText,
      };
    case 'reference':
      return { expression: entryKey(end, part`${row}.refs`, [`${param}|`]), asParameter: asText };
    default:
      return {
        expression: entryKey(end, part`${row}.tokens`, [`${param}=`, `${param}||`]),
        asParameter: asText,
      };
  }
}

/** What follows one of these beginnings among the entries of a row (entries.ts). */
function entryKey(end: Part, entries: Part, beginnings: readonly string[]): Part {
  const cases = beginnings.map(
    (beginning) =>
      part`WHEN starts_with(e.entry, ${beginning}) THEN substr(e.entry, ${beginning.length + 1})`,
  );
  return part`(SELECT ${end}(CASE ${cases.reduce((one, other) => part`${one} ${other}`)} END COLLATE "C") FROM unnest(${entries}) AS e (entry))`;
}

/** Missing values come last either way; rows that are equal so far come newest first. */
export const orderBy = (keys: readonly OrderKey[], rid: Part): Part =>
  list([
    ...keys.map(({ name, descending }) =>
      descending ? part`${name} DESC NULLS LAST` : part`${name} ASC NULLS LAST`,
    ),
    part`${rid} DESC`,
  ]);

/** Rows that come after a position, in the same order. */
export function after(keys: readonly OrderKey[], position: Position, rid: Part): Part {
  let condition = part`${rid} < ${position.rid}::bigint`;
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index];
    const value = position.values[index] ?? null;
    if (!key) continue;
    if (value === null) condition = allOf([part`${key.name} IS NULL`, condition]);
    else {
      const at = key.asParameter(value);
      const beyond = key.descending ? part`${key.name} < ${at}` : part`${key.name} > ${at}`;
      condition = anyOf([
        part`(${beyond} OR ${key.name} IS NULL)`,
        allOf([part`${key.name} = ${at}`, condition]),
      ]);
    }
  }
  return condition;
}
