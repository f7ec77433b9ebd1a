import { asBuffer, CR, findByte } from './bytes.ts';
import { type Delimiters, readDelimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';

/**
 * MSH as it stands: one character per byte (latin1), escapes kept, '' when empty, so that an acknowledgment can echo it
 * byte for byte and equal bytes make equal keys. To show a value to people use `message.text('MSH-4')`.
 */
export interface MessageHeader {
  readonly fieldSeparator: string;
  readonly encodingCharacters: string;
  /** MSH-3, MSH-4, MSH-5, MSH-6 whole: `EPIC^1.2.3^ISO`. */
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  /** MSH-7 without its precision component. */
  readonly dateTime: string;
  /** MSH-9.1, MSH-9.2, MSH-9.3. */
  readonly messageCode: string;
  readonly triggerEvent: string;
  readonly structure: string;
  /** MSH-10 whole. */
  readonly controlId: string;
  /** MSH-11.1 and MSH-11.2. */
  readonly processingId: string;
  readonly processingMode: string;
  /** MSH-12.1. */
  readonly version: string;
  readonly sequenceNumber: string;
  /** MSH-15 and MSH-16: AL, NE, ER, SU or ''. */
  readonly acceptAck: string;
  readonly applicationAck: string;
  /** MSH-18 whole, with its repetitions. */
  readonly charset: string;
}

/** An MSH segment is a line, not a document. */
const MAX_HEADER_BYTES = 64 * 1024;
const LAST_FIELD = 18;
/** An acknowledgment echoes MSH, so what cannot leave in a frame or be stored as text must not come in there. */
const unanswerable = ['\0', '\x0b', '\x1c'];

/**
 * Reads MSH and touches nothing behind it: about a microsecond, whatever the size of the message. A byte order mark and
 * blank lines before MSH are skipped. Throws HL7_NO_MSH, HL7_BAD_DELIMITERS, HL7_BAD_SEGMENT.
 */
export function peekHeader(bytes: Uint8Array): MessageHeader {
  const buffer = asBuffer(bytes);
  return readHeader(buffer, messageStart(buffer)).header;
}

/** Where the message begins: behind a UTF-8 byte order mark and blank lines. */
export function messageStart(bytes: Buffer): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a || bytes[at] === 0x20 || bytes[at] === 0x09) at++;
  return at;
}

export interface HeaderParts {
  readonly header: MessageHeader;
  readonly delimiters: Delimiters;
}

/** Reads the MSH that begins at `start`. */
export function readHeader(bytes: Buffer, start: number): HeaderParts {
  if (bytes[start] !== 0x4d || bytes[start + 1] !== 0x53 || bytes[start + 2] !== 0x48) {
    throw new Hl7Error('HL7_NO_MSH', { rule: 'a message begins with MSH' });
  }
  const line = firstLine(bytes, start);
  if (line !== last?.line) last = { line, parts: parseLine(line) };
  return last.parts;
}

/** One message's header is asked for at intake, by steps, for answers: the line that came last is not taken apart again. */
let last: { readonly line: string; readonly parts: HeaderParts } | undefined;

function parseLine(line: string): HeaderParts {
  const fieldSeparator = line.charAt(3);
  const fields = line.split(fieldSeparator, LAST_FIELD);
  const encodingCharacters = fields[1] ?? '';
  const delimiters = readDelimiters(fieldSeparator, encodingCharacters);
  if (unanswerable.some((character) => line.includes(character))) {
    throw new Hl7Error('HL7_UNDECODABLE', {
      location: 'MSH^1',
      rule: 'no NUL and no MLLP block bytes in MSH',
    });
  }
  return { header: namedFields(fields, delimiters), delimiters };
}

function firstLine(bytes: Buffer, start: number): string {
  const limit = Math.min(bytes.length, start + MAX_HEADER_BYTES);
  const carriageReturn = findByte(bytes, CR, { from: start, to: limit });
  const line = bytes.toString('latin1', start, carriageReturn < 0 ? limit : carriageReturn);
  const lineFeed = line.indexOf('\n');
  if (lineFeed >= 0) return line.slice(0, lineFeed);
  if (carriageReturn < 0 && limit < bytes.length) {
    throw new Hl7Error('HL7_BAD_SEGMENT', {
      location: 'MSH^1',
      rule: `MSH ends within ${MAX_HEADER_BYTES} bytes`,
    });
  }
  return line;
}

function namedFields(fields: readonly string[], delimiters: Delimiters): MessageHeader {
  const component = String.fromCharCode(delimiters.component);
  const type = fields[8] ?? '';
  const [messageCode = '', triggerEvent = '', structure = ''] = type.split(component, 3);
  const [processingId = '', processingMode = ''] = (fields[10] ?? '').split(component, 2);
  return {
    fieldSeparator: String.fromCharCode(delimiters.field),
    encodingCharacters: fields[1] ?? '',
    sendingApplication: fields[2] ?? '',
    sendingFacility: fields[3] ?? '',
    receivingApplication: fields[4] ?? '',
    receivingFacility: fields[5] ?? '',
    dateTime: first(fields[6], component),
    messageCode,
    triggerEvent,
    structure,
    controlId: fields[9] ?? '',
    processingId,
    processingMode,
    version: first(fields[11], component),
    sequenceNumber: fields[12] ?? '',
    acceptAck: fields[14] ?? '',
    applicationAck: fields[15] ?? '',
    charset: fields[17] ?? '',
  };
}

function first(field: string | undefined, component: string): string {
  if (field === undefined) return '';
  const end = field.indexOf(component);
  return end < 0 ? field : field.slice(0, end);
}
