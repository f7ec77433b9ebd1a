import type { SearchValue } from '../types.ts';
import { isElements, listOf, textOf } from './shapes.ts';

const strings = (values: readonly unknown[]): readonly SearchValue[] => {
  const found: SearchValue[] = [];
  for (const one of values) {
    const value = textOf(one);
    if (value !== undefined) found.push({ kind: 'string', value });
  }
  return found;
};

export const plainString = (value: unknown): readonly SearchValue[] => strings([value]);

/** search.html#string: any part of a name, and its text. */
export const humanName = (value: unknown): readonly SearchValue[] =>
  isElements(value)
    ? strings([
        value.family,
        ...listOf(value.given),
        ...listOf(value.prefix),
        ...listOf(value.suffix),
        value.text,
      ])
    : [];

/** search.html#string: any part of an address, and its text. */
export const address = (value: unknown): readonly SearchValue[] =>
  isElements(value)
    ? strings([
        ...listOf(value.line),
        value.city,
        value.district,
        value.state,
        value.postalCode,
        value.country,
        value.text,
      ])
    : [];
