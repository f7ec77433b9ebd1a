import type { EncodedParameter } from './encoding.ts';
import encoded from './r4/search-parameters.json' with { type: 'json' };

const texts = new Map<string, string>(Object.entries(encoded));
const decoded = new Map<string, ReadonlyMap<string, EncodedParameter>>();

/** R4's and US Core's search parameters of a resource type by code, with those that every type has. For a type that R4 does not have, only these. */
export function rowsOf(type: string): ReadonlyMap<string, EncodedParameter> {
  const known = decoded.get(type);
  if (known) return known;
  const rows = new Map<string, EncodedParameter>([
    ...read('Resource'),
    ...(type === 'Resource' ? [] : read(type)),
  ]);
  if (texts.has(type)) decoded.set(type, rows);
  return rows;
}

const read = (type: string): [string, EncodedParameter][] =>
  Object.entries(JSON.parse(texts.get(type) ?? '{}') as Record<string, EncodedParameter>);
