import { isKnownResourceType } from '../definitions/structures.ts';
import { FhirError } from '../errors.ts';
import { FORBIDDEN_KEYS } from './forbidden-keys.ts';
import { duplicatePlace, keyPlace, stringPlace, syntaxPlace } from './places.ts';
import { scan } from './scan.ts';

/** A resource as JSON; decimals as `parseExact` gives them. */
export interface Json {
  readonly resourceType: string;
  readonly id?: string;
  readonly [element: string]: unknown;
}

export interface JsonLimits {
  /** Largest text, in bytes of UTF-8. Default: 16 MiB. */
  readonly maxBytes?: number;
  /** Deepest nesting of arrays and objects. Default: 64, several times what real resources need in a bundle. */
  readonly maxDepth?: number;
}

const SURROGATE = /\p{Surrogate}/u;
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_DEPTH = 64;

/**
 * An R4 resource from its JSON (R4 json.html). Refused with a FhirError: what `parseJson` refuses, what is no object, and a `resourceType` that is missing or not of R4 4.0.1.
 * Not judged here: the elements (unknown ones, null, empty arrays), which standards/fhir-validation does.
 */
export function parseResource(text: string | Uint8Array, limits: JsonLimits = {}): Json {
  const value = parseJson(text, limits);
  if (!isObject(value)) throw new FhirError('NOT_AN_OBJECT', { rule: 'a resource is a JSON object' });
  const place = 'resourceType';
  if (!isTyped(value))
    throw new FhirError('NO_RESOURCE_TYPE', {
      place,
      rule: 'a resource says its type (R4 json.html#resources)',
    });
  if (!isKnownResourceType(value.resourceType))
    throw new FhirError('UNKNOWN_RESOURCE_TYPE', { place, rule: 'the type is one of R4 4.0.1' });
  return value;
}

/**
 * JSON (RFC 8259) as FHIR exchanges it: UTF-8 without byte order mark, no member twice in an object, no text that could not be given back as it came, size and depth
 * limited before anything is built. Decimals keep their digits (see `parseExact`). Throws FhirError.
 */
export function parseJson(input: string | Uint8Array, limits: JsonLimits = {}): unknown {
  const original = decoded(input, limits.maxBytes ?? DEFAULT_MAX_BYTES);
  const { text, members, depth } = scan(original);
  const maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH;
  if (depth > maxDepth)
    throw new FhirError('TOO_DEEP', { rule: `at most ${maxDepth} arrays and objects within each other` });
  const value = parsed(text, original);
  const escapes = original.includes('\\u');
  if (escapes) checkEscapes(original);
  if (countMembers(value, original) !== members)
    throw failure('DUPLICATE_KEY', duplicatePlace(original), 'a name stands once in its object');
  return value;
}

function decoded(input: string | Uint8Array, maxBytes: number): string {
  const tooLarge = (): FhirError => new FhirError('TOO_LARGE', { rule: `at most ${maxBytes} bytes` });
  // A text has at least as many bytes as characters: what is surely too large is not measured.
  if (input.length > maxBytes) throw tooLarge();
  const text = typeof input === 'string' ? input : utf8(input);
  if (typeof input === 'string' && input.length * 3 > maxBytes && Buffer.byteLength(input) > maxBytes)
    throw tooLarge();
  if (typeof input === 'string' && SURROGATE.test(input))
    throw new FhirError('BAD_ENCODING', { rule: 'a surrogate has its other half (RFC 8259 section 8.2)' });
  if (text.charCodeAt(0) === 0xfeff)
    throw new FhirError('BAD_ENCODING', { rule: 'no byte order mark (RFC 8259 section 8.1)' });
  return text;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FhirError('BAD_ENCODING', { rule: 'the text is UTF-8 (R4 json.html)' });
  }
}

function parsed(text: string, original: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw failure('BAD_SYNTAX', syntaxPlace(original), 'the text is JSON (RFC 8259)');
  }
}

/** A NUL would pass for the mark of a decimal, and half a character would come back as another one. */
function checkEscapes(text: string): void {
  const nul = text.includes('\\u0000') ? stringPlace(text, (value) => value.includes('\0')) : undefined;
  if (nul) throw failure('BAD_ENCODING', nul, 'a text holds no NUL (R4 datatypes.html#string)');
  const half = /\\u[dD][89a-fA-F]/.test(text)
    ? stringPlace(text, (value) => SURROGATE.test(value))
    : undefined;
  if (half) throw failure('BAD_ENCODING', half, 'a surrogate has its other half (RFC 8259 section 8.2)');
}

/** How many members are left when of each repeated one only the last is. The depth is limited already. */
function countMembers(value: unknown, text: string): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countMembers(item, text);
    return count;
  }
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    if (FORBIDDEN_KEYS.has(key))
      throw failure(
        'FORBIDDEN_KEY',
        keyPlace(text, (name) => FORBIDDEN_KEYS.has(name)),
        'no element of FHIR has this name',
      );
    count += 1;
    const member = members[key];
    if (typeof member === 'object') count += countMembers(member, text);
  }
  return count;
}

function failure(
  code: 'BAD_SYNTAX' | 'BAD_ENCODING' | 'DUPLICATE_KEY' | 'FORBIDDEN_KEY',
  place: string | undefined,
  rule: string,
): FhirError {
  return new FhirError(code, { ...(place === undefined ? {} : { place }), rule });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTyped = (
  value: Record<string, unknown>,
): value is Record<string, unknown> & { resourceType: string } => typeof value.resourceType === 'string';
