import { findByte } from './bytes.ts';
import type { Charset } from './charsets.ts';
import type { Delimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';

/**
 * Escape sequences, read and written at the leaf, after splitting (2.5.1 section 2.7). Reading works on bytes: what comes
 * out is still in the message's character set, so a character whose bytes arrive as two `\X..\` is whole again.
 */

export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Replaces the sequences in the range. Kept as written: formatting (`\H\`, `\.in+4\` ...), local (`\Z..\`) and set-switching
 * (`\C....\`, `\M....\`) sequences, hexadecimal ones with a NUL, and an escape character that begins no sequence.
 */
export function unescapeBytes(bytes: Buffer, range: ByteRange, delimiters: Delimiters): Buffer {
  const mark = delimiters.escape;
  const parts: Buffer[] = [];
  let copied = range.from;
  let at = range.from;
  while (at < range.to) {
    const close = bytes[at] === mark ? sequenceEnd(bytes, { from: at, to: range.to }, mark) : -1;
    if (close < 0) {
      at++;
      continue;
    }
    const meaning = meaningOf(bytes.toString('latin1', at + 1, close), delimiters);
    if (meaning) {
      parts.push(bytes.subarray(copied, at), meaning);
      copied = close + 1;
    }
    at = close + 1;
  }
  if (parts.length === 0) return bytes.subarray(range.from, range.to);
  parts.push(bytes.subarray(copied, range.to));
  return Buffer.concat(parts);
}

/** The shapes that section 2.7 knows; whatever else follows an escape character is text. */
const sequence =
  /^(?:[HNFSTREP]|[Xx](?:[0-9A-Fa-f]{2})+|Z[A-Za-z0-9]*|C[0-9A-Fa-f]{4}|M(?:[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6})|\.[A-Za-z]{2} ?[+-]?[0-9]*)$/;

/** Position of the closing escape character when a sequence begins at `from`, otherwise -1. */
function sequenceEnd(bytes: Buffer, range: ByteRange, mark: number): number {
  let at = range.from + 1;
  while (at < range.to && bytes[at] !== mark) {
    if (!mayStandInSequence(bytes[at] ?? 0)) return -1;
    at++;
  }
  if (at >= range.to || at === range.from + 1) return -1;
  return sequence.test(bytes.toString('latin1', range.from + 1, at)) ? at : -1;
}

/** Letters, digits, and the `.`, `+`, `-` and blank of formatting commands. */
function mayStandInSequence(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return (
    isLetter ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2e ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x20
  );
}

const MAX_BLANK_LINES = 99;

/** What a sequence stands for, or undefined when it is kept. */
function meaningOf(name: string, delimiters: Delimiters): Buffer | undefined {
  if (name.length === 1) {
    const byte = delimiterOf(name, delimiters);
    return byte === undefined ? undefined : Buffer.of(byte);
  }
  if (name[0] === 'X' || name[0] === 'x') {
    const data = Buffer.from(name.slice(1), 'hex');
    return data.includes(0) ? undefined : data;
  }
  const command = name.slice(0, 3).toLowerCase();
  if (command === '.br') return Buffer.from('\n');
  if (command === '.sp') return Buffer.alloc(Math.min(Number(name.slice(3)) || 1, MAX_BLANK_LINES), '\n');
  return undefined;
}

function delimiterOf(letter: string, delimiters: Delimiters): number | undefined {
  const declared = (byte: number, usual: number) => (byte < 0 ? usual : byte);
  switch (letter) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return declared(delimiters.subcomponent, 0x26);
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case 'P':
      return declared(delimiters.truncation, 0x23);
    default:
      return undefined;
  }
}

/** Everything that must not stand bare: control characters would end a segment or a frame. */
function needsEscape(code: number, delimiters: Delimiters): boolean {
  return code < 0x20 || code === 0x7f || letterOf(code, delimiters) !== undefined;
}

function letterOf(code: number, delimiters: Delimiters): string | undefined {
  switch (code) {
    case delimiters.escape:
      return 'E';
    case delimiters.field:
      return 'F';
    case delimiters.component:
      return 'S';
    case delimiters.subcomponent:
      return 'T';
    case delimiters.repetition:
      return 'R';
    case delimiters.truncation:
      return 'P';
    default:
      return undefined;
  }
}

/** The text with every delimiter and control character as an escape sequence; a line feed becomes `\.br\`. */
export function escapeText(text: string, delimiters: Delimiters): string {
  let out = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!needsEscape(code, delimiters)) continue;
    out += text.slice(copied, at) + escaped(code, delimiters);
    copied = at + 1;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

const POINT = 0x2e;

function escaped(code: number, delimiters: Delimiters): string {
  const mark = String.fromCharCode(delimiters.escape);
  const letter = letterOf(code, delimiters);
  if (letter !== undefined) return mark + letter + mark;
  if (code === 0x0a && letterOf(POINT, delimiters) === undefined) return `${mark}.br${mark}`;
  return `${mark}X${code.toString(16).toUpperCase().padStart(2, '0')}${mark}`;
}

export interface LeafSyntax {
  readonly delimiters: Delimiters;
  readonly charset: Charset;
}

/** The bytes of a leaf as text, or undefined when they do not belong to the character set. */
export function decodeLeaf(
  syntax: LeafSyntax & { readonly bytes: Buffer },
  range: ByteRange,
): string | undefined {
  const { bytes, charset, delimiters } = syntax;
  if (range.from === range.to) return '';
  if (findByte(bytes, delimiters.escape, range) < 0) return charset.decode(bytes, range.from, range.to);
  const plain = unescapeBytes(bytes, range, delimiters);
  return charset.decode(plain, 0, plain.length);
}

/**
 * A value as a leaf is written: escaped, and kept apart from the null when it happens to be two quotation marks. Throws
 * HL7_UNDECODABLE for a NUL, which no receiver takes for text.
 */
export function escapeValue(text: string, delimiters: Delimiters, location: string): string {
  if (text.includes('\0')) throw new Hl7Error('HL7_UNDECODABLE', { location, rule: 'a NUL is not text' });
  if (text !== '""') return escapeText(text, delimiters);
  const mark = String.fromCharCode(delimiters.escape);
  return `${mark}X22${mark}"`;
}
