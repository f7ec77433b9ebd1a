import { isAscii } from 'node:buffer';
import { asBuffer, isAlphanumeric } from './bytes.ts';
import { Hl7Error } from './errors.ts';
import type { Syntax } from './field.ts';
import { type MessageHeader, messageStart, readHeader } from './header.ts';
import { indexLines } from './lines.ts';
import { messageCharset } from './message-charset.ts';
import { parsePath } from './path.ts';
import { Segment } from './segment.ts';
import { structureOf } from './structures.ts';

export interface ParseOptions {
  /** Take CR LF and LF as segment ends beside CR. Default true. */
  readonly tolerant?: boolean;
  /** Refuse larger messages with MLLP_TOO_LARGE before reading anything. */
  readonly maxBytes?: number;
  /** The set of messages whose MSH-18 is empty; a label as in table 0211. Default ASCII, as the standard says. */
  readonly defaultCharset?: string;
}

/**
 * A received message. It is its bytes: segments are indexed, everything below is split and decoded when it is asked
 * for, and nothing ever changes (see editMessage).
 */
export class Hl7Message {
  readonly header: MessageHeader;
  /** The bytes, delimiters and character set that its parts are read with. */
  readonly syntax: Syntax;
  /** Start and end of each segment in turn. */
  readonly #lines: readonly number[];
  readonly #segments: (Segment | undefined)[] = [];
  readonly #byName = new Map<string, readonly Segment[]>();

  /** Use parseMessage. */
  constructor(parts: { header: MessageHeader; syntax: Syntax; lines: readonly number[] }) {
    this.header = parts.header;
    this.syntax = parts.syntax;
    this.#lines = parts.lines;
  }

  get bytes(): Uint8Array {
    return this.syntax.bytes;
  }

  /** What came in, byte for byte. */
  toBytes(): Uint8Array {
    return this.syntax.bytes;
  }

  /** MSH-9.1 and MSH-9.2: `ADT^A08`, or `ACK` when there is no event. */
  get type(): string {
    const { messageCode, triggerEvent } = this.header;
    return triggerEvent === '' ? messageCode : `${messageCode}^${triggerEvent}`;
  }

  /** MSH-9.3, or what the event map of 2.5.1 says when it is empty. */
  get structure(): string {
    return structureOf(this.header);
  }

  /** The label of the character set that text is decoded with. */
  get charset(): string {
    return this.syntax.charset.label;
  }

  /** All segments in order, or those of one name; unknown and Z-segments are segments like any other. */
  segments(name?: string): readonly Segment[] {
    const key = name ?? '';
    const known = this.#byName.get(key);
    if (known) return known;
    const found = name === undefined ? this.#allSegments() : this.#segmentsNamed(name);
    if (this.#byName.size < MAX_NAMES) this.#byName.set(key, found);
    return found;
  }

  /** The n-th segment (from 1) of a name. */
  segment(name: string, occurrence = 1): Segment | undefined {
    return this.segments(name)[occurrence - 1];
  }

  /**
   * One value by path, as `PID-3[2].4.2`: unescaped and decoded, '' when absent, empty or null. What a path leaves out
   * is the first. Throws HL7_UNDECODABLE; TypeError when the path is not one.
   */
  text(path: string): string {
    const place = parsePath(path);
    const field = this.segment(place.segment, place.occurrence)?.field(place.field);
    return (
      field?.repetition(place.repetition || 1).component(place.component || 1, place.subcomponent || 1) ?? ''
    );
  }

  /** Is the field (or the part that the path names) `""`, which asks to delete? */
  isNull(path: string): boolean {
    const place = parsePath(path);
    const field = this.segment(place.segment, place.occurrence)?.field(place.field);
    if (!field) return false;
    if (place.component > 0) {
      return field.repetition(place.repetition || 1).isNull(place.component, place.subcomponent || undefined);
    }
    return place.repetition > 0
      ? field.repetition(place.repetition).state === 'null'
      : field.state === 'null';
  }

  /** The same message, the values at these locations (as an HL7_UNDECODABLE names them) read as empty instead of refused. */
  without(unreadable: ReadonlySet<string>): Hl7Message {
    return new Hl7Message({
      header: this.header,
      syntax: { ...this.syntax, unreadable },
      lines: this.#lines,
    });
  }

  #allSegments(): Segment[] {
    const seen = new Map<string, number>();
    return Array.from({ length: this.#lines.length / 2 }, (_, index) => {
      const name = nameAt(this.syntax.bytes, this.#lines[index * 2] ?? 0);
      const occurrence = (seen.get(name) ?? 0) + 1;
      seen.set(name, occurrence);
      return this.#segmentAt(index, name, occurrence);
    });
  }

  #segmentsNamed(name: string): Segment[] {
    if (name.length !== 3) return [];
    const { bytes } = this.syntax;
    const [first, second, third] = [name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2)];
    const found: Segment[] = [];
    for (let index = 0; index * 2 < this.#lines.length; index++) {
      const start = this.#lines[index * 2] ?? 0;
      if (capital(bytes[start]) !== first || capital(bytes[start + 1]) !== second) continue;
      if (capital(bytes[start + 2]) === third) found.push(this.#segmentAt(index, name, found.length + 1));
    }
    return found;
  }

