import type { Clock, Timer } from '../../foundation/clock/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { Events } from '../../foundation/events/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { type AttemptResult, attempt } from './attempt.ts';
import { type Backoff, backoffMs, defaultBackoff } from './backoff.ts';
import type { QueueEvents } from './events.ts';
import { Gates } from './gates.ts';
import type { Lease } from './lease.ts';
import { Positions } from './positions.ts';
import type { QueueIdentity, Reader, StoredEntry } from './reader.ts';
import type { ExceptionRow, JournalRow, Settled, Settlement, SettlementPart } from './settlement.ts';
import { progressOf, setHold } from './sql.ts';
import type { Deliver, Order, Release } from './types.ts';
import { verdictOf } from './verdict.ts';
import { type Returning, WaitingRoom } from './waiting-room.ts';

/**
 * The consumer of one outgoing queue (docs/design/queue.md, "The outgoing leg"): claim what is first on its keys, attempt, judge,
 * settle. Each step is a method; the pump only decides whether another attempt may start.
 */

export interface DeliveryOptions {
  readonly deliver: Deliver;
  /** How many attempts may run at once. 1 in strict order. */
  readonly lanes: number;
  readonly release?: Release;
  /** `each`: a lane goes on only when the position before is committed (charges, orders). Default `window`. */
  readonly commit?: 'window' | 'each';
  readonly backoff?: Backoff;
  /** After so many answers that say "error" an entry is parked. */
  readonly entryTries?: number;
  /** Sends that a crash may repeat at most. */
  readonly window?: number;
  /** An attempt that takes longer is aborted and counts as ambiguous. */
  readonly attemptLimitMs?: number;
  /** Beyond so many parked entries the queue holds. */
  readonly parkLimit?: number;
}

export interface ConsumerParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Events<QueueEvents>;
  readonly lease: Lease;
  readonly settlement: Settlement;
  readonly reader: (queue: QueueIdentity, position: number, committed: number) => Reader;
  readonly random: () => number;
}

export interface ConsumerStatus {
  readonly queue: string;
  readonly state: 'running' | 'paused' | 'stalled' | 'held' | 'stopped';
  readonly reason?: string;
  readonly inFlight: number;
}

interface Live {
  readonly entry: StoredEntry;
  readonly sequence: number;
  readonly returning: boolean;
  attempts: number;
  /** Answers that said "error" for this entry; a destination out of reach does not count. */
  errors: number;
}

/** Entries in memory at once, waiting or in flight; their bytes beyond the first are bounded, too. */
const liveEntries = 256;
const liveBytes = 16 * 1024 * 1024;
const leaseRecheckMs = 200;

export class DeliveryConsumer implements SettlementPart {
  readonly queue: QueueIdentity;
  readonly #order: Order;
  readonly #parts: ConsumerParts;
  readonly #options: Required<Omit<DeliveryOptions, 'release'>> & Pick<DeliveryOptions, 'release'>;
  readonly #gates = new Gates<Live>();
  readonly #inFlight = new Map<number, AbortController>();
  readonly reader: Reader;
  readonly #positions: Positions;
  readonly #room: WaitingRoom;
  #ready: Live[] = [];
  #bytes = 0;
  #filling = false;
  #gapsToLoad: number[];
  /** Delivered but not yet committed. */
  #unsettled = 0;
  #settling = 0;
  #journal: JournalRow[] = [];
  #exceptions: ExceptionRow[] = [];
  #finished: Live[] = [];
  #finishing: Live[] = [];
  #failures = 0;
  #backoff: Timer | undefined;
  #retries = new Map<number, Timer>();
  #hold: string | undefined;
  #paused: string | undefined;
  #stopped = false;
  #drained: (() => void)[] = [];

