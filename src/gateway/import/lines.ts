import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { ImportFile } from './files.ts';
import type { Refusal } from './ledger.ts';

/** One line of NDJSON, without its end. */
export interface Line {
  readonly bytes: Buffer;
  /** Where the next one begins, in bytes of the unpacked file. */
  readonly next: number;
  /** Longer than a line may be: `bytes` is empty. */
  readonly isTooLong: boolean;
}

/** A resource that is larger is refused. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const CHUNK = 256 * 1024;

/** How much of a file was read, in bytes as it lies on disk. */
export interface Meter {
  read: number;
}

/** The content of a file, unpacked. Of a file that is not packed, from this byte on. */
export async function* contentOf({ path, gzip }: ImportFile, meter: Meter, from = 0): AsyncGenerator<Buffer> {
  const start = gzip ? 0 : from;
  const file = createReadStream(path, { start, highWaterMark: CHUNK });
  // What fails while reading ends the unpacked stream with its error, and is told by whoever reads that.
  const content: Readable = gzip ? pipeline(file, createGunzip({ chunkSize: CHUNK }), () => undefined) : file;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    meter.read = start + file.bytesRead;
    yield chunk;
  }
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The beginning of a file without the mark of UTF-8 that some programs write there (RFC 8259, section 8.1). */
export const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes;

/** FILE_FAILED for what reading or unpacking throws: the file ends there. */
export class Unreadable extends IsthmusError {
  readonly refusal: Refusal;

  constructor(file: ImportFile, cause: unknown) {
    const rule = 'a file that can be read and unpacked';
    super('FILE_FAILED', { place: file.path, rule, cause });
    this.refusal = { item: 0, place: '', rule };
  }
}

/** The lines of a file from a position on, one at a time; never more of it in memory than a line and a piece. */
export async function* linesOf(file: ImportFile, meter: Meter, from: number): AsyncGenerator<Line> {
  let position = file.gzip ? 0 : from;
  let parts: Buffer[] = [];
  let length = 0;
  let isTooLong = false;
  const take = (): Line => {
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    const line = { bytes: isTooLong ? Buffer.alloc(0) : bytes, next: position, isTooLong };
    parts = [];
    length = 0;
    isTooLong = false;
    return line;
  };
  const keep = (piece: Buffer) => {
    length += piece.length;
    if (length > MAX_LINE_BYTES) {
      isTooLong = true;
      parts = [];
    } else if (piece.length > 0) parts.push(piece);
  };
  try {
    for await (const chunk of contentOf(file, meter, from)) {
      let start = Math.min(Math.max(0, from - position), chunk.length);
      const base = position;
      position = base + chunk.length;
      for (let end = chunk.indexOf(NEWLINE, start); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        start = end + 1;
        position = base + start;
        yield take();
      }
      position = base + chunk.length;
      keep(Buffer.from(chunk.subarray(start)));
    }
  } catch (error) {
    throw new Unreadable(file, error);
  }
  if (length > 0) yield take();
}
