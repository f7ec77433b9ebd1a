import type { Timer } from '../../../foundation/clock/index.ts';
import { IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import { errorName } from '../shared/net-errors.ts';
import { StatusBoard } from '../shared/status.ts';
import { within } from '../shared/within.ts';
import type { Accept, ConnectorContext, Source } from '../types.ts';
import { listCandidates } from './listing.ts';
import type { FileSourceOptions } from './options.ts';
import type { FileInfo, FileStore } from './store.ts';
import { type Settlement, takeFile } from './taking.ts';
import { Wholeness } from './wholeness.ts';

export interface FileSourceParts {
  readonly store: FileStore;
  readonly options: FileSourceOptions;
  readonly context: ConnectorContext;
  /** Without secrets: `file:///srv/in`, `sftp://host:22/in`. */
  readonly address: string;
  /** True where a store that can't be opened is a mistake in the configuration, false where it is a peer that may come back. */
  readonly mustOpen: boolean;
}

/** How long after a hint of a change the directory is read: a burst of hints makes one scan. */
const afterHintMs = 20;

/** Takes files from a store, whole, in order, one at a time (docs/design/connectors.md, rules C60-C71). */
export class FileSource implements Source {
  readonly #parts: FileSourceParts;
  readonly #board: StatusBoard;
  readonly #wholeness: Wholeness;
  /** Answered, but not yet moved away: never handed over again by this process. */
  #settled = new Map<string, Settlement>();
  #accept: Accept | undefined;
  #watcher: { close(): void } | undefined;
  #timer: Timer | undefined;
  #timerDueMs = 0;
  #scanning: Promise<void> | undefined;
  #hinted = false;
  #paused = false;
  #stopping = false;

  constructor(parts: FileSourceParts) {
    this.#parts = parts;
    this.#wholeness = new Wholeness(parts.options.whole, parts.context.clock);
    this.#board = new StatusBoard(parts.context, parts.address, () => (this.#board.state === 'up' ? 1 : 0));
  }

  async start(accept: Accept): Promise<void> {
    this.#accept = accept;
    this.#stopping = false;
    this.#board.set('starting');
    try {
      await this.#parts.store.open();
      this.#board.set('up');
    } catch (error) {
      if (this.#parts.mustOpen) {
        this.#board.set('stopped');
        throw error;
      }
      this.#board.set('down', toIsthmusError(error).code);
    }
    this.#watcher = this.#parts.store.watch?.(() => this.#hint());
    this.#scanIn(0);
  }

  pause(): void {
    this.#paused = true;
    this.#board.set('paused');
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#board.set('up');
    this.#scanIn(0);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#scanning)
      await within(this.#parts.context.clock, this.#parts.options.drainTimeoutMs, this.#scanning);
    await this.#parts.store.close();
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #hint(): void {
    this.#hinted = true;
    if (!this.#scanning) this.#scanIn(afterHintMs);
  }

  /** Plans the next scan, unless an earlier one is planned. */
  #scanIn(ms: number): void {
    const { clock } = this.#parts.context;
    const dueMs = clock.monotonicMs() + ms;
    if (this.#stopping || this.#scanning || (this.#timer && this.#timerDueMs <= dueMs)) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = clock.after(ms, () => {
      this.#timer = undefined;
      this.#scanning = this.#scan().then((nextMs) => {
        this.#scanning = undefined;
        this.#scanIn(this.#hinted ? Math.min(afterHintMs, nextMs) : nextMs);
      });
    });
  }

  /** One look at the directory. Never rejects; says in how many milliseconds to look again. */
  async #scan(): Promise<number> {
    const { store, options, context } = this.#parts;
    if (this.#paused || this.#stopping) return options.scanEveryMs;
    this.#hinted = false;
    try {
      await store.open();
      const listing = await listCandidates(store, options);
      const { whole, againInMs } = this.#wholeness.sift(listing.files);
      for (const orphan of listing.orphans) await store.remove(orphan);
      this.#forgetGone(listing.files);
      const went = await this.#takeAll(whole);
      if (!this.#paused) this.#board.set('up');
      if (went && listing.isFull && whole.length > 0) return 0;
      return Math.min(options.scanEveryMs, went ? (againInMs ?? options.scanEveryMs) : options.scanEveryMs);
    } catch (error) {
      const { code } = toIsthmusError(error, 'FILE_FAILED');
      context.logger.warn(
        { connector: context.name, code, error: errorName(error) },
        'directory could not be read',
      );
      if (!this.#paused && !this.#stopping) this.#board.set('down', code);
      return options.scanEveryMs;
    }
  }

  /** False when the rest has to wait: what takes messages can't at present, and no later file may overtake. */
  async #takeAll(files: readonly FileInfo[]): Promise<boolean> {
    for (const file of files) {
      if (this.#paused || this.#stopping) return false;
      try {
        if (!(await this.#take(file))) return false;
      } catch (error) {
        // Writing goes on, or the file can't be read: it keeps its place and the others go on.
        if (!(error instanceof IsthmusError) || !error.code.startsWith('FILE_')) throw error;
        const { logger, name } = this.#parts.context;
        logger.warn({ connector: name, code: error.code, rule: error.rule }, 'file not taken yet');
      }
    }
    return true;
  }

  async #take(file: FileInfo): Promise<boolean> {
    const known = this.#settled.get(file.name);
    if (known?.size === file.size && known.modifiedMs === file.modifiedMs) {
      await this.#putAway(file.name, known);
      return true;
    }
    if (!this.#accept) return false;
    const { store, options, context, address } = this.#parts;
    const isStopping = () => this.#stopping;
    const now = () => context.clock.now();
    const taken = await takeFile(file, {
      store,
      options,
      accept: this.#accept,
      peer: address,
      isStopping,
      now,
    });
    if (taken.outcome === 'later') return false;
    this.#settled.set(file.name, taken.settlement);
    await this.#putAway(file.name, taken.settlement);
    return true;
  }

  async #putAway(name: string, settlement: Settlement): Promise<void> {
    const { store, options, context } = this.#parts;
    const { target, report } = settlement;
    const current = await store.stat(name);
    if (current && (current.size !== settlement.size || current.modifiedMs !== settlement.modifiedMs)) {
      // Another file came under the same name meanwhile: it has not been read, so it stays.
      this.#settled.delete(name);
      return;
    }
    if (target && report) {
      await store.write({ ...target, name: `${target.name}.error.json` }, report);
      context.logger.warn(
        { connector: context.name, folder: target.folder },
        'file failed; the reason lies beside it',
      );
    }
    if (current && target) await store.move(name, target);
    else if (current) await store.remove(name);
    if (options.whole.by === 'marker') await store.remove(name + options.whole.suffix);
    this.#settled.delete(name);
  }

  #forgetGone(files: readonly FileInfo[]): void {
    if (this.#settled.size === 0) return;
    const listed = new Set(files.map((file) => file.name));
    for (const name of this.#settled.keys()) if (!listed.has(name)) this.#settled.delete(name);
  }
}
