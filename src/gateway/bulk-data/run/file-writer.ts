import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Chunk, LeasedJob } from '../job/lease.ts';
import { placeOfChunk } from '../job/store.ts';
import type { ExportLimits } from '../types.ts';

/** Text that is compressed and stored at once. */
const CHUNK_CHARACTERS = 1_048_576;
const FASTEST = { level: 1 };
const compress = promisify(gzip);

export interface FileWriterOptions {
  readonly job: LeasedJob;
  readonly limits: Pick<ExportLimits, 'linesOfFile' | 'bytesOfFile'>;
  readonly keyring: Keyring | undefined;
  /** What the status shows. */
  readonly progress: () => string;
}

type Target = Pick<Chunk, 'kind' | 'type'>;

/**
 * Lines become files: of one kind and type each, split at a size, stored in chunks, so that memory holds one chunk whatever the size of the
 * export. A file comes to be with its first line.
 */
export class FileWriter {
  readonly #options: FileWriterOptions;
  #number: number;
  #part = 0;
  #target: Target | undefined;
  #lines: string[] = [];
  #characters = 0;
  #linesOfFile = 0;
  #bytesOfFile = 0;

  constructor(options: FileWriterOptions) {
    this.#options = options;
    this.#number = options.job.files;
  }

  /** Each line is one JSON text without a line break. Throws LeaseLost, TOO_LARGE. */
  async write(target: Target, lines: readonly string[]): Promise<void> {
    if (this.#target?.kind !== target.kind || this.#target.type !== target.type) await this.close();
    this.#target = target;
    for (const line of lines) {
      this.#lines.push(line);
      this.#characters += line.length + 1;
      const isFull = this.#linesOfFile + this.#lines.length >= this.#options.limits.linesOfFile;
      if (isFull || this.#characters >= CHUNK_CHARACTERS) await this.#store();
      if (isFull || this.#bytesOfFile >= this.#options.limits.bytesOfFile) this.#endFile();
    }
  }

  /** Stores what is left. */
  async close(): Promise<void> {
    await this.#store();
    this.#endFile();
  }

  #endFile(): void {
    this.#part = 0;
    this.#linesOfFile = 0;
    this.#bytesOfFile = 0;
  }

  async #store(): Promise<void> {
    if (this.#lines.length === 0 || !this.#target) return;
    const { job, keyring, progress } = this.#options;
    const lines = this.#lines.length;
    const text = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#characters = 0;
    if (this.#part === 0) this.#number++;
    this.#part++;
    const place = { number: this.#number, part: this.#part };
    const packed = await compress(text, FASTEST);
    const sealed = keyring?.seal(packed, placeOfChunk(job.id, place.number, place.part));
    this.#linesOfFile += lines;
    this.#bytesOfFile += text.length;
    await job.append({
      ...place,
      ...this.#target,
      lines,
      keyId: sealed?.keyId ?? null,
      bytes: sealed?.sealed ?? packed,
      progress: progress(),
    });
  }
}
