import { equal } from '../invariants/items.ts';
import { isObject } from '../json.ts';

/** ElementDefinition.fixed[x]: exactly this. */
export const isFixed = (value: unknown, fixed: unknown): boolean => equal(value, fixed);

/** ElementDefinition.pattern[x]: at least this; each item of an array is found among the value's, in any order. */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) && pattern.every((wanted) => value.some((item) => matchesPattern(item, wanted)))
    );
  if (!isObject(pattern)) return equal(value, pattern);
  return isObject(value) && Object.keys(pattern).every((name) => matchesPattern(value[name], pattern[name]));
}
