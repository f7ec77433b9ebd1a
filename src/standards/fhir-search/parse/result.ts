import type { SearchQuery, SortKey } from '../types.ts';
import { type Context, limits, refused } from './context.ts';
import { parameterFor } from './scope.ts';

/** How the answer is to look; nothing of it changes what is found. */
export interface SearchForm {
  summary?: 'true' | 'text' | 'data' | 'count' | 'false';
  elements?: readonly string[];
  format?: string;
  pretty?: boolean;
}

/** search.html#count: digits; 0 asks for the total alone, more than the maximum is not given at once. */
export function countOf(value: string, maxCount: number, context: Context): number {
  if (!/^\d{1,18}$/.test(value)) throw refused(context, 'invalid', 'a whole number from 0');
  return Math.min(Number(value), maxCount);
}

/** search.html#sort: `-date,status`. */
export function sortOf(types: readonly string[], value: string, context: Context): SortKey[] {
  const keys = value.split(',');
  if (keys.length > limits.sortKeys)
    throw refused(context, 'too-costly', `at most ${limits.sortKeys} parameters to sort by`);
  return keys.map((key) => {
    const [, minus, code = ''] = /^(-)?([\w-]+)$/.exec(key) ?? [];
    if (code === '') throw refused(context, 'invalid', 'names of search parameters, each after a - or none');
    if (code === '_score') throw refused(context, 'unknown', 'there is no relevance to sort by');
    const { type, sortable } = parameterFor(types, code, context);
    if (!sortable) throw refused(context, 'unknown', 'a parameter that can be sorted by');
    return { param: code, type, descending: minus !== undefined };
  });
}

export function totalOf(value: string, context: Context): SearchQuery['total'] {
  if (value === 'none' || value === 'estimate' || value === 'accurate') return value;
  throw refused(context, 'invalid', 'none, estimate or accurate');
}

export function summaryOf(value: string, context: Context): NonNullable<SearchForm['summary']> {
  if (value === 'true' || value === 'text' || value === 'data' || value === 'count' || value === 'false')
    return value;
  throw refused(context, 'invalid', 'true, text, data, count or false');
}

/** Names of elements of the resource itself (search.html#elements). */
export function elementsOf(value: string, context: Context): string[] {
  const names = value.split(',');
  if (names.length > limits.elements)
    throw refused(context, 'too-costly', `at most ${limits.elements} elements`);
  if (names.some((name) => !/^(?:[A-Z][A-Za-z]*\.)?[a-z][A-Za-z0-9]*$/.test(name)))
    throw refused(context, 'invalid', 'names of elements of the resource');
  return [...new Set(names)];
}
