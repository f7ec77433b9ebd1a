import { posix } from 'node:path';
import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import type { Clock } from '../../../foundation/clock/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import {
  type FileInfo,
  type FileStore,
  type FileTarget,
  FirstFiles,
  type ListOptions,
} from '../files/store.ts';
import { SftpConnection } from './connection.ts';
import type { SftpServer } from './options.ts';

/** One request carries so much; every server takes 32 KiB. */
const blockBytes = 32_768;
const blocksAtOnce = 16;

/** An open file or directory, and the channel it belongs to. */
interface Handle {
  readonly sftp: SFTPWrapper;
  readonly id: Buffer;
}

const isMissing = (error: unknown) => error instanceof IsthmusError && error.rule === 'ENOENT';

/** A directory behind SFTP. Rename replaces and flush is asked for where the server offers the OpenSSH extensions. */
export class SftpStore implements FileStore {
  readonly #connection: SftpConnection;
  readonly #path: string;
  readonly #folders: readonly string[];
  #isPrepared = false;

  constructor(server: SftpServer, parts: { folders: readonly string[]; clock: Clock }) {
    this.#connection = new SftpConnection(server, parts.clock);
    this.#path = server.path;
    this.#folders = parts.folders;
  }

  async open(): Promise<void> {
    await this.#connection.open();
    if (this.#isPrepared) return;
    for (const folder of this.#folders) await this.#makeFolder(posix.join(this.#path, folder));
    this.#isPrepared = true;
  }

  async list(options: ListOptions): Promise<FileInfo[]> {
    const sftp = await this.#connection.open();
    const id = await this.#connection.requestOn<Buffer>(sftp, 'list', (open, done) =>
      open.opendir(this.#path, done),
    );
    const handle = { sftp, id };
    const first = new FirstFiles(options);
    try {
      for (;;) {
        const entries = await this.#nextEntries(handle);
        if (!entries) return first.inOrder();
        for (const { filename, attrs } of entries) {
          if (attrs.isFile() && options.accepts(filename)) first.add(infoOf(filename, attrs));
        }
      }
    } finally {
      await this.#closeHandle(handle);
    }
  }

  async stat(name: string): Promise<FileInfo | undefined> {
    try {
      const stats = await this.#connection.request<Stats>('stat', (sftp, done) =>
        sftp.lstat(this.#pathOf({ name }), done),
      );
      return stats.isFile() ? infoOf(name, stats) : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async read(file: FileInfo): Promise<Uint8Array> {
    // The protocol has no "do not follow links": what is a link is not listed, and is looked at again here.
    if (!(await this.#isStill(file))) throw unstable();
    const handle = await this.#openHandle(this.#pathOf(file), 'r');
    try {
      const bytes = Buffer.alloc(file.size);
      for (let at = 0; at < bytes.length; at += blockBytes * blocksAtOnce) {
        const blocks: Promise<void>[] = [];
        for (
          let from = at;
          from < Math.min(bytes.length, at + blockBytes * blocksAtOnce);
          from += blockBytes
        ) {
          blocks.push(
            this.#readBlock(handle, bytes, { from, to: Math.min(from + blockBytes, bytes.length) }),
          );
        }
        await Promise.all(blocks);
      }
      if (!(await this.#isStill(file))) throw unstable();
      return bytes;
    } finally {
      await this.#closeHandle(handle);
    }
  }

  async move(name: string, target: FileTarget): Promise<void> {
    await this.#rename(this.#pathOf({ name }), this.#pathOf(target));
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#connection.request<void>('remove', (sftp, done) =>
        sftp.unlink(this.#pathOf({ name }), (error) => done(error)),
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async write(target: FileTarget, bytes: Uint8Array): Promise<void> {
    const temporary = this.#pathOf({ ...target, name: `.${target.name}.part` });
    const handle = await this.#openHandle(temporary, 'w');
    try {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < buffer.length; at += blockBytes) {
        const length = Math.min(blockBytes, buffer.length - at);
        await this.#connection.requestOn<void>(handle.sftp, 'write', (sftp, done) =>
          sftp.write(handle.id, buffer, at, length, at, (error) => done(error)),
        );
      }
      await this.#flush(handle);
    } finally {
      await this.#closeHandle(handle);
    }
    await this.#rename(temporary, this.#pathOf(target));
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #pathOf(target: FileTarget): string {
    return target.folder === undefined
      ? posix.join(this.#path, target.name)
      : posix.join(this.#path, target.folder, target.name);
  }

  async #makeFolder(path: string): Promise<void> {
    try {
      await this.#connection.request<void>('make folder', (sftp, done) =>
        sftp.mkdir(path, (error) => done(error)),
      );
    } catch (error) {
      // Servers answer an existing folder with a plain failure, so look whether it is there.
      const stats = await this.#connection.request<Stats>('make folder', (sftp, done) =>
        sftp.stat(path, done),
      );
      if (!stats.isDirectory()) throw error;
    }
  }

  async #nextEntries({ sftp, id }: Handle): Promise<FileEntryWithStats[] | undefined> {
    try {
      return await this.#connection.requestOn<FileEntryWithStats[]>(sftp, 'list', (open, done) =>
        open.readdir(id, done),
      );
    } catch (error) {
      if (error instanceof IsthmusError && error.rule === 'EOF') return undefined;
      throw error;
    }
  }

  async #openHandle(path: string, mode: 'r' | 'w'): Promise<Handle> {
    const sftp = await this.#connection.open();
    return {
      sftp,
      id: await this.#connection.requestOn<Buffer>(sftp, 'open', (open, done) => open.open(path, mode, done)),
    };
  }

  /** A handle that can't be closed is lost with its connection. */
  async #closeHandle({ sftp, id }: Handle): Promise<void> {
    try {
      await this.#connection.requestOn<void>(sftp, 'close', (open, done) =>
        open.close(id, (error) => done(error)),
      );
    } catch {
      this.#connection.close();
    }
  }

  /** Reads [from, to); a server may give less than was asked for. */
  async #readBlock({ sftp, id }: Handle, bytes: Buffer, range: { from: number; to: number }): Promise<void> {
    let at = range.from;
    while (at < range.to) {
      const from = at;
      const read = await this.#connection.requestOn<number>(sftp, 'read', (open, done) =>
        open.read(id, bytes, from, range.to - from, from, (error, bytesRead) => done(error, bytesRead)),
      );
      if (read === 0) throw unstable();
      at += read;
    }
  }

