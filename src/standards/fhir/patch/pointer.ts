import { isNode, type MutableNode } from './nodes.ts';

/** A JSON Pointer (RFC 6901) as its unescaped tokens; the whole document has none. */
export type Pointer = readonly string[];

/** An array's key is an index below 2^53 as text, so that both kinds are used alike. */
export interface Location {
  readonly parent: MutableNode;
  readonly key: string;
  readonly exists: boolean;
}

const INDEX = /^(?:0|[1-9]\d{0,8})$/;
const POINTER = /^(?:\/(?:[^/~]|~[01])*)*$/;

/** Undefined when the text is no pointer. */
export function readPointer(text: string): Pointer | undefined {
  if (!POINTER.test(text)) return undefined;
  const [, ...tokens] = text.split('/');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Where the pointer leads: its last parent, which exists, and the key in it. Undefined where it leads nowhere. Only own members count. */
export function locate(document: MutableNode, pointer: Pointer): Location | undefined {
  let parent: unknown = document;
  for (const [depth, token] of pointer.entries()) {
    const location = step(parent, token);
    if (!location) return undefined;
    if (depth === pointer.length - 1) return location;
    if (!location.exists) return undefined;
    parent = location.parent[location.key];
  }
  return undefined;
}

function step(parent: unknown, token: string): Location | undefined {
  if (Array.isArray(parent)) {
    const array = parent as unknown[] & MutableNode;
    if (token === '-') return { parent: array, key: String(array.length), exists: false };
    if (!INDEX.test(token) || Number(token) > array.length) return undefined;
    return { parent: array, key: token, exists: Number(token) < array.length };
  }
  return isNode(parent) ? { parent, key: token, exists: Object.hasOwn(parent, token) } : undefined;
}

/** The pointer leads to what the other leads to, or into it. */
export const endsWithin = (pointer: Pointer, other: Pointer): boolean =>
  other.every((token, depth) => pointer[depth] === token);
