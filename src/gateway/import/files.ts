import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IsthmusError } from '../../foundation/errors/index.ts';

/** A file to import. */
export interface ImportFile {
  readonly path: string;
  readonly bytes: number;
  /** Lines of NDJSON, or one JSON document. */
  readonly form: 'lines' | 'document';
  readonly gzip: boolean;
  /** Files of a lower rank are done before, because others refer to what they hold. */
  readonly rank: number;
}

const NAME = /\.(ndjson|jsonl|json)(\.gz)?$/i;
/** What bulk exports write beside the resources. */
const EXPORT_LOG = /^(log\.ndjson|manifest\.json)(\.gz)?$/i;

/** By the beginning of the file's name: Synthea's bundles of hospitals and practitioners, and NDJSON by type. */
const RANKS: readonly RegExp[] = [
  /^(\d+[-_.])?(hospitalInformation|Organization\b|Location\b)/i,
  /^(\d+[-_.])?(practitionerInformation|Practitioner\b|PractitionerRole\b)/i,
  /^(\d+[-_.])?Patient\b/i,
];

/**
 * The files that are named, and those of folders with all that is below them, in the order of import: by rank, then by name. Throws FILE_FAILED
 * for what is not there, INVALID_REQUEST for a named file of another kind. Within a folder, other files and logs of exports are left out.
 */
export async function findFiles(paths: readonly string[]): Promise<ImportFile[]> {
  const found = new Map<string, ImportFile>();
  for (const path of paths) {
    const info = await statOf(path);
    if (info.isDirectory()) for (const file of await filesBelow(path)) found.set(file.path, file);
    else found.set(path, fileOf(path, info.size));
  }
  return [...found.values()].sort(
    (one, other) =>
      one.rank - other.rank ||
      compare(basename(one.path), basename(other.path)) ||
      compare(one.path, other.path),
  );
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

async function filesBelow(folder: string): Promise<ImportFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const wanted = entries.filter(
    (entry) => entry.isFile() && NAME.test(entry.name) && !EXPORT_LOG.test(entry.name),
  );
  return Promise.all(
    wanted.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return fileOf(path, (await statOf(path)).size);
    }),
  );
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw new IsthmusError('FILE_FAILED', {
      place: path,
      rule: 'a file or a folder that can be read',
      cause: error,
    });
  }
}

function fileOf(path: string, bytes: number): ImportFile {
  const name = basename(path);
  const [, ending, packed] = NAME.exec(name) ?? [];
  if (ending === undefined)
    throw new IsthmusError('INVALID_REQUEST', {
      place: path,
      rule: '.ndjson, .jsonl or .json, perhaps with .gz',
    });
  const rank = RANKS.findIndex((pattern) => pattern.test(name));
  return {
    path,
    bytes,
    form: ending.toLowerCase() === 'json' ? 'document' : 'lines',
    gzip: packed !== undefined,
    rank: rank === -1 ? RANKS.length : rank,
  };
}

/** SHA-256 of the file as it lies on disk: by it an import that was broken off finds its place again. */
export async function digestOf({ path }: ImportFile): Promise<Buffer> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  } catch (error) {
    throw new IsthmusError('FILE_FAILED', { place: path, cause: error });
  }
  return hash.digest();
}
