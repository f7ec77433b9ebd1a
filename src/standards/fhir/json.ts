import { FhirError } from './error.ts';

export interface JsonLimits {
  /** Default 16 MiB. */
  readonly maxBytes?: number;
  /** Default 64; JSON.parse takes 200,000 levels that JSON.stringify then can't write. */
  readonly maxDepth?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** JSON from outside: size, depth and UTF-8 are checked before it is parsed. Throws FhirError TOO_LARGE or INVALID_REQUEST. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = {}): unknown {
  const { maxBytes = 16 * 1024 * 1024, maxDepth = 64 } = limits;
  if (bytes.length > maxBytes) throw new FhirError('TOO_LARGE', 'body', `at most ${maxBytes} bytes`);
  if (exceedsDepth(bytes, maxDepth))
    throw new FhirError('INVALID_REQUEST', 'body', `at most ${maxDepth} levels deep`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FhirError('INVALID_REQUEST', 'body', 'JSON is UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text around the mistake, so it is not passed on.
    throw new FhirError('INVALID_REQUEST', 'body', 'well-formed JSON');
  }
}

function exceedsDepth(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}
