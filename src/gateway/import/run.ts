import { IsthmusError } from '../../foundation/errors/index.ts';
import { type CommitDeps, commitUnit, Deferred, refuseWhole, sum } from './commit.ts';
import { unitsOfDocument } from './documents.ts';
import { digestOf, findFiles, type ImportFile } from './files.ts';
import { type Counts, noCounts, type Refusal, refusalsOf, type Standing, takeUp } from './ledger.ts';
import { type Meter, Unreadable } from './lines.ts';
import { type Unit, unitsOfLines } from './units.ts';

export interface ImportOptions extends CommitDeps {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Files that are worked on at the same time. */
  readonly workers: number;
  /** Imports files again that were imported, and from the beginning those that were begun. */
  readonly restart?: boolean;
  /** Ends the import after what is just being written; the same call goes on with it. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** Of this call; what was imported before is not counted. */
export interface ImportProgress {
  readonly counts: Counts;
  readonly files: number;
  readonly filesDone: number;
  /** As they lie on disk. */
  readonly bytes: number;
  readonly bytesDone: number;
}

export interface ImportedFile {
  readonly path: string;
  /** `before`: by an earlier import. `stopped`: the same call goes on with it. `unreadable`: its end could not be read or unpacked. */
  readonly state: 'done' | 'before' | 'stopped' | 'unreadable';
  /** Of all calls together. */
  readonly counts: Counts;
  /** In the file's order, one at a time. */
  readonly refusals: () => AsyncIterable<Refusal>;
}

export interface ImportReport {
  readonly files: readonly ImportedFile[];
  /** Of this call. */
  readonly counts: Counts;
  readonly stopped: boolean;
}

/** What came of the units of a file in this call. */
interface Progress {
  readonly counts: Counts;
  readonly isFinished: boolean;
  readonly unreadable?: Refusal;
}

const oneRefused: Counts = { ...noCounts, refused: 1 };

async function* withLast(
  refusals: AsyncIterable<Refusal>,
  last: Refusal | undefined,
): AsyncGenerator<Refusal> {
  yield* refusals;
  if (last) yield last;
}

/** One call of `importFiles`. */
class Run {
  readonly #options: ImportOptions;
  readonly #files: readonly ImportFile[];
  readonly #reported = new Map<string, ImportedFile>();
  readonly #meters = new Map<string, Meter>();
  #deferred: ImportFile[] = [];
  #counts = noCounts;
  #failed = false;

  constructor(files: readonly ImportFile[], options: ImportOptions) {
    this.#files = files;
    this.#options = options;
  }

  async all(): Promise<ImportReport> {
    const ranks = [...new Set(this.#files.map(({ rank }) => rank))];
    for (const rank of ranks) await this.#sideBySide(this.#files.filter((file) => file.rank === rank));
    await this.#putAside();
    const files = this.#files.flatMap(({ path }) => this.#reported.get(path) ?? []);
    return { files, counts: this.#counts, stopped: this.#isOver() };
  }

  /** What found nothing is tried again as long as that gets any of it done. */
  async #putAside(): Promise<void> {
    for (let isLast = false; this.#deferred.length > 0 && !this.#isOver(); ) {
      const files = this.#deferred;
      this.#deferred = [];
      await this.#sideBySide(files, { isLast });
      isLast = this.#deferred.length === files.length;
    }
  }

  async #sideBySide(
    files: readonly ImportFile[],
    how: { isLast: boolean } = { isLast: false },
  ): Promise<void> {
    const waiting = [...files].reverse();
    const lane = async () => {
      for (let file = waiting.pop(); file && !this.#isOver(); file = waiting.pop())
        await this.#file(file, how);
    };
    const lanes = Array.from({ length: Math.min(this.#options.workers, files.length) }, async () => {
      try {
        await lane();
      } catch (error) {
        this.#failed = true;
        throw error;
      }
    });
    // All of them end before the first error is told, so that nobody writes on behind the caller's back.
    const ends = await Promise.allSettled(lanes);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  #isOver(): boolean {
    return this.#failed || this.#options.signal?.aborted === true;
  }

  async #file(file: ImportFile, { isLast }: { readonly isLast: boolean }): Promise<void> {
    const { database, system, restart = false } = this.#options;
    const wasSeen = this.#meters.has(file.path);
    const meter: Meter = { read: 0 };
    this.#meters.set(file.path, meter);
    const digest = await digestOf(file);
    const source = { system, digest, path: file.path };
    const standing = await takeUp(database, source, { restart: restart && !wasSeen });
    const isBefore = standing.finished;
    const progress: Progress | 'deferred' = isBefore
      ? { counts: noCounts, isFinished: true }
      : await this.#units(file, standing, { meter, isLast });
    if (progress === 'deferred') {
      this.#deferred.push(file);
      return;
    }
    const { counts, isFinished, unreadable } = progress;
    meter.read = file.bytes;
    this.#reported.set(file.path, {
      path: file.path,
      state: isBefore ? 'before' : unreadable ? 'unreadable' : isFinished ? 'done' : 'stopped',
      counts: sum(standing.counts, counts),
      refusals: () => withLast(refusalsOf(database, standing.fileId), unreadable),
    });
    this.#tell();
  }

