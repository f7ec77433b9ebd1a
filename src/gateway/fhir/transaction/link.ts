import type { Json } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import { elementTypeOf } from './element-type.ts';
import type { Entry } from './entries.ts';
import {
  conditionalReference,
  instanceUrl,
  mentionsOf,
  type Place,
  pathText,
  put,
  rewriteNarrative,
} from './references.ts';

/** An entry that others may name by its fullUrl. */
export interface NamedEntry {
  readonly entry: Entry;
  /** `Type/id` with the id assigned. */
  readonly name: string;
  /** Its criteria may still find another id. */
  readonly isLate: boolean;
  readonly resource?: Json;
}

/** Gives the name of an entry by its fullUrl. */
type NameOf = (fullUrl: string) => string | undefined;

/** A text that names an entry whose id is decided in the transaction only. */
interface LatePlace {
  readonly place: Place;
  readonly rewritten: (nameOf: NameOf) => string;
}

/** `Practitioner?identifier=a|b` in a resource: decided in the transaction. */
export interface ConditionalPlace {
  readonly place: Place;
  /** `Bundle.entry[3].resource.performer[0].reference`. */
  readonly expression: string;
  readonly type: string;
  readonly criteria: string;
}

export interface Linked {
  readonly late: readonly LatePlace[];
  readonly conditional: readonly ConditionalPlace[];
  /** fullUrl → `Type/id` as assigned. */
  readonly names: ReadonlyMap<string, string>;
}

interface Linking {
  readonly names: ReadonlyMap<string, string>;
  readonly lateUrls: ReadonlySet<string>;
  readonly late: LatePlace[];
  readonly conditional: ConditionalPlace[];
}

/**
 * Rewrites what entries say of each other by fullUrl to `Type/id` (R4 http.html#trules): references, uri, url, oid and uuid elements, links
 * of narratives. Throws INVALID_REQUEST for a `urn:uuid` or `urn:oid` reference that names no entry, and for one fullUrl of two entries.
 */
export function link(entries: readonly NamedEntry[]): Linked {
  const names = new Map<string, string>();
  const lateUrls = new Set<string>();
  for (const { entry, name, isLate } of entries) {
    const { fullUrl, place } = entry;
    if (fullUrl === undefined) continue;
    if (names.has(fullUrl)) throw invalid(`${place}.fullUrl`, 'bdl-7: a fullUrl is that of one entry');
    names.set(fullUrl, name);
    if (isLate) lateUrls.add(fullUrl);
  }
  const linking: Linking = { names, lateUrls, late: [], conditional: [] };
  for (const { entry, resource } of entries) if (resource) linkResource(resource, entry, linking);
  return { names, late: linking.late, conditional: linking.conditional };
}

function linkResource(resource: Json, entry: Entry, linking: Linking): void {
  const { references, urns, narratives } = mentionsOf(resource);
  const base = entry.fullUrl === undefined ? undefined : instanceUrl(entry.fullUrl)?.base;
  for (const place of references) linkReference(place, { entry, base, linking });
  for (const place of urns)
    if (linking.names.has(place.text) && REWRITTEN.has(elementTypeOf(resource, place.path) ?? ''))
      rewrite(place, place.text, linking);
  for (const place of narratives) linkNarrative(place, linking);
}

/** R4 http.html#trules names these; a string that looks like one, as Identifier.value, stays. */
const REWRITTEN: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid']);

interface ReferenceContext {
  readonly entry: Entry;
  readonly base: string | undefined;
  readonly linking: Linking;
}

function linkReference(place: Place, { entry, base, linking }: ReferenceContext): void {
  const { text, path } = place;
  const fullUrl = namedBy(text, base, linking.names);
  if (fullUrl !== undefined) {
    rewrite(place, fullUrl, linking);
    return;
  }
  const expression = `${entry.place}.resource.${pathText(path)}`;
  if (text.startsWith('urn:uuid:') || text.startsWith('urn:oid:'))
    throw invalid(expression, 'the fullUrl of an entry of this bundle');
  const asked = conditionalReference(text);
  if (asked) linking.conditional.push({ place, expression, ...asked });
}

/** The fullUrl that a reference means: itself, without its version, or below the base of its own entry (R4 bundle.html#references). */
function namedBy(
  text: string,
  base: string | undefined,
  names: ReadonlyMap<string, string>,
): string | undefined {
  if (names.has(text)) return text;
  if (text.startsWith('urn:')) return undefined;
  const absolute = /^https?:/.test(text) ? text : base === undefined ? undefined : `${base}/${text}`;
  const instance = absolute === undefined ? undefined : instanceUrl(absolute);
  if (!instance) return undefined;
  const url = `${instance.base}/${instance.type}/${instance.id}`;
  return names.has(url) ? url : undefined;
}

function rewrite(place: Place, fullUrl: string, { names, lateUrls, late }: Linking): void {
  const name = names.get(fullUrl);
  if (name !== undefined) put(place, name);
  if (lateUrls.has(fullUrl)) late.push({ place, rewritten: (nameOf) => nameOf(fullUrl) ?? place.text });
}

function linkNarrative(place: Place, { names, lateUrls, late }: Linking): void {
  let isLate = false;
  const text = rewriteNarrative(place.text, (fullUrl) => {
    isLate ||= lateUrls.has(fullUrl);
    return names.get(fullUrl);
  });
  if (text !== place.text) put(place, text);
  if (isLate) late.push({ place, rewritten: (nameOf) => rewriteNarrative(place.text, nameOf) });
}
