import { IsthmusError } from '../../../foundation/errors/index.ts';

/** Deeper nesting is refused: `JSON.parse` accepts 200,000 levels, and then nothing can write the value again. */
const maxJsonDepth = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const quote = 0x22;
const backslash = 0x5c;
const opening: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closing: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/** Offset of the bracket that opens one level too many, or -1. */
function tooDeepAt(bytes: Uint8Array): number {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (opening.has(byte) && ++depth > maxJsonDepth) return at;
    else if (closing.has(byte)) depth--;
  }
  return -1;
}

/** Parses a JSON body. Throws INVALID_REQUEST with the place and rule, never with the content. */
export function parseJson(bytes: Uint8Array): unknown {
  const tooDeep = tooDeepAt(bytes);
  if (tooDeep >= 0) {
    throw new IsthmusError('INVALID_REQUEST', {
      place: `byte ${tooDeep}`,
      rule: `JSON nested at most ${maxJsonDepth} deep`,
    });
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new IsthmusError('INVALID_REQUEST', { place: 'body', rule: 'JSON in UTF-8 (RFC 8259)', cause });
  }
}

/** The value at a JSON pointer (RFC 6901), or undefined. Own properties only. */
export function atPointer(value: unknown, pointer: string): unknown {
  let here = value;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

/** Freezes the whole value, so that an edit in place fails loudly instead of being lost. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
