import { allOf, anyOf, type Part, part } from '../../../foundation/database/index.ts';
import type { Clause } from '../../../standards/fhir-search/index.ts';
import { foldedKey, uriKey } from '../entries.ts';
import { storable } from '../text.ts';
import { isType, type Place } from './place.ts';

type Of<Kind extends Clause['kind']> = Extract<Clause, { readonly kind: Kind }>;

/** What is asked is compared by operators that know no wildcards, so nothing in it has to be escaped (S46). */
const among = ({ row, types }: Place, param: string, condition: Part): Part =>
  part`${row}.rid IN (SELECT s.rid FROM resource_string s WHERE ${allOf([
    isType(part`s.type`, types),
    part`s.param = ${param}`,
    condition,
  ])})`;

const begins = (key: string): Part => part`s.value ^@ ${key}`;

/** search.html#string: without case and accents, from the beginning, unless asked otherwise. */
export function string({ param, match, anyOf: values }: Of<'string'>, place: Place): Part {
  const keys = values.map(foldedKey);
  if (match === 'starts') return among(place, param, anyOf(keys.map(begins)));
  if (match === 'contains')
    return among(place, param, anyOf(keys.map((key) => part`strpos(s.value, ${key}) > 0`)));
  const exact = values.map(storable);
  return among(place, param, part`s.value = ANY(${keys}::text[]) AND s.exact = ANY(${exact}::text[])`);
}

/** search.html#uri. `:below` finds what continues after a slash, `:above` what this one continues. */
export function uri({ param, match, anyOf: values }: Of<'uri'>, place: Place): Part {
  const exact = (uris: readonly string[]) =>
    part`(s.value = ANY(${uris.map(uriKey)}::text[]) AND s.exact = ANY(${uris.map(storable)}::text[]))`;
  if (match === 'exact') return among(place, param, exact(values));
  if (match === 'above') return among(place, param, exact(values.flatMap(ancestors)));
  const trimmed = values.map((value) => value.replace(/\/+$/, ''));
  return among(place, param, anyOf([exact(trimmed), ...trimmed.map((value) => begins(`${uriKey(value)}/`))]));
}

/** `http://a/b/c` itself, `http://a/b`, `http://a`, each with and without a slash at the end. */
function ancestors(uri: string): string[] {
  const found: string[] = [];
  const start = uri.indexOf('://') + 3;
  let at = uri.replace(/\/+$/, '').length;
  while (at >= Math.max(start, 3)) {
    const parent = uri.slice(0, at);
    found.push(parent, `${parent}/`);
    at = uri.lastIndexOf('/', at - 1);
  }
  return found.length > 0 ? found : [uri];
}
