import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline as pipe, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { Damaged, invalidTerminology } from './failures.ts';
import type { InputFile, Meter } from './types.ts';

/**
 * Reads zip archives (APPNOTE.TXT 6.3: central directory, stored and deflated entries, Zip64), as terminologies are distributed in. Nothing is written to disk, so no name within
 * can lead anywhere.
 */

const END = 0x06054b50;
const END_BYTES = 22;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
const HEADER = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_COMMENT = 65_535;
/** Of the list of what is in the archive. */
const MAX_DIRECTORY = 64 * 1_048_576;
const CHUNK = 1 << 18;
const FULL32 = 0xffffffff;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** The files within. Throws TERMINOLOGY_INVALID for an archive that is cut off or none. */
export async function entriesOf(path: string, name: string): Promise<InputFile[]> {
  const handle = await open(path, 'r');
  try {
    const entries = await directoryOf(handle, name);
    return entries
      .filter((entry) => !entry.name.endsWith('/'))
      .map((entry) => ({
        name: `${name}/${entry.name}`,
        bytes: entry.packed,
        open: (meter) => contentOf({ path, archive: name, entry }, meter),
      }));
  } finally {
    await handle.close();
  }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function directoryOf(handle: FileHandle, name: string): Promise<Entry[]> {
  const broken = (rule: string) => invalidTerminology(name, rule);
  const { size } = await handle.stat();
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT + LOCATOR64_BYTES);
  const tail = await bytesAt(handle, size - tailBytes, tailBytes);
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at -= 1;
  if (at < 0) throw broken('a zip archive that is whole: its end is missing');
  let count = tail.readUInt16LE(at + 10);
  let length = tail.readUInt32LE(at + 12);
  let offset = tail.readUInt32LE(at + 16);
  const locator = at - LOCATOR64_BYTES;
  if (locator >= 0 && tail.readUInt32LE(locator) === LOCATOR64) {
    const end = await bytesAt(handle, number64(tail, locator + 8), 56);
    if (end.length < 56 || end.readUInt32LE(0) !== END64) throw broken('a zip archive that is whole (Zip64)');
    count = number64(end, 32);
    length = number64(end, 40);
    offset = number64(end, 48);
  }
  if (length > MAX_DIRECTORY) throw broken('an archive of fewer files');
  const directory = await bytesAt(handle, offset, length);
  if (directory.length !== length) throw broken('a zip archive that is whole');
  const entries: Entry[] = [];
  for (let position = 0; entries.length < count; ) {
    if (position + 46 > length || directory.readUInt32LE(position) !== HEADER)
      throw broken('a zip archive whose directory is whole');
    entries.push(entryAt(directory, position));
    position +=
      46 +
      directory.readUInt16LE(position + 28) +
      directory.readUInt16LE(position + 30) +
      directory.readUInt16LE(position + 32);
  }
  return entries;
}

const number64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

function entryAt(directory: Buffer, at: number): Entry {
  const nameBytes = directory.readUInt16LE(at + 28);
  const extraAt = at + 46 + nameBytes;
  let packed = directory.readUInt32LE(at + 20);
  let size = directory.readUInt32LE(at + 24);
  let offset = directory.readUInt32LE(at + 42);
  let wide = extra64(directory.subarray(extraAt, extraAt + directory.readUInt16LE(at + 30)));
  const widened = (value: number): number => {
    if (value !== FULL32 || wide.length < 8) return value;
    const found = number64(wide, 0);
    wide = wide.subarray(8);
    return found;
  };
  size = widened(size);
  packed = widened(packed);
  offset = widened(offset);
  return {
    name: directory.toString('utf8', at + 46, extraAt),
    method: directory.readUInt16LE(at + 10),
    isEncrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
    crc: directory.readUInt32LE(at + 16),
    ...{ packed, size, offset },
  };
}

/** The Zip64 extra field (0x0001), or nothing. */
function extra64(extra: Buffer): Buffer {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return Buffer.alloc(0);
}

const STORED = 0;
const DEFLATED = 8;

async function* contentOf(
  { path, archive, entry }: { path: string; archive: string; entry: Entry },
  meter: Meter,
): AsyncGenerator<Buffer> {
  const place = `${archive}/${entry.name}`;
  if (entry.isEncrypted || (entry.method !== STORED && entry.method !== DEFLATED))
    throw new Damaged(
      place,
      undefined,
      'not encrypted, and stored or deflated: unpack the archive and load its folder',
    );
  const start = await startOf(path, place, entry);
  const before = meter.read;
  if (entry.packed === 0) return;
  const file = createReadStream(path, { start, end: start + entry.packed - 1, highWaterMark: CHUNK });
  const content: Readable =
    entry.method === STORED ? file : pipe(file, createInflateRaw({ chunkSize: CHUNK }), () => undefined);
  let crc = 0;
  let size = 0;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      if (size > entry.size) break;
      meter.read = before + file.bytesRead;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new Damaged(place, undefined, 'a zip archive that is whole');
    throw error;
  }
  if (size !== entry.size || crc !== entry.crc)
    throw new Damaged(place, undefined, 'the size and checksum that the archive names');
}

/** Where the bytes of an entry begin: behind its local header, whose length only it knows. */
async function startOf(path: string, place: string, { offset }: Entry): Promise<number> {
  const handle = await open(path, 'r');
  try {
    const header = await bytesAt(handle, offset, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== LOCAL)
      throw new Damaged(place, undefined, 'a zip archive that is whole');
    return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await handle.close();
  }
}
