import { allOf, anyOf, type Part, part, TRUE } from '../../../foundation/database/index.ts';
import type { QuantityValue, SearchPrefix } from '../../../standards/fhir-search/index.ts';
import { indexable } from '../text.ts';
import { isType } from './place.ts';

interface Asked {
  readonly value: Part;
  readonly low: Part;
  readonly high: Part;
}

const LOW = part`coalesce(q.low, '-infinity')`;
const HIGH = part`coalesce(q.high, 'infinity')`;

/**
 * S44. search.html#number: only eq, ne and ap look at the range that the precision implies. A stored plain value has low = high; the end that a
 * Range leaves open is null.
 */
const comparisons: Readonly<Record<SearchPrefix, (asked: Asked) => Part>> = {
  eq: ({ low, high }) => part`(q.low >= ${low} AND q.low < ${high} AND q.high < ${high})`,
  ne: ({ low, high }) => part`NOT (${LOW} >= ${low} AND ${HIGH} < ${high})`,
  gt: ({ value }) => part`${HIGH} > ${value}`,
  lt: ({ value }) => part`${LOW} < ${value}`,
  ge: ({ value }) => part`${HIGH} >= ${value}`,
  le: ({ value }) => part`${LOW} <= ${value}`,
  sa: ({ value }) => part`q.low > ${value}`,
  eb: ({ value }) => part`q.high < ${value}`,
  ap: ({ low, high }) => part`(${LOW} <= ${high} AND ${HIGH} >= ${low})`,
};

/** S45. With a system the code is the coded unit in it; without one it may be the code or the unit as written (search.html#quantity). */
function inUnit({ system, code }: QuantityValue): Part {
  const known = code === undefined ? undefined : indexable(code);
  if (system)
    return allOf([
      part`q.system = ${indexable(system)}`,
      known === undefined ? TRUE : part`q.code = ${known}`,
    ]);
  return known === undefined ? TRUE : part`(q.code = ${known} OR q.unit = ${known})`;
}

/** `keys`: only quantities beside a token in one of these forms, for composites. */
export function quantity(
  param: string,
  values: readonly QuantityValue[],
  { row, types, keys }: { row: Part; types: readonly string[]; keys?: readonly string[] },
): Part {
  const alternatives = values.map((value) =>
    allOf([
      comparisons[value.prefix]({
        value: part`${value.value}::numeric`,
        low: part`${value.low}::numeric`,
        high: part`${value.high}::numeric`,
      }),
      inUnit(value),
    ]),
  );
  const keyed = keys ? [part`q.key = ANY(${keys}::text[])`] : [];
  return part`${row}.rid IN (SELECT q.rid FROM resource_quantity q WHERE ${allOf([
    isType(part`q.type`, types),
    part`q.param = ${param}`,
    ...keyed,
    anyOf(alternatives),
  ])})`;
}
