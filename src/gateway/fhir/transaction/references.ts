import { isKnownResourceType } from '../../../standards/fhir/index.ts';

/** A text within a resource that may have to be rewritten. */
export interface Place {
  /** The object or list that holds it; written to when the text is rewritten. */
  readonly holder: object;
  readonly key: string | number;
  /** As it was handed in. */
  readonly text: string;
  /** From the resource: `['subject', 'reference']`, `['item', 0, 'url']`. */
  readonly path: readonly (string | number)[];
}

/** The texts of a resource that may name another entry. */
export interface Mentions {
  /** Reference.reference, unless it stays within its own resource. */
  readonly references: Place[];
  /** `urn:uuid:…` and `urn:oid:…` elsewhere: uri, url, oid and uuid elements are rewritten, strings are not. */
  readonly urns: Place[];
  /** Narratives that hold such a name. */
  readonly narratives: Place[];
}

const URN = /^urn:(?:uuid|oid):/;

/** One walk over a resource, contained resources and extensions included. */
export function mentionsOf(resource: object): Mentions {
  const found: Mentions = { references: [], urns: [], narratives: [] };
  walk(resource as Record<string, unknown>, [], found);
  return found;
}

function walk(node: Record<string, unknown>, path: (string | number)[], found: Mentions): void {
  for (const key in node) {
    const value = node[key];
    if (typeof value === 'string') look(node, key, value, { path, found });
    else if (typeof value === 'object' && value !== null) {
      path.push(key);
      if (Array.isArray(value)) walkList(value, path, found);
      else walk(value as Record<string, unknown>, path, found);
      path.pop();
    }
  }
}

function walkList(list: unknown[], path: (string | number)[], found: Mentions): void {
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    if (typeof value === 'string') {
      if (URN.test(value)) found.urns.push({ holder: list, key: index, text: value, path: [...path, index] });
    } else if (typeof value === 'object' && value !== null) {
      path.push(index);
      walk(value as Record<string, unknown>, path, found);
      path.pop();
    }
  }
}

function look(
  holder: Record<string, unknown>,
  key: string,
  text: string,
  { path, found }: { path: readonly (string | number)[]; found: Mentions },
): void {
  if (key === 'reference') {
    if (!text.startsWith('#')) found.references.push({ holder, key, text, path: [...path, key] });
  } else if (text.startsWith('urn:')) {
    if (URN.test(text)) found.urns.push({ holder, key, text, path: [...path, key] });
  } else if (key === 'div' && text.includes('urn:'))
    found.narratives.push({ holder, key, text, path: [...path, key] });
}

/** Writes into a resource of the bundle, which the transaction has taken over. */
export function put({ holder, key }: Pick<Place, 'holder' | 'key'>, text: string): void {
  (holder as Record<string | number, unknown>)[key] = text;
}

/** `subject.reference`, `item[0].url`. */
export const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

/** `Practitioner?identifier=a|b`: R4 http.html#cond-refs. */
export function conditionalReference(
  text: string,
): { readonly type: string; readonly criteria: string } | undefined {
  const at = text.indexOf('?');
  if (at <= 0) return undefined;
  const type = text.slice(0, at);
  return isKnownResourceType(type) ? { type, criteria: text.slice(at + 1) } : undefined;
}

/** `http://other.example/fhir/Patient/1` without its version, split after the base; undefined when it is no address of an instance. */
export function instanceUrl(
  url: string,
): { readonly base: string; readonly type: string; readonly id: string } | undefined {
  const match =
    /^(https?:\/\/.+)\/([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(
      url,
    );
  const [, base = '', type = '', id = ''] = match ?? [];
  return match ? { base, type, id } : undefined;
}

/** The links of a narrative: `<a href="…">` and `<img src="…">` that are the name of an entry (R4 http.html#trules). */
export function rewriteNarrative(div: string, nameOf: (text: string) => string | undefined): string {
  return div.replace(
    /(<(?:a|img)\b[^<>]{0,2000}?\s(?:href|src)\s*=\s*)(?:"(urn:[^"]{1,200})"|'(urn:[^']{1,200})')/g,
    (whole, start: string, double: string | undefined, single: string | undefined) => {
      const named = nameOf(double ?? single ?? '');
      return named === undefined ? whole : `${start}"${named}"`;
    },
  );
}
