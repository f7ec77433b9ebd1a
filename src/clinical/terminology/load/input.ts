import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { pipeline as pipe, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { Damaged, invalidTerminology } from './failures.ts';
import type { InputFile, Meter } from './types.ts';
import { entriesOf } from './zip.ts';

export interface Input {
  /** In the order of their names. */
  readonly files: readonly InputFile[];
  /** SHA-256 of all that was given, in hex: by it a load that was broken off finds its place again. */
  readonly digest: string;
}

const CHUNK = 1 << 18;
const MAX_FILES = 20_000;

/**
 * The files that are named, those of folders with all that is below them, and those within .zip; .gz is unpacked. Throws FILE_FAILED for what is not there or cannot be read,
 * TERMINOLOGY_INVALID for an archive that is none and for what is no file, since each is read twice. Undefined when it was told to stop.
 */
export async function openInput(paths: readonly string[], signal?: AbortSignal): Promise<Input | undefined> {
  const onDisk = (await Promise.all(paths.map(diskFiles))).flat().sort(byName);
  if (onDisk.length > MAX_FILES) throw invalidTerminology(paths.join(', '), `at most ${MAX_FILES} files`);
  const hash = createHash('sha256');
  for (const file of onDisk) {
    const digest = await digestOf(file.path, signal);
    if (digest === undefined) return undefined;
    hash.update(`${file.name}\n${digest}\n`);
  }
  const files: InputFile[] = [];
  for (const file of onDisk) files.push(...(await unpacked(file)));
  return { files: files.sort(byName), digest: hash.digest('hex') };
}

interface DiskFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

const byName = (one: { name: string }, other: { name: string }): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0;

async function diskFiles(path: string): Promise<DiskFile[]> {
  const info = await told(path, stat(path));
  if (!info.isDirectory() && !info.isFile())
    throw invalidTerminology(path, 'a file or a folder, no pipe or device');
  if (info.isFile()) return [{ name: basename(path), path, bytes: info.size }];
  const entries = await told(path, readdir(path, { recursive: true, withFileTypes: true }));
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > MAX_FILES) throw invalidTerminology(path, `at most ${MAX_FILES} files`);
  return Promise.all(
    files.map(async (file) => ({
      name: relative(path, file),
      path: file,
      bytes: (await told(file, stat(file))).size,
    })),
  );
}

async function told<T>(place: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new IsthmusError('FILE_FAILED', {
      place,
      rule: 'a file or a folder that can be read',
      cause: error,
    });
  }
}

async function digestOf(path: string, signal?: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  const read = pipeline(stream, hash, signal ? { signal } : {}).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
  await told(path, read);
  return signal?.aborted ? undefined : hash.digest('hex');
}

async function unpacked(file: DiskFile): Promise<InputFile[]> {
  const { name, path, bytes } = file;
  if (/\.zip$/i.test(name)) return entriesOf(path, name);
  const gzip = /\.gz$/i.test(name);
  const shown = gzip ? name.slice(0, -3) : name;
  return [{ name: shown, bytes, open: (meter) => contentOf({ name: shown, path, gzip }, meter) }];
}

async function* contentOf(
  { name, path, gzip }: { name: string; path: string; gzip: boolean },
  meter: Meter,
): AsyncGenerator<Buffer> {
  const before = meter.read;
  const file = createReadStream(path, { highWaterMark: CHUNK });
  // What fails while reading ends the unpacked stream with its error, and is told by whoever reads that.
  const content: Readable = gzip ? pipe(file, createGunzip({ chunkSize: CHUNK }), () => undefined) : file;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      meter.read = before + file.bytesRead;
      yield chunk;
    }
  } catch (error) {
    if (isZlibError(error)) throw new Damaged(`${name}.gz`, undefined, 'a gzip file that is whole');
    throw new IsthmusError('FILE_FAILED', { place: path, cause: error });
  }
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