  /** One unit is written while the next one is read and validated. */
  async #units(
    file: ImportFile,
    standing: Standing,
    { meter, isLast }: { readonly meter: Meter; readonly isLast: boolean },
  ): Promise<Progress | 'deferred'> {
    const unitOptions = { ...this.#options, meter };
    const units: AsyncIterable<Unit> =
      file.form === 'lines'
        ? unitsOfLines(file, standing, unitOptions)
        : unitsOfDocument(file, standing.position, unitOptions);
    let { position } = standing;
    let counts = noCounts;
    let isFinished = false;
    let writing: Promise<unknown> = Promise.resolve();
    try {
      for await (const unit of units) {
        await writing;
        if (this.#isOver()) return { counts, isFinished };
        const place = { fileId: standing.fileId, position };
        const written = this.#commit(unit, place, isLast).then((done) => {
          counts = sum(counts, done);
          isFinished = unit.isLast;
        });
        // Told where it is waited for.
        written.catch(() => undefined);
        writing = written;
        position = unit.to;
      }
      await writing;
      return { counts, isFinished };
    } catch (error) {
      if (error instanceof Deferred) return 'deferred';
      if (!(error instanceof Unreadable)) throw error;
      await writing;
      // The others go on. What came before its end stays, and the file is not finished: the same call reads it again.
      return { counts: sum(counts, this.#count(oneRefused)), isFinished, unreadable: error.refusal };
    } finally {
      await Promise.allSettled([writing]);
    }
  }

  async #commit(unit: Unit, place: { fileId: number; position: number }, isLast: boolean): Promise<Counts> {
    try {
      return this.#count(await commitUnit(unit, place, this.#options));
    } catch (error) {
      if (!(error instanceof Deferred) || !isLast) throw error;
      return this.#count(await refuseWhole(unit, [error.refusal], { place, deps: this.#options }));
    }
  }

  #count(counts: Counts): Counts {
    this.#counts = sum(this.#counts, counts);
    this.#tell();
    return counts;
  }

  #tell(): void {
    const bytesDone = [...this.#meters.values()].reduce((total, { read }) => total + read, 0);
    this.#options.onProgress?.({
      counts: this.#counts,
      files: this.#files.length,
      filesDone: this.#reported.size,
      bytes: this.#files.reduce((total, { bytes }) => total + bytes, 0),
      bytesDone,
    });
  }
}

/**
 * Imports files into the record: NDJSON, and bundles. A file's position is committed with its data, so that after a crash, a kill or `signal` the
 * same call goes on where it was: nothing twice, nothing skipped. Throws INVALID_REQUEST or FILE_FAILED for paths that can't be imported, DATABASE_UNAVAILABLE,
 * and CONFLICT when another import is at work on the same file.
 */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  if (!Number.isInteger(options.workers) || options.workers < 1)
    throw new IsthmusError('INVALID_REQUEST', { place: 'workers', rule: 'a whole number above 0' });
  const files = await findFiles(options.paths);
  if (files.length === 0)
    throw new IsthmusError('INVALID_REQUEST', {
      place: options.paths.join(', '),
      rule: 'a folder with .ndjson or .json files',
    });
  return new Run(files, options).all();
}
