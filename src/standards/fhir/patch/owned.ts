import type { Json } from '../json/parse.ts';
import { isNode, type MutableNode } from './nodes.ts';

/** Members of objects only: to take an item out of an array would move the others against their extensions. */
export function removeEmpty(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) removeEmpty(item);
  else if (isNode(value))
    for (const [name, member] of Object.entries(value)) {
      removeEmpty(member);
      if (typeof member === 'object' && member !== null && Object.keys(member).length === 0)
        delete value[name];
    }
}

/** Where `meta` was replaced as a whole, what the server owns of it (R4 resource.html#Meta) stays. */
export function withOwned(document: MutableNode, original: Json): Json {
  const { resourceType } = original;
  if (!isNode(original.meta)) return { ...document, resourceType };
  const { versionId, lastUpdated } = original.meta;
  const meta: MutableNode = { ...(isNode(document.meta) ? document.meta : {}) };
  delete meta.versionId;
  delete meta.lastUpdated;
  const owned = {
    ...(versionId === undefined ? {} : { versionId }),
    ...(lastUpdated === undefined ? {} : { lastUpdated }),
  };
  return { ...document, resourceType, meta: { ...owned, ...meta } };
}
