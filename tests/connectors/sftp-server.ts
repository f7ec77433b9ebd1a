import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection, type SFTPWrapper } from 'ssh2';

const { Server, utils } = ssh2;
const status = utils.sftp.STATUS_CODE;

/** Of some hundred keys that ssh2 makes it can't read one itself. */
function newKey() {
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

export const hostKey = newKey();
export const userKey = newKey();

export function fingerprint(privateKey: string): string {
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}

/** A small SFTP server over a directory, with or without the OpenSSH extensions, for tests. */
export class SftpServer {
  readonly root: string;
  readonly operations: string[] = [];
  readonly #connections = new Set<Connection>();
  #server: InstanceType<typeof Server> | undefined;
  port = 0;
  logins = 0;
  extensions: string[] = ['posix-rename@openssh.com', 'fsync@openssh.com'];
  /** Takes requests and answers none. */
  isSilent = false;

  constructor(root: string) {
    this.root = root;
  }

  async listen(port = 0): Promise<void> {
    const server = new Server({ hostKeys: [hostKey.private] }, (connection) => this.#serve(connection));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  dropConnections(): void {
    for (const connection of this.#connections) connection.end();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.dropConnections();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #serve(connection: Connection): void {
    this.#connections.add(connection);
    // The types leave it out.
    (connection as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    connection.on('error', () => undefined);
    connection.on('close', () => void this.#connections.delete(connection));
    connection.on('authentication', (context) => {
      const isPassword = context.method === 'password' && context.password === 'synthetic-password';
      const isKey =
        context.method === 'publickey' && userKey.public.includes(context.key.data.toString('base64'));
      if (context.username === 'lab' && (isPassword || isKey)) context.accept();
      else context.reject(['password', 'publickey']);
    });
    connection.on('ready', () => {
      this.logins += 1;
    });
    connection.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => {
        const sftp = acceptSftp();
        offer(sftp, this.extensions);
        this.#answer(sftp);
      });
    });
  }

  #answer(sftp: SFTPWrapper): void {
    const handles = new Map<number, { fd?: number; entries?: string[]; path: string }>();
    let next = 0;
    const at = (path: string) => join(this.root, path);
    const handleOf = (handle: Buffer) => handles.get(handle.readUInt32BE(0));
    const newHandle = (reqId: number, value: { fd?: number; entries?: string[]; path: string }) => {
      next += 1;
      handles.set(next, value);
      const id = Buffer.alloc(4);
      id.writeUInt32BE(next);
      sftp.handle(reqId, id);
    };
    const attempt = (name: string, reqId: number, run: () => void) => {
      if (this.isSilent) return;
      this.operations.push(name);
      try {
        run();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        sftp.status(
          reqId,
          code === 'ENOENT'
            ? status.NO_SUCH_FILE
            : code === 'EACCES'
              ? status.PERMISSION_DENIED
              : status.FAILURE,
        );
      }
    };
    const done = (reqId: number) => sftp.status(reqId, status.OK);
    const attributes = (path: string, follow: boolean) => {
      const { mode, uid, gid, size, atimeMs, mtimeMs } = follow ? statSync(path) : lstatSync(path);
      return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1_000), mtime: Math.floor(mtimeMs / 1_000) };
    };
    sftp.on('OPEN', (reqId, path, flags) =>
      attempt('open', reqId, () => {
        const write = (flags & utils.sftp.OPEN_MODE.WRITE) !== 0;
        const mode = write ? constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC : constants.O_RDONLY;
        newHandle(reqId, { fd: openSync(at(path), mode), path });
      }),
    );
    sftp.on('READ', (reqId, handle, offset, length) =>
      attempt('read', reqId, () => {
        // Gives less than was asked for, as a server may.
        const buffer = Buffer.alloc(Math.min(length, 10_000));
        const count = readSync(handleOf(handle)?.fd ?? -1, buffer, 0, buffer.length, offset);
        if (count === 0) sftp.status(reqId, status.EOF);
        else sftp.data(reqId, buffer.subarray(0, count));
      }),
    );
    sftp.on('WRITE', (reqId, handle, offset, data) =>
      attempt('write', reqId, () => {
        writeSync(handleOf(handle)?.fd ?? -1, data, 0, data.length, offset);
        done(reqId);
      }),
    );
    sftp.on('CLOSE', (reqId, handle) =>
      attempt('close', reqId, () => {
        const { fd } = handleOf(handle) ?? {};
        if (fd !== undefined) closeSync(fd);
        handles.delete(handle.readUInt32BE(0));
        done(reqId);
      }),
    );
    sftp.on('OPENDIR', (reqId, path) =>
      attempt('opendir', reqId, () => newHandle(reqId, { entries: readdirSync(at(path)), path })),
    );
    sftp.on('READDIR', (reqId, handle) =>
      attempt('readdir', reqId, () => {
        const open = handleOf(handle);
        const names = open?.entries?.splice(0, 3) ?? [];
        if (!open || names.length === 0) return void sftp.status(reqId, status.EOF);
        sftp.name(
          reqId,
          names.map((filename) => ({
            filename,
            longname: filename,
            attrs: attributes(join(at(open.path), filename), false),
          })),
        );
      }),
    );
    sftp.on('LSTAT', (reqId, path) =>
      attempt('lstat', reqId, () => void sftp.attrs(reqId, attributes(at(path), false))),
    );
    sftp.on('STAT', (reqId, path) =>
      attempt('stat', reqId, () => void sftp.attrs(reqId, attributes(at(path), true))),
    );
    sftp.on('REMOVE', (reqId, path) =>
      attempt('remove', reqId, () => {
        unlinkSync(at(path));
        done(reqId);
      }),
    );
    sftp.on('MKDIR', (reqId, path) =>
      attempt('mkdir', reqId, () => {
        mkdirSync(at(path));
        done(reqId);
      }),
    );
    sftp.on('RENAME', (reqId, from, to) =>
      attempt('rename', reqId, () => {
        if (existsSync(at(to))) throw new Error('the target exists');
        renameSync(at(from), at(to));
        done(reqId);
      }),
    );
    sftp.on('EXTENDED', (reqId, name, data) =>
      attempt(name, reqId, () => {
        if (!this.extensions.includes(name)) return void sftp.status(reqId, status.OP_UNSUPPORTED);
        if (name === 'fsync@openssh.com') fsyncSync(handleOf(data.subarray(4))?.fd ?? -1);
        else {
          const length = data.readUInt32BE(0);
          renameSync(at(data.toString('utf8', 4, 4 + length)), at(data.toString('utf8', 8 + length)));
        }
        done(reqId);
      }),
    );
  }
}

/** ssh2's server has no way to say what it offers, so its version packet is replaced on the way out. */
function offer(sftp: SFTPWrapper, extensions: readonly string[]): void {
  const protocol = Reflect.get(sftp, '_protocol') as { channelData(id: number, data: Buffer): unknown };
  const send = protocol.channelData.bind(protocol);
  const string = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  protocol.channelData = (id, data) => {
    const isVersion = data.length === 9 && data[4] === 2;
    if (!isVersion) return send(id, data);
    const body = Buffer.concat([
      data.subarray(4),
      ...extensions.flatMap((name) => [string(name), string('1')]),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return send(id, Buffer.concat([length, body]));
  };
}