  async #isStill(file: FileInfo): Promise<boolean> {
    const now = await this.stat(file.name);
    return now?.size === file.size && now.modifiedMs === file.modifiedMs;
  }

  /** fsync@openssh.com where the server has it; elsewhere the protocol has no flush, and the file is as safe as the server makes it. */
  async #flush({ sftp, id }: Handle): Promise<void> {
    if (!offers(sftp, 'fsync@openssh.com')) return;
    await this.#connection.requestOn<void>(sftp, 'flush', (open, done) =>
      open.ext_openssh_fsync(id, (error) => done(error)),
    );
  }

  /** Atomic replace with posix-rename@openssh.com; otherwise the plain rename, which refuses an existing target: that is removed first. */
  async #rename(from: string, to: string): Promise<void> {
    const sftp = await this.#connection.open();
    if (offers(sftp, 'posix-rename@openssh.com')) {
      return this.#connection.request<void>('rename', (open, done) =>
        open.ext_openssh_rename(from, to, (error) => done(error)),
      );
    }
    try {
      await this.#connection.request<void>('rename', (open, done) =>
        open.rename(from, to, (error) => done(error)),
      );
    } catch (error) {
      if (isMissing(error)) throw error;
      // The name holds the key or the content's hash, so what stands there is this same file from an earlier try.
      await this.#connection.request<void>('rename', (open, done) =>
        open.unlink(to, (failure) => done(failure)),
      );
      await this.#connection.request<void>('rename', (open, done) =>
        open.rename(from, to, (failure) => done(failure)),
      );
    }
  }
}

const unstable = () => new IsthmusError('FILE_UNSTABLE', { place: 'read', rule: 'size and time as listed' });

function infoOf(name: string, stats: Pick<Stats, 'size' | 'mtime'>): FileInfo {
  return { name, size: stats.size, modifiedMs: stats.mtime * 1_000 };
}

/** ssh2 keeps what the server offered in a field without a type, and throws when an extension is used that is not there. */
function offers(sftp: SFTPWrapper, extension: string): boolean {
  const extensions: unknown = Reflect.get(sftp, '_extensions');
  return typeof extensions === 'object' && extensions !== null && Reflect.get(extensions, extension) === '1';
}