  #segmentAt(index: number, name: string, occurrence: number): Segment {
    const known = this.#segments[index];
    if (known) return known;
    const place = {
      name,
      occurrence,
      start: this.#lines[index * 2] ?? 0,
      end: this.#lines[index * 2 + 1] ?? 0,
    };
    const segment = new Segment(this.syntax, place);
    this.#segments[index] = segment;
    return segment;
  }
}

/**
 * Reads a message of any version: checks MSH, finds the segments and the character set, decodes nothing. The bytes are
 * kept, not copied, so the caller must not change them. Throws HL7_NO_MSH, HL7_BAD_DELIMITERS, HL7_BAD_SEGMENT (a line
 * that is no segment), HL7_UNKNOWN_CHARSET, HL7_UNSUPPORTED_CHARSET, MLLP_TOO_LARGE.
 */
export function parseMessage(bytes: Uint8Array, options: ParseOptions = {}): Hl7Message {
  if (options.maxBytes !== undefined && bytes.length > options.maxBytes) {
    throw new Hl7Error('MLLP_TOO_LARGE', { rule: `at most ${options.maxBytes} bytes` });
  }
  const buffer = asBuffer(bytes);
  const start = messageStart(buffer);
  const { header, delimiters } = readHeader(buffer, start);
  const charset = messageCharset(buffer, {
    declared: header.charset,
    delimiters,
    defaultCharset: options.defaultCharset,
  });
  const lines = indexLines(buffer, {
    start,
    tolerant: options.tolerant ?? true,
    fieldSeparator: delimiters.field,
    maxLines: MAX_SEGMENTS + 1,
  });
  if (lines.length > 2 * MAX_SEGMENTS) {
    throw new Hl7Error('HL7_BAD_SEGMENT', { rule: `at most ${MAX_SEGMENTS} segments` });
  }
  checkSegments(buffer, lines, delimiters.field);
  const text = textOf(buffer);
  const syntax = { bytes: buffer, delimiters, charset, ...(text === undefined ? {} : { text }) };
  return new Hl7Message({ header, syntax, lines });
}

/** Beyond this a value cut from it would keep a large text in memory. */
const MAX_TEXT_BYTES = 65_536;

/** Every set that is read here has ASCII as it is; a NUL is text in none. */
const textOf = (bytes: Buffer): string | undefined =>
  bytes.length <= MAX_TEXT_BYTES && isAscii(bytes) && !bytes.includes(0)
    ? bytes.toString('latin1')
    : undefined;

function checkSegments(bytes: Buffer, lines: readonly number[], fieldSeparator: number): void {
  for (let index = 0; index < lines.length; index += 2) {
    const start = lines[index] ?? 0;
    const end = lines[index + 1] ?? 0;
    const named =
      isAlphanumeric(bytes[start]) && isAlphanumeric(bytes[start + 1]) && isAlphanumeric(bytes[start + 2]);
    const ends = end === start + 3 || (end > start + 3 && bytes[start + 3] === fieldSeparator);
    if (!named || !ends) {
      const rule = 'a segment is three letters or digits and then fields';
      throw new Hl7Error('HL7_BAD_SEGMENT', { location: `segment ${index / 2 + 1}`, rule });
    }
    if (index > 0 && isHeader(bytes, start)) {
      const rule = 'one MSH per message; batches and several messages are split first';
      throw new Hl7Error('HL7_BAD_SEGMENT', { location: `segment ${index / 2 + 1}`, rule });
    }
  }
}

/** A day of observations in one message; beyond it, line ends are no message. */
const MAX_SEGMENTS = 1_000_000;

/** As many names as a message has in practice; asking for others must not make it grow. */
const MAX_NAMES = 256;

function nameAt(bytes: Buffer, start: number): string {
  return String.fromCharCode(capital(bytes[start]), capital(bytes[start + 1]), capital(bytes[start + 2]));
}

/** Names are capitals; a sender's `pid` must not be overlooked. */
function capital(byte = 0): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

function isHeader(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x4d && bytes[at + 1] === 0x53 && bytes[at + 2] === 0x48;
}
