import { isAlphanumeric } from './bytes.ts';
import { Hl7Error } from './errors.ts';

/** The delimiters of one message (or batch envelope) as byte values; -1 where MSH-2 declares none. */
export interface Delimiters {
  readonly field: number;
  readonly component: number;
  readonly repetition: number;
  readonly escape: number;
  readonly subcomponent: number;
  readonly truncation: number;
}

const standardDelimiters: Delimiters = {
  field: 0x7c,
  component: 0x5e,
  repetition: 0x7e,
  escape: 0x5c,
  subcomponent: 0x26,
  truncation: -1,
};

const NONE = -1;
const QUOTE = 0x22;

let lastKey = '|^~\\&';
let lastDelimiters = standardDelimiters;

/**
 * Reads MSH-1 and MSH-2 (2.5.1 section 2.5.4; the truncation character is 2.7's). MSH-2 has 3 characters (no
 * subcomponents), 4, or 5. Each must be another visible ASCII character that is neither letter, digit nor quote.
 * A doubled escape character, as in `^~\\&`, is the known slip of senders who escape their own source text: the
 * second one is ignored. Throws HL7_BAD_DELIMITERS.
 */
export function readDelimiters(
  fieldSeparator: string,
  encodingCharacters: string,
  segment = 'MSH',
): Delimiters {
  const key = fieldSeparator + encodingCharacters;
  if (key === lastKey) return lastDelimiters;
  const delimiters = parseDelimiters(fieldSeparator, encodingCharacters, segment);
  lastKey = key;
  lastDelimiters = delimiters;
  return delimiters;
}

function parseDelimiters(fieldSeparator: string, encodingCharacters: string, segment: string): Delimiters {
  const field = fieldSeparator.charCodeAt(0);
  if (!usable(field))
    throw bad(segment, 1, 'the field separator is a visible character, no letter, digit or quote');
  const characters = withoutDoubledEscape(encodingCharacters);
  if (characters.length < 3 || characters.length > 5)
    throw bad(segment, 2, 'three to five encoding characters');
  const codes = Array.from(characters, (character) => character.charCodeAt(0));
  if (!codes.every(usable))
    throw bad(segment, 2, 'encoding characters are visible, no letters, digits or quotes');
  if (new Set([field, ...codes]).size !== codes.length + 1) throw bad(segment, 2, 'all delimiters differ');
  const [component = NONE, repetition = NONE, mark = NONE, subcomponent = NONE, truncation = NONE] = codes;
  return { field, component, repetition, escape: mark, subcomponent, truncation };
}

function withoutDoubledEscape(characters: string): string {
  const doubled = characters.length === 5 && characters[2] === characters[3];
  return doubled ? characters.slice(0, 3) + characters.slice(4) : characters;
}

function usable(code: number): boolean {
  return code > 0x20 && code < 0x7f && code !== QUOTE && !isAlphanumeric(code);
}

function bad(segment: string, field: number, rule: string): Hl7Error {
  return new Hl7Error('HL7_BAD_DELIMITERS', { location: `${segment}^1^${field}`, rule });
}
