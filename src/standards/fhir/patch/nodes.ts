import { isNumber, MARK } from '../json/marks.ts';

export type MutableNode = Record<string, unknown>;

export const isNode = (value: unknown): value is MutableNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How many arrays and objects lie within each other, as far as `limit`. */
export function depthOf(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit === 0) return 1;
  let deepest = 0;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depthOf(member, limit - 1));
  return deepest + 1;
}

/** How many values there are, counted as far as `limit`. */
export function sizeOf(value: unknown, limit: number): number {
  let size = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && size <= limit) {
    const next = open.pop();
    size += 1;
    if (typeof next === 'object' && next !== null) open.push(...Object.values(next));
  }
  return size;
}

/** Equal as RFC 6902 section 4.6 has it: members in any order, numbers by value. */
export function equalJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const number = numberText(one);
  if (number !== undefined) {
    const otherNumber = numberText(other);
    return otherNumber !== undefined && canonicalNumber(number) === canonicalNumber(otherNumber);
  }
  if (Array.isArray(one))
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => equalJson(item, other[index]))
    );
  if (!isNode(one) || !isNode(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equalJson(one[name], other[name]))
  );
}

function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || !value.startsWith(MARK)) return undefined;
  const text = value.slice(MARK.length);
  return isNumber(text) ? text : undefined;
}

/** Sign, digits without zeros at the ends, and the power of ten of the last digit: the same text for the same number. */
function canonicalNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  if (end === 0) return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - end);
  return `${sign}${digits.slice(0, end)}e${power}`;
}