  private constructor(
    queue: QueueIdentity,
    order: Order,
    options: DeliveryOptions,
    parts: ConsumerParts,
    state: OpenState,
  ) {
    this.queue = queue;
    this.#order = order;
    this.#parts = parts;
    const lanes = order === 'strict' ? 1 : options.lanes;
    this.#options = {
      commit: 'window',
      backoff: defaultBackoff,
      entryTries: 5,
      attemptLimitMs: 120_000,
      parkLimit: 10_000,
      ...options,
      lanes,
      window: options.commit === 'each' ? lanes : Math.max(lanes, options.window ?? 32),
    };
    this.reader = state.reader;
    this.#positions = new Positions(state.lowWater);
    this.#room = state.room;
    // Open from the start: a position written before they are loaded must still name them.
    for (const gap of state.gaps) this.#positions.open(gap);
    this.#gapsToLoad = state.gaps;
    this.#hold = state.hold;
  }

  static async open(
    queue: QueueIdentity,
    order: Order,
    options: DeliveryOptions,
    parts: ConsumerParts,
  ): Promise<DeliveryConsumer> {
    const [row] = await parts.database.query<ProgressRow>(progressOf, [queue.id]);
    if (!row) throw new Error(`queue ${queue.name} has no progress row`);
    const reader = parts.reader(queue, row.low_water, row.next_sequence - 1);
    const room = await WaitingRoom.open(parts.database, queue.id, reader);
    const state = {
      reader,
      room,
      lowWater: row.low_water,
      gaps: row.gaps,
      hold: row.hold_reason ?? undefined,
    };
    const consumer = new DeliveryConsumer(queue, order, options, parts, state);
    reader.onOffer(() => consumer.#pump());
    await consumer.#resumeExceptions();
    consumer.#pump();
    return consumer;
  }

  status(): ConsumerStatus {
    const reason = this.#hold ?? this.#paused;
    const state = this.#stopped
      ? 'stopped'
      : this.#hold
        ? 'held'
        : this.#paused
          ? 'paused'
          : this.#backoff
            ? 'stalled'
            : 'running';
    return { queue: this.queue.name, state, inFlight: this.#inFlight.size, ...(reason ? { reason } : {}) };
  }

  pause(reason: string): void {
    this.#paused = reason;
  }

  resume(): void {
    this.#paused = undefined;
    this.#pump();
  }

  /** Starts nothing new, waits for what is in flight (aborting it after `graceMs`), and writes what became of it. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#stopped = true;
    this.#backoff?.cancel();
    for (const timer of this.#retries.values()) timer.cancel();
    const limit = this.#parts.clock.after(graceMs, () => {
      for (const controller of this.#inFlight.values()) controller.abort();
    });
    if (this.#inFlight.size > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
    limit.cancel();
    this.#parts.settlement.schedule(this, 'now');
    await this.#parts.settlement.drain();
  }

  // ---- operators (Q11)

  /** Lets a parked, held or retrying entry go on now. False when there is no such entry. */
  async release(sequence: number): Promise<boolean> {
    if (this.#order === 'strict') return this.#releaseStrict(sequence);
    const returning = await this.#takeBack(sequence);
    if (!returning) return false;
    this.#admitReturning([returning]);
    return true;
  }

  /** Gives an entry up for good; the journal keeps that. */
  async skip(sequence: number, detail: string): Promise<boolean> {
    const journal = {
      sequence,
      attempt: 0,
      at: this.#parts.clock.now(),
      outcome: 'skipped',
      detail,
      durationMs: 0,
    };
    if (this.#order === 'strict') return this.#skipStrict(sequence, journal);
    const returning = await this.#takeBack(sequence);
    if (!returning) return false;
    this.#journal.push(journal);
    this.#finished.push({ ...returning, sequence, returning: true, errors: 0 });
    this.#parts.settlement.schedule(this, 'now');
    return true;
  }

  /** An exception on an operator's word, whatever it waited for. */
  async #takeBack(sequence: number): Promise<Returning | undefined> {
    const state = await this.#room.stateOf(sequence);
    if (!state || state === 'blocked') return undefined;
    const returning = await this.#room.claim(sequence, 0, (key) => this.#gates.has(key));
    if (!returning) return undefined;
    this.#retries.get(sequence)?.cancel();
    this.#retries.delete(sequence);
    if (state !== 'retrying') this.#room.parked -= 1;
    return returning;
  }

  async hold(reason: string): Promise<void> {
    this.#hold = reason;
    await this.#parts.database.query(setHold, [this.queue.id, this.#parts.lease.epoch, reason]);
    this.#parts.events.emit('held', { queue: this.queue.name, reason });
  }

  async unhold(): Promise<void> {
    await this.#parts.database.query(setHold, [this.queue.id, this.#parts.lease.epoch, null]);
    this.#hold = undefined;
    this.#pump();
  }

  // ---- settlement

  collect(): Settled | undefined {
    if (this.#journal.length === 0 && this.#exceptions.length === 0 && this.#finished.length === 0)
      return undefined;
    const settled = {
      queueId: this.queue.id,
      ...this.#positions.snapshot(),
      journal: this.#journal,
      exceptions: this.#exceptions,
      finishedExceptions: this.#finished.map((live) => live.sequence),
    };
    this.#settling = this.#unsettled;
    this.#finishing = this.#finished;
    this.#journal = [];
    this.#exceptions = [];
    this.#finished = [];
    return settled;
  }

  committed(): void {
    this.#unsettled -= this.#settling;
    this.#settling = 0;
    const finished = this.#finishing.filter((live) => live.returning);
    this.#finishing = [];
    for (const live of finished) this.#room.finished(live.entry);
    this.#wake(finished.flatMap((live) => live.entry.keys));
    this.#pump();
  }

  // ---- the pump

  #mayStart(): boolean {
    if (this.#stopped || this.#paused || this.#hold || this.#backoff) return false;
    return (
      this.#inFlight.size < this.#options.lanes &&
      this.#inFlight.size + this.#unsettled < this.#options.window
    );
  }

  #pump(): void {
    while (this.#ready.length > 0 && this.#mayStart()) {
      if (!this.#parts.lease.valid()) {
        this.#waitForLease();
        return;
      }
      const live = this.#ready.shift();
      if (live) this.#start(live);
    }
    if (!this.#stopped && this.#ready.length < this.#options.lanes) void this.#fill();
  }

  #waitForLease(): void {
    this.#backoff ??= this.#parts.clock.after(leaseRecheckMs, () => this.#endBackoff());
  }

  #endBackoff(): void {
    this.#backoff = undefined;
    this.#pump();
  }

  /** Reads on when there is room. When all in memory stand behind entries in flight, those that wait go to the table, so that others pass. */
  async #fill(): Promise<void> {
    if (this.#filling || (!this.reader.behind && this.#gapsToLoad.length === 0)) return;
    if (this.#gates.size >= liveEntries && this.#order === 'key') this.#spill();
    if (this.#gates.size >= liveEntries || this.#bytes >= liveBytes) return;
    this.#filling = true;
    let admitted = 0;
    try {
      const gaps = this.#gapsToLoad.slice(0, liveEntries - this.#gates.size);
      const entries =
        gaps.length > 0
          ? await this.reader.load(gaps)
          : await this.reader.take(liveEntries - this.#gates.size);
      this.#gapsToLoad.splice(0, gaps.length);
      for (const entry of entries) this.#admit(entry);
      admitted = entries.length;
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'the queue could not be read; trying again',
      );
      this.#backoff ??= this.#parts.clock.after(leaseRecheckMs, () => this.#endBackoff());
    } finally {
      this.#filling = false;
    }
    if (admitted > 0) this.#pump();
  }

  #admit(entry: StoredEntry): void {
    this.#positions.open(entry.sequence);
    if (this.#room.held.any(entry.keys) && this.#order === 'key') {
      this.#positions.close(entry.sequence);
      this.#block([{ entry, sequence: entry.sequence, returning: false, attempts: 0, errors: 0 }]);
      return;
    }
    const live = { entry, sequence: entry.sequence, returning: false, attempts: 0, errors: 0 };
    this.#bytes += entry.content.byteLength;
    if (this.#gates.admit(live, this.#order === 'strict' ? ['*'] : entry.keys)) this.#ready.push(live);
  }

  #admitReturning(returning: readonly { entry: StoredEntry; attempts: number }[]): void {
    for (const { entry, attempts } of returning) {
      const live = { entry, sequence: entry.sequence, returning: true, attempts, errors: attempts };
      this.#bytes += entry.content.byteLength;
      if (this.#gates.admit(live, entry.keys)) this.#ready.push(live);
    }
    this.#pump();
  }

  #spill(): void {
    const keys = [...this.#inFlightKeys()];
    const evicted = this.#gates.evictBehind(keys);
    for (const live of evicted) {
      this.#bytes -= live.entry.content.byteLength;
      this.#positions.close(live.sequence);
    }
    this.#block(evicted);
  }

  *#inFlightKeys(): Iterable<string> {
    for (const live of this.#running.values()) yield* live.entry.keys;
  }

  /** They wait in the table behind what holds their keys. */
  #block(waiting: readonly Live[]): void {
    if (waiting.length === 0) return;
    for (const live of waiting) {
      if (!live.returning) this.#room.held.hold(live.entry.keys);
      this.#room.returned(live.sequence);
      this.#exceptions.push({
        sequence: live.sequence,
        state: 'blocked',
        keys: live.entry.keys,
        attempts: live.errors,
      });
    }
    this.#parts.settlement.schedule(this, 'soon');
  }

  // ---- one attempt

  readonly #running = new Map<number, Live>();

  #start(live: Live): void {
    const controller = new AbortController();
    this.#inFlight.set(live.sequence, controller);
    this.#running.set(live.sequence, live);
    live.attempts += 1;
    void this.#run(live, controller);
  }

  async #run(live: Live, controller: AbortController): Promise<void> {
    const { clock, database, lease } = this.#parts;
    const started = clock.monotonicMs();
    const limit = clock.after(this.#options.attemptLimitMs, () => controller.abort());
    const options = {
      database,
      epoch: () => lease.epoch,
      queueId: this.queue.id,
      release: this.#options.release,
      deliver: this.#options.deliver,
    };
    const entry = live.attempts === 1 ? live.entry : { ...live.entry, attempt: live.attempts };
    const result = await attempt(options, entry, controller.signal);
    limit.cancel();
    this.#inFlight.delete(live.sequence);
    this.#running.delete(live.sequence);
    this.#judge(live, result, clock.monotonicMs() - started);
    if (this.#stopped && this.#inFlight.size === 0) for (const done of this.#drained.splice(0)) done();
    this.#pump();
  }

  #judge(live: Live, result: AttemptResult, durationMs: number): void {
    if (result.outcome === 'transient' && result.scope === 'entry') live.errors += 1;
    const verdict = verdictOf(result, live.errors, this.#order, this.#options.entryTries);
    this.#parts.events.emit('attempted', {
      queue: this.queue.name,
      entry: live.entry,
      attempt: live.attempts,
      result,
      verdict,
      durationMs,
    });
    const row = journalRow(live, result, this.#parts.clock.now(), durationMs);
    if (verdict === 'settled') this.#settled(live, row);
    else if (verdict === 'stall') this.#stall(live, result, row);
    else if (verdict === 'park') this.#park(live, result, row);
    else this.#retryLater(live, result, row);
  }

  #settled(live: Live, row: JournalRow): void {
    this.#failures = 0;
    this.#journal.push(row);
    this.#unsettled += 1;
    this.#leave(live);
    if (live.returning) this.#finished.push(live);
    const soon =
      this.#unsettled - this.#settling < this.#options.window / 2 &&
      this.#options.commit === 'window' &&
      !live.returning;
    this.#parts.settlement.schedule(this, soon ? 'soon' : 'now');
  }

  /** Takes an entry out of the lines; those behind it come forward, in memory or from the table. */
  #leave(live: Live): void {
    this.#bytes -= live.entry.content.byteLength;
    this.#positions.close(live.sequence);
    for (const next of this.#gates.finish(live.sequence)) this.#ready.push(next);
    const woken = live.entry.keys.filter((key) => !live.returning && this.#room.held.has(key));
    if (woken.length > 0 && this.#order === 'key') this.#wake(woken);
  }

  /** Nothing gets through: the entry stays first, the whole queue waits. */
  #stall(live: Live, result: AttemptResult, row: JournalRow): void {
    this.#failures += 1;
    if (this.#failures === 1) {
      this.#journal.push(row);
      this.#parts.settlement.schedule(this, 'soon');
    }
    this.#ready.unshift(live);
    this.#ready.sort((a, b) => a.sequence - b.sequence);
    if (this.#stopped) return;
    const asked = 'retryAfterMs' in result ? (result.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(asked, backoffMs(this.#options.backoff, this.#failures, this.#parts.random));
    this.#backoff ??= this.#parts.clock.after(waitMs, () => this.#endBackoff());
    this.#parts.events.emit('stalled', { queue: this.queue.name, failures: this.#failures, waitMs, result });
  }

  #retryLater(live: Live, result: AttemptResult, row: JournalRow): void {
    const asked = 'retryAfterMs' in result ? (result.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(asked, backoffMs(this.#options.backoff, live.attempts, this.#parts.random));
    this.#except(live, row, {
      state: 'retrying',
      nextAttemptAt: new Date(this.#parts.clock.now().getTime() + waitMs),
      ...reasonOf(result),
    });
    this.#retryAt(live.sequence, live.errors, waitMs);
  }

  #park(live: Live, result: AttemptResult, row: JournalRow): void {
    this.#parts.events.emit('parked', { queue: this.queue.name, entry: live.entry, ...reasonOf(result) });
    if (this.#order === 'strict') {
      this.#stopStrict(live, result, row);
      return;
    }
    this.#except(live, row, { state: 'parked', ...reasonOf(result) });
    this.#room.parked += 1;
    if (this.#room.parked > this.#options.parkLimit) void this.#holdQuietly('QUEUE_PARK_LIMIT');
  }

  /** Becomes an exception that holds its keys; what waits behind it in memory goes to the table. */
  #except(
    live: Live,
    row: JournalRow,
    exception: Omit<ExceptionRow, 'sequence' | 'keys' | 'attempts'>,
  ): void {
    const { keys } = live.entry;
    if (!live.returning) this.#room.held.hold(keys);
    this.#room.returned(live.sequence);
    const behind = this.#gates.evictBehind(keys);
    for (const other of behind) {
      this.#bytes -= other.entry.content.byteLength;
      this.#positions.close(other.sequence);
    }
    this.#exceptions.push({ sequence: live.sequence, keys, attempts: live.errors, ...exception });
    this.#block(behind);
    this.#bytes -= live.entry.content.byteLength;
    this.#positions.close(live.sequence);
    this.#gates.finish(live.sequence);
    this.#journal.push(row);
    this.#parts.settlement.schedule(this, 'now');
  }

  #retryAt(sequence: number, attempts: number, waitMs: number): void {
    const timer = this.#parts.clock.after(waitMs, () => {
      this.#retries.delete(sequence);
      void this.#retry(sequence, attempts);
    });
    this.#retries.set(sequence, timer);
  }

  async #retry(sequence: number, attempts: number): Promise<void> {
    if (this.#stopped) return;
    try {
      // The row is written before the entry is claimed again: it is the row that the settlement deletes.
      await this.#parts.settlement.drain();
      const returning = await this.#room.claim(sequence, attempts, (key) => this.#gates.has(key));
      if (returning) this.#admitReturning([returning]);
      else if (!this.#room.isReturning(sequence)) this.#retryAt(sequence, attempts, leaseRecheckMs);
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'a retry could not be loaded; trying again',
      );
      this.#retryAt(sequence, attempts, leaseRecheckMs);
    }
  }

  #wake(keys: readonly string[]): void {
    if (keys.length === 0 || this.#stopped) return;
    void this.#wakeNow(keys);
  }

  async #wakeNow(keys: readonly string[]): Promise<void> {
    try {
      await this.#parts.settlement.drain();
      this.#admitReturning(await this.#room.wake(keys, (key) => this.#gates.has(key)));
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'waiting entries could not be loaded; trying again',
      );
      this.#parts.clock.after(leaseRecheckMs, () => this.#wake(keys));
    }
  }

  async #resumeExceptions(): Promise<void> {
    const now = this.#parts.clock.now().getTime();
    for (const row of await this.#room.retrying()) {
      this.#retryAt(row.sequence, row.attempts, Math.max(0, (row.next_attempt_at?.getTime() ?? now) - now));
    }
    this.#wake(await this.#room.keysToWake());
  }

  // ---- strict order: a parked entry stays first and stops the queue

  #stopStrict(live: Live, result: AttemptResult, row: JournalRow): void {
    this.#journal.push(row);
    this.#exceptions.push({
      sequence: live.sequence,
      keys: live.entry.keys,
      attempts: live.errors,
      state: 'parked',
      ...reasonOf(result),
    });
    live.errors = 0;
    this.#ready.unshift(live);
    this.#parts.settlement.schedule(this, 'now');
    void this.#holdQuietly(`entry ${live.sequence} is parked`);
  }

  async #releaseStrict(sequence: number): Promise<boolean> {
    if (this.#ready.length === 0) await this.#fill();
    const first = this.#ready[0];
    if (first?.sequence !== sequence) return false;
    this.#finished.push({ ...first, returning: false });
    this.#parts.settlement.schedule(this, 'now');
    await this.#parts.settlement.drain();
    await this.unhold();
    return true;
  }

  async #skipStrict(sequence: number, journal: JournalRow): Promise<boolean> {
    if (this.#ready.length === 0) await this.#fill();
    const first = this.#ready[0];
    if (first?.sequence !== sequence) return false;
    this.#ready.shift();
    this.#journal.push(journal);
    this.#finished.push({ ...first, returning: false });
    this.#leave(first);
    this.#parts.settlement.schedule(this, 'now');
    await this.#parts.settlement.drain();
    await this.unhold();
    return true;
  }

  /** The hold itself is in memory at once; if it can't be written now, the parked row tells the next owner. */
  async #holdQuietly(reason: string): Promise<void> {
    this.#hold = reason;
    try {
      await this.hold(reason);
    } catch (error) {
      this.#parts.logger.error({ err: error, queue: this.queue.name }, 'the hold could not be written');
    }
  }
}

interface ProgressRow {
  readonly low_water: number;
  readonly gaps: number[];
  readonly hold_reason: string | null;
  readonly next_sequence: number;
}

interface OpenState {
  readonly reader: Reader;
  readonly room: WaitingRoom;
  readonly lowWater: number;
  readonly gaps: number[];
  readonly hold: string | undefined;
}

function journalRow(live: Live, result: AttemptResult, at: Date, durationMs: number): JournalRow {
  const base = { sequence: live.sequence, attempt: live.attempts, at, outcome: result.outcome, durationMs };
  if (result.outcome === 'withheld') return { ...base, detail: result.reason };
  if (result.outcome === 'delivered') return { ...base, acknowledgment: result.acknowledgment };
  const acknowledgment = result.acknowledgment === undefined ? {} : { acknowledgment: result.acknowledgment };
  return { ...base, code: result.code, detail: result.detail, ...acknowledgment };
}

function reasonOf(result: AttemptResult): { code?: string; reason?: string } {
  return 'code' in result ? { code: result.code, reason: result.detail } : {};
}
