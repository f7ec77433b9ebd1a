import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { invalidPackage } from './failures.ts';

export interface ArchiveLimits {
  /** Of the archive, unpacked: 512 MiB. */
  readonly maxBytes?: number;
  /** Of one file: 32 MiB. */
  readonly maxFileBytes?: number;
  /** 20,000. */
  readonly maxFiles?: number;
}

export interface ArchiveFile {
  /** Its name in the folder `package`. */
  readonly name: string;
  readonly bytes: Buffer;
}

const MEBIBYTE = 1024 * 1024;
const DEFAULTS = { maxBytes: 512 * MEBIBYTE, maxFileBytes: 32 * MEBIBYTE, maxFiles: 20_000 };

/** Right in the folder: examples and the like lie deeper and are not part of what the package defines. */
const DEFINING = /^(?:\.\/)?package\/([^/\\]{1,200}\.json)$/;

/**
 * Reads a gzipped tar and hands over the JSON files of its folder `package`, one after the other. Nothing is written to disk, so no name can lead anywhere; what is no plain file
 * is passed over. Throws PACKAGE_INVALID for a broken archive, and as soon as a limit is passed.
 */
export async function readArchive(
  source: AsyncIterable<Uint8Array>,
  onFile: (file: ArchiveFile) => void,
  limits: ArchiveLimits = {},
): Promise<void> {
  const { maxBytes, maxFileBytes, maxFiles } = { ...DEFAULTS, ...limits };
  let failure: unknown;
  let files = 0;
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      files += 1;
      const name =
        entry.type === 'File' || entry.type === 'OldFile' ? DEFINING.exec(entry.path)?.[1] : undefined;
      if (files > maxFiles) failure ??= tooLarge(`at most ${maxFiles} files`);
      if (entry.size > maxFileBytes) failure ??= tooLarge(`at most ${maxFileBytes} bytes a file`);
      if (failure || name === undefined) entry.resume();
      else
        collect(entry, (bytes) => {
          try {
            if (!failure) onFile({ name, bytes });
          } catch (error) {
            failure = error;
          }
        });
    },
  });
  parser.on('error', (error: unknown) => {
    failure ??= invalidPackage('the archive', 'a tar file that is whole', error);
  });
  await pipeline(source, createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) failure ??= tooLarge(`at most ${maxBytes} bytes, unpacked`);
      if (failure) throw failure;
      parser.write(chunk);
    }
    parser.end();
  }).catch((error: unknown) => {
    throw (
      failure ??
      (isZlibError(error) ? invalidPackage('the archive', 'a gzip file that is whole', error) : error)
    );
  });
  if (failure) throw failure;
}

/** The parser gives an entry's bytes while it is written to, so that at the end of `write` all are here. */
function collect(entry: ReadEntry, onEnd: (bytes: Buffer) => void): void {
  const parts: Buffer[] = [];
  entry.on('data', (part: Buffer) => parts.push(part));
  entry.on('end', () => onEnd(Buffer.concat(parts)));
}

const tooLarge = (rule: string) => invalidPackage('the archive', rule);

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
