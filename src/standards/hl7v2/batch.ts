import { asBuffer } from './bytes.ts';
import { Hl7Error } from './errors.ts';
import { messageStart } from './header.ts';
import { beginsSegment, indexLines } from './lines.ts';

/** FHS or BHS as it stands: one character per byte, '' when empty, in its own delimiters. */
export interface EnvelopeHeader {
  readonly fieldSeparator: string;
  readonly encodingCharacters: string;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  readonly dateTime: string;
  readonly name: string;
  readonly comment: string;
  readonly controlId: string;
  /** The control id of the batch that this one answers. */
  readonly referenceControlId: string;
}

export interface Batch {
  readonly header: EnvelopeHeader | undefined;
  /** Each from its MSH to the next envelope segment or MSH, byte for byte; views of the input. */
  readonly messages: readonly Uint8Array[];
}

export interface BatchFile {
  readonly header: EnvelopeHeader | undefined;
  readonly batches: readonly Batch[];
  /** The messages of all batches in order. */
  readonly messages: readonly Uint8Array[];
}

export interface SplitOptions {
  /** Take CR LF and LF as segment ends beside CR. Default true. */
  readonly tolerant?: boolean;
  /** Take a BHS without BTS and an FHS without FTS, too. Default false: without its trailer a file may be half a file. */
  readonly allowMissingTrailers?: boolean;
}

/**
 * Cuts `[FHS] { [BHS] { messages } [BTS] } [FTS]` (2.5.1 section 2.10.3), or several messages without any envelope, at segment
 * names at the beginning of a line. BTS-1 and FTS-1 are compared with what is there when they have a value. The messages are
 * not looked into. Throws HL7_BATCH_STRUCTURE, HL7_BATCH_COUNT, HL7_BAD_NUMBER.
 */
export function splitBatch(bytes: Uint8Array, options: SplitOptions = {}): BatchFile {
  const buffer = asBuffer(bytes);
  const splitter = new Splitter(buffer, options.allowMissingTrailers ?? false);
  const start = messageStart(buffer);
  const lines = indexLines(buffer, { start, tolerant: options.tolerant ?? true, fieldSeparator: -1 });
  for (let index = 0; index < lines.length; index += 2) {
    splitter.take({ number: index / 2 + 1, start: lines[index] ?? 0, end: lines[index + 1] ?? 0 });
  }
  return splitter.finish();
}

interface Line {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

interface OpenBatch {
  readonly header: EnvelopeHeader | undefined;
  readonly messages: Uint8Array[];
}

/** Reads line by line; knows which envelope and which message is open. */
class Splitter {
  readonly #bytes: Buffer;
  readonly #allowMissingTrailers: boolean;
  readonly #batches: OpenBatch[] = [];
  #file: EnvelopeHeader | undefined;
  #open: OpenBatch | undefined;
  #messageStart = -1;
  #isOver = false;

  constructor(bytes: Buffer, allowMissingTrailers: boolean) {
    this.#bytes = bytes;
    this.#allowMissingTrailers = allowMissingTrailers;
  }

  take(line: Line): void {
    const name = this.#nameOf(line);
    if (this.#isOver) throw disorder(line, 'nothing follows FTS');
    if (name === 'FHS') this.#beginFile(line);
    else if (name === 'BHS') this.#beginBatch(line);
    else if (name === 'MSH') this.#beginMessage(line);
    else if (name === 'BTS') this.#endBatch(line);
    else if (name === 'FTS') this.#endFile(line);
    else if (this.#messageStart < 0)
      throw disorder(line, 'a segment belongs to a message, which begins with MSH');
  }

  finish(): BatchFile {
    this.#endMessage(this.#bytes.length);
    if (this.#open?.header && !this.#allowMissingTrailers) throw missing('BTS', 'BHS has its BTS');
    if (this.#file && !this.#isOver && !this.#allowMissingTrailers) throw missing('FTS', 'FHS has its FTS');
    const batches = this.#batches;
    return { header: this.#file, batches, messages: batches.flatMap((batch) => batch.messages) };
  }

  #nameOf(line: Line): string {
    const name = this.#bytes.toString('latin1', line.start, Math.min(line.end, line.start + 3));
    const isWhole = line.end === line.start + 3 || beginsSegment(this.#bytes, line.start, -1);
    return isWhole ? name : '';
  }

  #beginFile(line: Line): void {
    if (line.number !== 1) throw disorder(line, 'FHS is the first segment');
    this.#file = this.#header(line);
  }

  #beginBatch(line: Line): void {
    this.#endMessage(line.start);
    if (this.#open?.header && !this.#allowMissingTrailers) throw disorder(line, 'BTS before the next BHS');
    this.#openBatch(this.#header(line));
  }

  #beginMessage(line: Line): void {
    this.#endMessage(line.start);
    if (!this.#open) this.#openBatch(undefined);
    this.#messageStart = line.start;
  }

  #endBatch(line: Line): void {
    this.#endMessage(line.start);
    if (!this.#open) throw disorder(line, 'BTS ends a batch');
    this.#reconcile(line, { count: this.#open.messages.length, location: `BTS^${this.#batches.length}^1` });
    this.#open = undefined;
  }

  #endFile(line: Line): void {
    this.#endMessage(line.start);
    if (this.#open?.header && !this.#allowMissingTrailers) throw disorder(line, 'BTS before FTS');
    this.#reconcile(line, { count: this.#batches.length, location: 'FTS^1^1' });
    this.#open = undefined;
    this.#isOver = true;
  }

  #openBatch(header: EnvelopeHeader | undefined): void {
    this.#open = { header, messages: [] };
    this.#batches.push(this.#open);
  }

  #endMessage(end: number): void {
    if (this.#messageStart >= 0) this.#open?.messages.push(this.#bytes.subarray(this.#messageStart, end));
    this.#messageStart = -1;
  }

  #reconcile(line: Line, found: { count: number; location: string }): void {
    const declared = this.#fields(line)[1] ?? '';
    if (declared === '' || declared === '""') return;
    if (!/^\d+$/.test(declared))
      throw new Hl7Error('HL7_BAD_NUMBER', { location: found.location, rule: 'a count' });
    if (Number(declared) === found.count) return;
    const rule = `${Number(declared)} declared, ${found.count} found`;
    throw new Hl7Error('HL7_BATCH_COUNT', { location: found.location, rule });
  }

  #header(line: Line): EnvelopeHeader {
    const fields = this.#fields(line);
    const field = (number: number) => fields[number - 1] ?? '';
    return {
      fieldSeparator: String.fromCharCode(this.#bytes[line.start + 3] ?? 0x7c),
      encodingCharacters: field(2),
      sendingApplication: field(3),
      sendingFacility: field(4),
      receivingApplication: field(5),
      receivingFacility: field(6),
      dateTime: field(7),
      name: field(9),
      comment: field(10),
      controlId: field(11),
      referenceControlId: field(12),
    };
  }

  #fields(line: Line): string[] {
    const text = this.#bytes.toString(
      'latin1',
      line.start,
      Math.min(line.end, line.start + MAX_ENVELOPE_BYTES),
    );
    return text.length > 3 ? text.split(text.charAt(3), LAST_FIELD) : [];
  }
}

const MAX_ENVELOPE_BYTES = 64 * 1024;
const LAST_FIELD = 12;

function disorder(line: Line, rule: string): Hl7Error {
  return new Hl7Error('HL7_BATCH_STRUCTURE', { location: `line ${line.number}`, rule });
}

function missing(name: string, rule: string): Hl7Error {
  return new Hl7Error('HL7_BATCH_STRUCTURE', { location: name, rule });
}
