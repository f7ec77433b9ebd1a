import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, type SFTPWrapper } from 'ssh2';
import type { Clock } from '../../../foundation/clock/index.ts';
import { type ErrorCode, IsthmusError } from '../../../foundation/errors/index.ts';
import { connectCode, errorName } from '../shared/net-errors.ts';
import type { SftpServer } from './options.ts';

type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** Status codes of the SFTP protocol (draft-ietf-secsh-filexfer-02, section 7). */
const statusNames = [
  'OK',
  'EOF',
  'ENOENT',
  'EACCES',
  'FAILURE',
  'BAD_MESSAGE',
  'NO_CONNECTION',
  'CONNECTION_LOST',
  'UNSUPPORTED',
];

/** What went wrong, by name: the status of the server, or the system's. */
function sftpErrorName(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? (statusNames[code] ?? 'FAILURE') : errorName(error);
}

/** One SSH connection with its SFTP channel, opened when needed and thrown away when anything about it fails. */
export class SftpConnection {
  readonly #server: SftpServer;
  readonly #clock: Clock;
  #client: Client | undefined;
  #sftp: SFTPWrapper | undefined;
  #opening: Promise<SFTPWrapper> | undefined;

  constructor(server: SftpServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** The open channel; connects first when there is none. Throws CONNECT_*. */
  open(): Promise<SFTPWrapper> {
    if (this.#sftp) return Promise.resolve(this.#sftp);
    this.#opening ??= this.#connect().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** Runs one request, on whichever channel is open. */
  async request<T>(operation: string, run: (sftp: SFTPWrapper, done: Callback<T>) => void): Promise<T> {
    return this.requestOn(await this.open(), operation, run);
  }

  /**
   * Runs one request on this channel: a handle means nothing on another. Throws CONNECT_LOST when the channel is gone, FILE_FAILED naming
   * the operation and the server's status, ANSWER_TIMEOUT (the connection is then closed).
   */
  requestOn<T>(
    sftp: SFTPWrapper,
    operation: string,
    run: (sftp: SFTPWrapper, done: Callback<T>) => void,
  ): Promise<T> {
    if (sftp !== this.#sftp) return Promise.reject(new IsthmusError('CONNECT_LOST', { place: operation }));
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(this.#server.operationTimeoutMs, () => {
        this.close();
        reject(
          new IsthmusError('ANSWER_TIMEOUT', {
            place: operation,
            rule: `within ${this.#server.operationTimeoutMs} ms`,
          }),
        );
      });
      const done: Callback<T> = (error, value) => {
        timer.cancel();
        if (error)
          reject(
            new IsthmusError('FILE_FAILED', { place: operation, rule: sftpErrorName(error), cause: error }),
          );
        else resolve(value);
      };
      try {
        run(sftp, done);
      } catch (error) {
        done(error instanceof Error ? error : new Error('request failed'), undefined as T);
      }
    });
  }

  close(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#sftp = undefined;
    client?.destroy();
  }

  #connect(): Promise<SFTPWrapper> {
    const { host, port, connectTimeoutMs } = this.#server;
    let isPinned = true;
    return new Promise((resolve, reject) => {
      const client = new Client();
      const fail = (error: Error & { level?: string }) => {
        this.#forget(client);
        reject(
          new IsthmusError(codeOf(error, isPinned), {
            place: `${host}:${port}`,
            rule: ruleOf(error, isPinned),
            cause: error,
          }),
        );
      };
      client.on('error', fail);
      client.on('close', () => fail(new Error('closed')));
      // Requests are small and wait for answers: gathered by the kernel, each costs 40 ms.
      client.on('connect', () => client.setNoDelay(true));
      client.on('ready', () => {
        client.sftp((error, sftp) => {
          if (error) return fail(error);
          sftp.on('error', () => this.#forget(client));
          sftp.on('close', () => this.#forget(client));
          this.#sftp = sftp;
          resolve(sftp);
        });
      });
      this.#client = client;
      try {
        client.connect({
          ...{ host, port, readyTimeout: connectTimeoutMs, keepaliveInterval: 15_000, keepaliveCountMax: 3 },
          ...credentials(this.#server),
          hostVerifier: (key: Buffer) => {
            isPinned = this.#server.hostKeys.some((pinned) => sameFingerprint(pinned, key));
            return isPinned;
          },
        });
      } catch (error) {
        fail(error instanceof Error ? error : new Error('bad options'));
      }
    });
  }

  /** Lets go of a connection that failed, unless another has taken its place. */
  #forget(client: Client): void {
    if (client !== this.#client) return;
    this.close();
  }
}

function credentials(server: SftpServer): Record<string, string> {
  const { username, password, privateKey, passphrase } = server;
  return {
    username,
    ...(password === undefined ? {} : { password }),
    ...(privateKey === undefined ? {} : { privateKey: readKey(privateKey) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

function readKey(value: string): string {
  return value.includes('-----BEGIN ') ? value : readFileSync(value, 'utf8');
}

function sameFingerprint(pinned: string, key: Buffer): boolean {
  const actual = createHash('sha256').update(key).digest();
  const wanted = Buffer.from(pinned.slice('SHA256:'.length), 'base64');
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

function codeOf(error: Error & { level?: string }, isPinned: boolean): ErrorCode {
  if (!isPinned) return 'CONNECT_HOST_KEY';
  if (error.level === 'client-authentication') return 'CONNECT_CREDENTIALS';
  if (error.level === 'client-timeout') return 'CONNECT_TIMEOUT';
  return connectCode(error);
}

function ruleOf(error: Error & { level?: string }, isPinned: boolean): string {
  return isPinned ? (error.level ?? errorName(error)) : 'hostKeys';
}
