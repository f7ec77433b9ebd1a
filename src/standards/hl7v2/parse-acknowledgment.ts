import type { AckCode } from './acknowledge.ts';
import { asBuffer } from './bytes.ts';
import type { Charset } from './charsets.ts';
import type { Delimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';
import type { Field, Syntax } from './field.ts';
import { type MessageHeader, messageStart, readHeader } from './header.ts';
import { beginsSegment, indexLines } from './lines.ts';
import { messageCharset } from './message-charset.ts';
import { Segment } from './segment.ts';

/** One thing the receiver said, from ERR of either form. '' where it said nothing. */
export interface ReceivedError {
  /** ERL or ELD: `PID^1^5`. */
  readonly location: string;
  /** Table 0357. */
  readonly code: string;
  readonly severity: string;
  readonly text: string;
}

export interface Acknowledgment {
  readonly code: AckCode;
  /** Was it taken (AA or CA)? */
  readonly isPositive: boolean;
  /** MSA-2 as it stands, one character per byte: compare it with `header.controlId` of what was sent. '' when missing. */
  readonly messageControlId: string;
  /** MSA-3, for people. May hold anything the receiver wrote. */
  readonly text: string;
  /** MSA-4, '' when missing. */
  readonly expectedSequenceNumber: string;
  readonly errors: readonly ReceivedError[];
  readonly header: MessageHeader;
}

const codes: readonly AckCode[] = ['AA', 'AE', 'AR', 'CA', 'CE', 'CR'];

/**
 * Reads the answer to a message: ACK or any other type with an MSA segment. Lenient where nothing hangs on it (wording,
 * character set), strict on MSH and MSA-1. Whether MSA-2 is the message that was sent is the caller's to check; an answer
 * with another is an error, never a success. Throws HL7_NO_MSH, HL7_BAD_DELIMITERS, HL7_MISSING_FIELD, HL7_BAD_TABLE_VALUE.
 */
export function parseAcknowledgment(bytes: Uint8Array): Acknowledgment {
  const buffer = asBuffer(bytes);
  const start = messageStart(buffer);
  const { header, delimiters } = readHeader(buffer, start);
  const syntax = { bytes: buffer, delimiters, charset: forgivingCharset(buffer, header, delimiters) };
  const segments = segmentsOf(syntax, start);
  const msa = segments.find((segment) => segment.name === 'MSA');
  if (!msa) throw new Hl7Error('HL7_MISSING_FIELD', { location: 'MSA', rule: 'an acknowledgment has MSA' });
  // The whole field, not its first component: `AA&AE` or `AA~AR` says nothing that can be relied on.
  const said = asBuffer(msa.field(1).bytes).toString('latin1');
  const code = codes.find((known) => known === said);
  if (!code) throw new Hl7Error('HL7_BAD_TABLE_VALUE', { location: 'MSA^1^1', rule: 'table 0008' });
  return {
    code,
    isPositive: code === 'AA' || code === 'CA',
    messageControlId: asBuffer(msa.field(2).bytes).toString('latin1'),
    text: msa.field(3).wholeText,
    expectedSequenceNumber: msa.field(4).text,
    errors: segments.filter((segment) => segment.name === 'ERR').flatMap((segment) => errorsIn(segment)),
    header,
  };
}

function segmentsOf(syntax: Syntax, start: number): Segment[] {
  const fieldSeparator = syntax.delimiters.field;
  const lines = indexLines(syntax.bytes, { start, tolerant: true, fieldSeparator });
  const segments: Segment[] = [];
  for (let index = 0; index < lines.length; index += 2) {
    const begin = lines[index] ?? 0;
    if (!beginsSegment(syntax.bytes, begin, fieldSeparator)) continue;
    const name = syntax.bytes.toString('latin1', begin, begin + 3);
    segments.push(new Segment(syntax, { name, occurrence: 1, start: begin, end: lines[index + 1] ?? 0 }));
  }
  return segments;
}

/** Wording is not worth losing an answer over: what does not decode is read byte by byte. */
function forgivingCharset(bytes: Buffer, header: MessageHeader, delimiters: Delimiters): Charset {
  const charset = declaredCharset(bytes, header, delimiters);
  return {
    label: charset?.label ?? '',
    decode: (source, from, to) => charset?.decode(source, from, to) ?? source.toString('latin1', from, to),
    encode: (text) => charset?.encode(text),
  };
}

function declaredCharset(bytes: Buffer, header: MessageHeader, delimiters: Delimiters): Charset | undefined {
  try {
    return messageCharset(bytes, {
      declared: header.charset,
      delimiters,
      defaultCharset: 'UNICODE UTF-8',
    });
  } catch (error) {
    if (error instanceof Hl7Error) return undefined;
    throw error;
  }
}

function errorsIn(segment: Segment): ReceivedError[] {
  if (segment.field(3).state !== 'valued' && segment.field(1).state === 'valued')
    return legacyErrors(segment.field(1));
  const location = partsOf(segment.field(2), 6).join('^');
  const code = segment.field(3).text;
  const text = segment.field(8).wholeText || segment.field(7).wholeText || segment.field(3).component(2);
  return [{ location, code, severity: segment.field(4).text, text }];
}

function legacyErrors(field: Field): ReceivedError[] {
  return field.repetitions.map((repetition) => {
    const location = [1, 2, 3].map((n) => repetition.component(n));
    const [code, text] = [repetition.component(4, 1), repetition.component(4, 2)];
    return { location: withoutTrailingEmpty(location).join('^'), code, severity: '', text };
  });
}

function partsOf(field: Field, count: number): string[] {
  return withoutTrailingEmpty(Array.from({ length: count }, (_, index) => field.component(index + 1)));
}

function withoutTrailingEmpty(values: string[]): string[] {
  return values.slice(0, values.findLastIndex((value) => value !== '') + 1);
}
