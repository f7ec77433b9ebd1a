import type { Resource } from '@medplum/fhirtypes';

/**
 * What resources say, element by element, with every digit and offset: `Patient.name.family=…`. Ids are not compared, because they follow from what a
 * sender calls things; that a reference leads to something of a type is.
 */
export function factsOf(resources: readonly Resource[]): string[] {
  const facts: string[] = [];
  for (const resource of resources) {
    facts.push(`${resource.resourceType}()=1`);
    collect(resource, resource.resourceType, facts);
  }
  return facts;
}

/** Marks of fields on items, and when it was written. */
const IGNORED: ReadonlySet<string> = new Set(['id', 'meta', 'resourceType']);
/** Ids of ours within a reference or an identifier. */
const HASH = /\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/g;

function collect(value: unknown, path: string, into: string[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, path, into);
  else if (typeof value === 'object' && value !== null) {
    const { url } = value as { url?: unknown };
    const at =
      typeof url === 'string' && path.endsWith('extension') ? `${path}(${url.split('/').at(-1)})` : path;
    for (const [name, inner] of Object.entries(value)) {
      if (IGNORED.has(name) || (name === 'url' && at !== path)) continue;
      if (name === 'reference' && typeof inner === 'string') into.push(`${at}=>${inner.split('/')[0]}`);
      else collect(inner, `${at}.${name}`, into);
    }
  } else into.push(`${path}=${String(value).replaceAll(HASH, '')}`);
}

export interface Difference {
  readonly agreed: number;
  readonly lost: readonly string[];
  readonly added: readonly string[];
}

/** As multisets: a fact that is said twice is two. */
export function compare(before: readonly string[], after: readonly string[]): Difference {
  const left = new Map<string, number>();
  for (const fact of after) left.set(fact, (left.get(fact) ?? 0) + 1);
  const lost: string[] = [];
  for (const fact of before) {
    const count = left.get(fact) ?? 0;
    if (count === 0) lost.push(fact);
    else left.set(fact, count - 1);
  }
  const added = [...left].flatMap(([fact, count]) => Array.from({ length: count }, () => fact));
  return { agreed: before.length - lost.length, lost, added };
}

export const pathOf = (fact: string): string => /^[^=]*/.exec(fact)?.[0] ?? '';
