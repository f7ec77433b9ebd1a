import { dateInterval } from '../../fhir/index.ts';
import type { DateValue, QuantityValue, SearchPrefix, TokenValue } from '../types.ts';
import { type Context, refused } from './context.ts';
import { impliedRange } from './decimal.ts';
import { splitEscaped, unescaped } from './escapes.ts';

const PREFIXES: ReadonlySet<string> = new Set<SearchPrefix>([
  'eq',
  'ne',
  'gt',
  'lt',
  'ge',
  'le',
  'sa',
  'eb',
  'ap',
]);
const isPrefix = (text: string): text is SearchPrefix => PREFIXES.has(text);

/** search.html#prefix: two letters before the value; `eq` when there are none. */
function prefixed(raw: string): { prefix: SearchPrefix; text: string } | undefined {
  const [, prefix = '', text = ''] = /^([a-zA-Z]{2})?(.*)$/s.exec(raw) ?? [];
  if (prefix === '') return { prefix: 'eq', text };
  return isPrefix(prefix) ? { prefix, text } : undefined;
}

const DATE_RULE =
  'a date (yyyy, yyyy-mm, yyyy-mm-dd or with time), after a prefix (eq, ne, gt, lt, ge, le, sa, eb, ap) or none';

export function dateValue(raw: string, context: Context): DateValue {
  const read = prefixed(unescaped(raw));
  // A plus that was not encoded in the address has become a space.
  const interval = read && dateInterval(read.text.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (!read || !interval) throw refused(context, 'invalid', DATE_RULE);
  const { prefix } = read;
  return prefix === 'ap' ? { prefix, ...approximately(interval, context.now) } : { prefix, ...interval };
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** search.html#prefix: for a date, ap is 10 % of its distance from now, to either side. */
function approximately({ from, to }: { from: Date; to: Date }, now: Date): { from: Date; to: Date } {
  const aside = (end: Date) => Math.round(Math.abs(now.getTime() - end.getTime()) / 10);
  return {
    from: new Date(Math.max(from.getTime() - aside(from), FIRST_MS)),
    to: new Date(Math.min(to.getTime() + aside(to), LAST_MS)),
  };
}

/** A number; low and high are what its precision implies, for `ap` at least 10 %. */
export function numberValue(raw: string, context: Context): QuantityValue {
  const read = prefixed(unescaped(raw));
  const range = read && impliedRange(read.text, read.prefix === 'ap');
  if (!read || !range)
    throw refused(
      context,
      'invalid',
      'a number, after a prefix (eq, ne, gt, lt, ge, le, sa, eb, ap) or none',
    );
  return { prefix: read.prefix, ...range };
}

/** search.html#quantity: `5.4`, `5.4|system|code`, `5.4||unit`. */
export function quantityValue(raw: string, context: Context): QuantityValue {
  const [number = '', system, code, ...more] = splitEscaped(raw, '|');
  if ((system !== undefined && code === undefined) || more.length > 0)
    throw refused(context, 'invalid', 'number, number|system|code or number||unit');
  const value = numberValue(number, context);
  if (!system && !code) return value;
  return {
    ...value,
    system: system ? unescaped(system) : null,
    ...(code ? { code: unescaped(code) } : {}),
  };
}

/** search.html#token: `code`, `system|code`, `|code`, `system|`. */
export function tokenValue(raw: string, context: Context): TokenValue {
  const parts = splitEscaped(raw, '|').map(unescaped);
  const [first = '', code] = parts;
  if (parts.length > 2 || (first === '' && !code))
    throw refused(context, 'invalid', 'code, system|code, |code or system|');
  if (code === undefined) return { code: first };
  return { system: first === '' ? null : first, ...(code === '' ? {} : { code }) };
}

/** search.html#of-type: `system|code|value`, of the identifier's type and its value. */
export function typedIdentifier(
  raw: string,
  context: Context,
): { system?: string; code: string; value: string } {
  const parts = splitEscaped(raw, '|').map(unescaped);
  const [system = '', code = '', value = ''] = parts;
  if (parts.length !== 3 || code === '' || value === '')
    throw refused(context, 'invalid', 'system|code|value, of the type and the identifier');
  return { ...(system === '' ? {} : { system }), code, value };
}

export function textValue(raw: string, context: Context): string {
  const text = unescaped(raw);
  if (text.trim() === '') throw refused(context, 'invalid', 'a text');
  return text;
}
