import type { Definition } from './types.ts';

/** Reading JSON of which nothing is known: what is not of the kind asked for is not there. */

export const isNode = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function nodeOf(of: Definition, name: string): Definition | undefined {
  const value = of[name];
  return isNode(value) ? value : undefined;
}

export function textOf(of: Definition, name: string): string | undefined {
  const value = of[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function flagOf(of: Definition, name: string): boolean | undefined {
  const value = of[name];
  return typeof value === 'boolean' ? value : undefined;
}

export function numberOf(of: Definition, name: string): number | undefined {
  const value = of[name];
  return typeof value === 'number' ? value : undefined;
}

export function nodesOf(of: Definition | undefined, name: string): readonly Definition[] {
  const value = of?.[name];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function textsOf(of: Definition | undefined, name: string): readonly string[] {
  const value = of?.[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The value of a choice element `value[x]`: its JSON name's tail and what it is. */
export function choiceOf(
  of: Definition,
  name = 'value',
): readonly [type: string, value: unknown] | undefined {
  for (const [key, value] of Object.entries(of))
    if (key.startsWith(name) && key.length > name.length && !key.startsWith('_'))
      return [key.slice(name.length), value];
  return undefined;
}

export const extensionsOf = (of: Definition, url: string): readonly Definition[] =>
  nodesOf(of, 'extension').filter((extension) => extension.url === url);

/** One of the given words, or nothing. */
export function wordOf<W extends string>(of: Definition, name: string, words: readonly W[]): W | undefined {
  const value = of[name];
  return words.find((word) => word === value);
}

/** `url|version` or `url`. */
export function canonicalOf(url: string, version: string | undefined): string {
  return version === undefined ? url : `${url}|${version}`;
}

export function splitCanonical(canonical: string): { readonly url: string; readonly version?: string } {
  const bar = canonical.lastIndexOf('|');
  if (bar === -1) return { url: canonical };
  const version = canonical.slice(bar + 1);
  return { url: canonical.slice(0, bar), ...(version === '' ? {} : { version }) };
}
