import { constants, type FSWatcher, watch as watchFs } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, opendir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import {
  type FileInfo,
  type FileStore,
  type FileTarget,
  FirstFiles,
  type ListOptions,
} from '../files/store.ts';
import { errorName } from '../shared/net-errors.ts';

/** Place is the operation, rule the system's error name; names of files may tell of patients and are left out. */
function failed(operation: string, error: unknown): IsthmusError {
  return new IsthmusError('FILE_FAILED', { place: operation, rule: errorName(error), cause: error });
}

async function attempt<T>(operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof IsthmusError ? error : failed(operation, error);
  }
}

const isMissing = (error: unknown) => errorName(error) === 'ENOENT';

/** A directory on this machine, with folders in it. Links are neither listed nor opened. */
export class LocalStore implements FileStore {
  readonly #path: string;
  readonly #folders: readonly string[];

  constructor(path: string, folders: readonly string[]) {
    this.#path = path;
    this.#folders = folders;
  }

  open(): Promise<void> {
    return attempt('open directory', async () => {
      if (!(await stat(this.#path)).isDirectory())
        throw failed('open directory', new Error('not a directory'));
      for (const folder of this.#folders) await this.#makeFolder(join(this.#path, folder));
    });
  }

  list(options: ListOptions): Promise<FileInfo[]> {
    return attempt('list', async () => {
      const first = new FirstFiles(options);
      for await (const entry of await opendir(this.#path)) {
        if (!entry.isFile() || !options.accepts(entry.name)) continue;
        const file = await this.stat(entry.name);
        if (file) first.add(file);
      }
      return first.inOrder();
    });
  }

  async stat(name: string): Promise<FileInfo | undefined> {
    try {
      const found = await lstat(join(this.#path, name));
      return found.isFile() ? { name, size: found.size, modifiedMs: found.mtimeMs } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw failed('stat', error);
    }
  }

  read(file: FileInfo): Promise<Uint8Array> {
    return attempt('read', async () => {
      const handle = await open(join(this.#path, file.name), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        await assertSame(handle, file);
        const bytes = Buffer.alloc(file.size);
        let at = 0;
        while (at < bytes.length) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
          if (bytesRead === 0) throw unstable();
          at += bytesRead;
        }
        await assertSame(handle, file);
        return bytes;
      } finally {
        await handle.close();
      }
    });
  }

  move(name: string, target: FileTarget): Promise<void> {
    return attempt('move', async () => {
      await rename(join(this.#path, name), this.#pathOf(target));
      await this.#sync(target.folder);
      await this.#sync(undefined);
    });
  }

  remove(name: string): Promise<void> {
    return attempt('remove', async () => {
      try {
        await unlink(join(this.#path, name));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  write(target: FileTarget, bytes: Uint8Array): Promise<void> {
    return attempt('write', async () => {
      const final = this.#pathOf(target);
      const temporary = this.#pathOf({ ...target, name: `.${target.name}.part` });
      const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;
      const handle = await open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o640);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, final);
      await this.#sync(target.folder);
    });
  }

  watch(changed: () => void): { close(): void } {
    let watcher: FSWatcher | undefined;
    try {
      watcher = watchFs(this.#path, { persistent: false }, changed);
      // A watcher that fails (too many watches, a network file system) leaves the periodic scan, which is enough.
      watcher.on('error', () => watcher?.close());
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    return { close: () => watcher?.close() };
  }

  async close(): Promise<void> {
    // Nothing stays open between operations.
  }

  /** Not recursive: a directory that goes away at this moment (a mount that is lost) must not be made anew, empty, in its place. */
  async #makeFolder(path: string): Promise<void> {
    try {
      await mkdir(path);
    } catch (error) {
      if (errorName(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
    }
  }

  #pathOf(target: FileTarget): string {
    return target.folder === undefined
      ? join(this.#path, target.name)
      : join(this.#path, target.folder, target.name);
  }

  /** A rename is durable when its directory is flushed. */
  async #sync(folder: string | undefined): Promise<void> {
    const handle = await open(
      folder === undefined ? this.#path : join(this.#path, folder),
      constants.O_RDONLY,
    );
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

const unstable = () => new IsthmusError('FILE_UNSTABLE', { place: 'read', rule: 'size and time as listed' });

async function assertSame(handle: FileHandle, file: FileInfo): Promise<void> {
  const now = await handle.stat();
  if (!now.isFile() || now.size !== file.size || now.mtimeMs !== file.modifiedMs) throw unstable();
}
