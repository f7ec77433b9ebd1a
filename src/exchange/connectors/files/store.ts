/** A place with files: a local directory, or one behind SFTP. What the whole-file rules need of it, and no more. */

export interface FileInfo {
  /** A name in the directory, never a path. */
  readonly name: string;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface FileStore {
  /** Makes the folders and connects. Throws FILE_FAILED or CONNECT_*. */
  open(): Promise<void>;
  /**
   * Regular files in the directory, never links or what they point to. At most `limit`, the first by `compare`; the rest is
   * seen in a later listing.
   */
  list(options: ListOptions): Promise<FileInfo[]>;
  /** One file of the directory, or undefined when there is none of that name. */
  stat(name: string): Promise<FileInfo | undefined>;
  /** The whole file. Throws FILE_UNSTABLE when it is no longer the file that was listed. */
  read(file: FileInfo): Promise<Uint8Array>;
  /** Moves a file out of the directory into a folder; the name in the folder may be taken by the same file. */
  move(name: string, target: FileTarget): Promise<void>;
  remove(name: string): Promise<void>;
  /** Whole or not at all: written beside, flushed, then renamed. An existing file of that name is replaced. */
  write(target: FileTarget, bytes: Uint8Array): Promise<void>;
  /** Calls back when something may have changed; a hint, for stores that can tell. */
  watch?(changed: () => void): { close(): void };
  close(): Promise<void>;
}

export interface ListOptions {
  readonly accepts: (name: string) => boolean;
  readonly compare: (a: FileInfo, b: FileInfo) => number;
  readonly limit: number;
}

export interface FileTarget {
  /** Undefined for the directory itself. */
  readonly folder?: string;
  readonly name: string;
}

/** Collects the first `limit` files by `compare` in memory for two lists of that length, however many there are. */
export class FirstFiles {
  readonly #options: ListOptions;
  #files: FileInfo[] = [];

  constructor(options: ListOptions) {
    this.#options = options;
  }

  add(file: FileInfo): void {
    this.#files.push(file);
    if (this.#files.length >= 2 * this.#options.limit) this.#files = this.inOrder();
  }

  inOrder(): FileInfo[] {
    return this.#files.sort(this.#options.compare).slice(0, this.#options.limit);
  }
}
