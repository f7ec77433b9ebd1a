import { allOf, anyOf, type Part, part } from '../../../foundation/database/index.ts';
import type { DateValue, SearchPrefix } from '../../../standards/fhir-search/index.ts';
import { mainDateOf } from '../entries.ts';
import { isType, type Place } from './place.ts';

/** Both ends of a stored interval, [from, to); an open end is infinite. */
interface Ends {
  readonly from: Part;
  readonly to: Part;
}

/**
 * S43. search.html#prefix on intervals: of the stored one against [from, to) of what is asked. What follows from the definition is added
 * where it gives an index both sides of a range.
 */
const comparisons: Readonly<Record<SearchPrefix, (stored: Ends, from: Part, to: Part) => Part>> = {
  eq: (stored, from, to) =>
    part`(${stored.from} >= ${from} AND ${stored.from} < ${to} AND ${stored.to} <= ${to})`,
  ne: (stored, from, to) => part`NOT (${stored.from} >= ${from} AND ${stored.to} <= ${to})`,
  gt: (stored, _from, to) => part`${stored.to} > ${to}`,
  lt: (stored, from) => part`${stored.from} < ${from}`,
  ge: (stored, from, to) =>
    part`(${stored.to} > ${from} AND (${stored.to} > ${to} OR ${stored.from} >= ${from}))`,
  le: (stored, from, to) =>
    part`(${stored.from} < ${to} AND (${stored.from} < ${from} OR ${stored.to} <= ${to}))`,
  sa: (stored, _from, to) => part`${stored.from} >= ${to}`,
  eb: (stored, from) => part`${stored.to} <= ${from}`,
  ap: (stored, from, to) => part`(${stored.from} < ${to} AND ${stored.to} > ${from})`,
};

const compared = (stored: Ends, values: readonly DateValue[]): Part =>
  anyOf(
    values.map(({ prefix, from, to }) =>
      comparisons[prefix](stored, part`${from}::timestamptz`, part`${to}::timestamptz`),
    ),
  );

const endsOf = (row: Part): Ends => ({
  from: part`${row}.date_from`,
  to: part`${row}.date_to`,
});

/** The main date of a type lies in its row, every other in `resource_date`. */
export function date(param: string, values: readonly DateValue[], place: Place): Part {
  const { row, types } = place;
  const main = types.filter((type) => mainDateOf(type) === param);
  const side = types.filter((type) => mainDateOf(type) !== param);
  const inRow = compared(endsOf(row), values);
  if (side.length === 0) return inRow;
  const beside = dateBeside(param, values, { row, types: side });
  return main.length === 0 ? beside : anyOf([allOf([isType(part`${row}.type`, main), inRow]), beside]);
}

const d = part`d`;

/** `keys`: only dates beside a token in one of these forms, for composites. */
export function dateBeside(
  param: string,
  values: readonly DateValue[],
  { row, types, keys }: { row: Part; types: readonly string[]; keys?: readonly string[] },
): Part {
  const keyed = keys ? [part`d.key = ANY(${keys}::text[])`] : [];
  return part`${row}.rid IN (SELECT d.rid FROM resource_date d WHERE ${allOf([
    isType(part`d.type`, types),
    part`d.param = ${param}`,
    ...keyed,
    compared(endsOf(d), values),
  ])})`;
}

/** An instant is an interval of the milliseconds it is shown with. */
export const lastUpdated = (values: readonly DateValue[], { row }: Place): Part =>
  compared(
    { from: part`${row}.last_updated`, to: part`(${row}.last_updated + interval '1 millisecond')` },
    values,
  );
