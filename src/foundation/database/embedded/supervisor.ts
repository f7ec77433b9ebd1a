import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, pause, type Timer, within } from '../../clock/index.ts';
import { IsthmusError } from '../../errors/index.ts';
import type { Logger } from '../../logging/index.ts';
import type { Binaries } from './binaries.ts';
import { type Place, socketDirectory } from './place.ts';
import { waitUntilReady } from './ready.ts';
import { findRunning, launch, type ServerProcess } from './server-process.ts';
import type { Address } from './settings.ts';
import { urlOf } from './url.ts';

export interface SupervisorOptions {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly password: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const READY_LIMIT_MS = 300_000;
const FAST_STOP_LIMIT_MS = 30_000;
const IMMEDIATE_STOP_LIMIT_MS = 10_000;
const SOCKET_LIMIT_MS = 1_500;
const SOCKET_CHECK_MS = 25;
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** A server that lived this long was well; the next restart is quick again. */
const HEALTHY_MS = 60_000;

/** Keeps one server running: starts it or takes over one that runs, starts it again whenever it ends, and stops it in order. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #server: ServerProcess | undefined;
  #timer: Timer | undefined;
  #restarting: Promise<void> | undefined;
  #backoffMs = MIN_BACKOFF_MS;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get server(): ServerProcess | undefined {
    return this.#server;
  }

  /** Resolves when the server answers. Throws DATABASE_START. */
  async start(): Promise<ServerProcess> {
    const server = await this.#bringUp();
    this.#watch(server);
    return server;
  }

  /** Ends the server: fast (transactions are rolled back, everything is flushed), and when that takes too long, immediate. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#restarting;
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await this.#end(server);
    await removeIfEmpty(server.address.socketDirectory);
  }

  async #bringUp(): Promise<ServerProcess> {
    const { place, binaries, logger } = this.#options;
    const running = await this.#adopt();
    if (running) return running;
    const server = await launch(binaries, place, await this.#newAddress());
    try {
      await this.#ready(server);
    } catch (error) {
      // Another engine may have been a moment faster on the same data directory.
      const other = await this.#adopt();
      if (other) return other;
      await this.#end(server);
      throw error;
    }
    logger.info({ pid: server.pid, place: place.directory }, 'PostgreSQL is running');
    return server;
  }

  async #adopt(): Promise<ServerProcess | undefined> {
    const { place, clock, logger } = this.#options;
    const running = await findRunning(place, clock);
    if (!running) return undefined;
    if (await this.#isReachable(running)) {
      await this.#ready(running);
      logger.info({ pid: running.pid, place: place.directory }, 'PostgreSQL was running already; taken over');
      return running;
    }
    logger.warn({ pid: running.pid }, 'PostgreSQL is running but its socket is gone; starting it again');
    await this.#end(running);
    return undefined;
  }

  /**
   * The socket's file is there from before the server answers until it ends, unless someone tidied the directory for temporary files. One
   * that is only starting, perhaps by another engine's hand, gets a moment to make it.
   */
  async #isReachable({ address }: ServerProcess): Promise<boolean> {
    if (address.socketDirectory === undefined) return true;
    const { clock } = this.#options;
    const socket = join(address.socketDirectory, `.s.PGSQL.${address.port}`);
    for (const until = clock.monotonicMs() + SOCKET_LIMIT_MS; ; ) {
      if (existsSync(socket)) return true;
      if (clock.monotonicMs() >= until) return false;
      await pause(clock, SOCKET_CHECK_MS);
    }
  }

  #ready(server: ServerProcess): Promise<void> {
    const { place, clock, logger } = this.#options;
    return waitUntilReady({
      server,
      place,
      clock,
      logger,
      url: this.urlOf(server.address),
      limitMs: READY_LIMIT_MS,
    });
  }

  /** The same unix socket on each start, so the address stays valid; without unix sockets, a free port. */
  async #newAddress(): Promise<Address> {
    if (process.platform !== 'win32')
      return { socketDirectory: await socketDirectory(this.#options.place), port: 5432 };
    return { socketDirectory: undefined, port: this.#server?.address.port ?? (await freePort()) };
  }

  urlOf(address: Address): string {
    return urlOf(address, this.#options.password);
  }

  #watch(server: ServerProcess): void {
    const since = this.#options.clock.monotonicMs();
    this.#server = server;
    void server.exited.then(() => {
      if (this.#stopping || this.#server !== server) return;
      if (this.#options.clock.monotonicMs() - since > HEALTHY_MS) this.#backoffMs = MIN_BACKOFF_MS;
      this.#restartLater('PostgreSQL ended unexpectedly; starting it again');
    });
  }

  #restartLater(message: string, error?: unknown): void {
    const { clock, logger, place } = this.#options;
    logger.error(
      { log: place.log, waitMs: this.#backoffMs, ...(error === undefined ? {} : { error }) },
      message,
    );
    this.#timer = clock.after(this.#backoffMs, () => {
      this.#restarting = this.#restart();
    });
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }

  async #restart(): Promise<void> {
    try {
      this.#watch(await this.#bringUp());
    } catch (error) {
      if (!this.#stopping) this.#restartLater('PostgreSQL did not start; trying again', error);
    }
  }

  async #end(server: ServerProcess): Promise<void> {
    await this.#signal(server, 'fast');
    if (await this.#gone(server, FAST_STOP_LIMIT_MS)) return;
    this.#options.logger.warn(
      { pid: server.pid },
      'PostgreSQL does not stop; ending it at once, it will replay its log at the next start',
    );
    await this.#signal(server, 'immediate');
    if (await this.#gone(server, IMMEDIATE_STOP_LIMIT_MS)) return;
    throw new IsthmusError('DATABASE_START', {
      place: `process ${server.pid}`,
      rule: 'PostgreSQL did not stop',
    });
  }

  #gone(server: ServerProcess, limitMs: number): Promise<boolean> {
    return within(this.#options.clock, limitMs, server.exited);
  }

  async #signal(server: ServerProcess, mode: 'fast' | 'immediate'): Promise<void> {
    if (process.platform === 'win32') return this.#pgCtlStop(mode);
    try {
      process.kill(server.pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Windows has no signals; pg_ctl sends the server what stands for them there. Whether it worked is seen by `exited`. */
  #pgCtlStop(mode: string): Promise<void> {
    const { binaries, place } = this.#options;
    return new Promise((resolve) => {
      execFile(binaries.pgCtl, ['stop', '-W', '-m', mode, '-D', place.data], { timeout: 10_000 }, () =>
        resolve(),
      );
    });
  }
}

/** The directory for the socket would stay behind among the temporary files; it is not empty when another engine has started the server again. */
async function removeIfEmpty(directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error;
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 5432));
    });
  });
}
