import type { Timer } from '../../foundation/clock/index.ts';
import { type AttemptResult, attempt } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import {
  type ConsumerParts,
  type ConsumerStatus,
  type DeliveryOptions,
  type ResolvedOptions,
  resolveOptions,
} from './delivery-options.ts';
import { Hold } from './hold.ts';
import { Ledger } from './ledger.ts';
import { type Live, LiveSet, liveLimits, liveOf, type Tries } from './live-set.ts';
import { Positions } from './positions.ts';
import type { QueueIdentity, Reader, StoredEntry } from './reader.ts';
import { Retries } from './retries.ts';
import type { ExceptionRow, JournalRow } from './settlement.ts';
import { progressOf } from './sql.ts';
import type { Order } from './types.ts';
import { verdictOf } from './verdict.ts';
import { type Returning, WaitingRoom } from './waiting-room.ts';

/**
 * The consumer of one outgoing queue (docs/design/queue.md): claim what is first on its keys, attempt, judge, settle. Each step is a
 * method; the pump only decides whether another attempt may start. Its parts: LiveSet (who is first), WaitingRoom (exceptions),
 * Ledger (what is to be written), Hold (an operator's or its own stop).
 */

const recheckMs = 200;
/** Room from which on reading on is worth a statement. */
const refillFrom = liveLimits.entries / 2;

export class DeliveryConsumer {
  readonly queue: QueueIdentity;
  readonly reader: Reader;
  readonly #order: Order;
  readonly #parts: ConsumerParts;
  readonly #options: ResolvedOptions;
  readonly #positions: Positions;
  readonly #live: LiveSet;
  readonly #room: WaitingRoom;
  readonly #ledger: Ledger;
  readonly #retries: Retries;
  readonly #hold: Hold;
  readonly #inFlight = new Map<Live, AbortController>();
  /** One a lane, used again: making one for every attempt is dearer than the rest of starting it. */
  readonly #spare: AbortController[] = [];
  #filling: Promise<void> | undefined;
  /** Strict order: the first entry, when its row says that it is parked. */
  #parkedFirst: number | undefined;
  #failures = 0;
  #backoff: Timer | undefined;
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
    this.reader = state.reader;
    this.#order = order;
    this.#parts = parts;
    this.#options = resolveOptions(order, options);
    this.#room = state.room;
    this.#positions = new Positions(state.lowWater);
    this.#live = new LiveSet(order, this.#positions);
    // They were live before, so there is room for them; and they come first: what is blocked now had been waiting behind them.
    for (const gap of state.gaps) this.#admit(liveOf(gap));
    this.#ledger = new Ledger({
      queueId: queue.id,
      positions: this.#positions,
      settlement: parts.settlement,
      onCommitted: (over, again) => this.#committed(over, again),
    });
    this.#retries = new Retries(parts.clock, (sequence, tries) => void this.#retry(sequence, tries));
    this.#hold = new Hold(queue, parts, state.hold);
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
      gaps: await reader.load(row.gaps),
      hold: row.hold_reason ?? undefined,
    };
    const consumer = new DeliveryConsumer(queue, order, options, parts, state);
    reader.onOffer(() => consumer.#pump());
    if (order === 'strict') await consumer.#resumePark();
    else await consumer.#resumeExceptions();
    consumer.#pump();
    return consumer;
  }

  status(): ConsumerStatus {
    const reason = this.#hold.reason ?? this.#paused;
    const waits = this.#hold.reason
      ? 'held'
      : this.#paused
        ? 'paused'
        : this.#backoff
          ? 'stalled'
          : 'running';
    const state = this.#stopped ? 'stopped' : waits;
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
    this.#retries.cancelAll();
    const limit = this.#parts.clock.after(graceMs, () => {
      for (const controller of this.#inFlight.values()) controller.abort();
    });
    if (this.#inFlight.size > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
    limit.cancel();
    // Nothing of this consumer is written after it stopped: the next one reads what there is.
    await this.#filling;
    await this.#hold.written();
    await this.#ledger.written();
  }

  // ---- the pump

  #mayStart(): boolean {
    if (this.#stopped || this.#paused || this.#hold.reason || this.#backoff) return false;
    const { lanes, window } = this.#options;
    return this.#inFlight.size < lanes && this.#inFlight.size + this.#ledger.unsettled < window;
  }

  #pump(): void {
    while (this.#live.readyCount > 0 && this.#mayStart()) {
      if (!this.#parts.lease.valid()) {
        this.#waitMs(recheckMs);
        break;
      }
      const live = this.#live.takeReady();
      if (live) this.#start(live);
    }
    if (!this.#stopped && this.#live.readyCount < this.#options.lanes) void this.#fill();
  }

  #waitMs(ms: number): void {
    if (this.#stopped) return;
    this.#backoff ??= this.#parts.clock.after(ms, () => {
      this.#backoff = undefined;
      this.#pump();
    });
  }

  /** Reads on when there is room. When all in memory stand behind entries in flight, those that wait go to the table, so that others pass. */
  async #fill(): Promise<void> {
    if (this.#filling) return this.#filling;
    if (!this.reader.behind) return;
    if (this.#live.room === 0 && this.#order === 'key' && this.#live.readyCount === 0) this.#spill();
    // Read in pages, not entry by entry; but when nothing is ready, whatever there is room for.
    const busy = this.#order === 'strict' || this.#live.readyCount > 0;
    if (this.#live.room < (busy ? refillFrom : 1)) return;
    this.#filling = this.#readOn();
    await this.#filling;
  }

  async #readOn(): Promise<void> {
    let admitted = 0;
    try {
      const entries = await this.reader.take(this.#live.room);
      if (this.#stopped) return;
      for (const entry of entries) this.#read(liveOf(entry));
      admitted = entries.length;
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'the queue could not be read; trying again',
      );
      this.#waitMs(recheckMs);
    } finally {
      this.#filling = undefined;
    }
    if (admitted > 0) this.#pump();
  }

  #admit(live: Live): void {
    this.#positions.open(live.sequence);
    this.#live.admit(live);
  }

  /** All exceptions are of entries before it. */
  #read(live: Live): void {
    if (this.#order === 'strict' || !this.#room.held.any(live.entry.keys)) {
      this.#admit(live);
      return;
    }
    this.#positions.open(live.sequence);
    this.#positions.close(live.sequence);
    this.#block([live]);
  }

  #spill(): void {
    const keysInFlight = [...this.#inFlight.keys()].flatMap((live) => live.entry.keys);
    this.#block(this.#live.evictBehind(keysInFlight));
  }

  /** They wait in the table behind what holds their keys. */
  #block(waiting: readonly Live[]): void {
    if (waiting.length === 0) return;
    for (const live of waiting) this.#becomeException(live, { state: 'blocked' });
    this.#ledger.write('soon');
  }

  // ---- one attempt

  #start(live: Live): void {
    const controller = this.#spare.pop() ?? new AbortController();
    this.#inFlight.set(live, controller);
    live.attempts += 1;
    void this.#run(live, controller);
  }

  async #run(live: Live, controller: AbortController): Promise<void> {
    const { clock, database, lease } = this.#parts;
    const { release, deliver, attemptLimitMs } = this.#options;
    const started = clock.monotonicMs();
    const limit = clock.after(attemptLimitMs, () => controller.abort());
    const options = { database, epoch: () => lease.epoch, queueId: this.queue.id, release, deliver };
    const entry = live.attempts === 1 ? live.entry : { ...live.entry, attempt: live.attempts };
    const result = await attempt(options, entry, controller.signal);
    limit.cancel();
    this.#inFlight.delete(live);
    if (!controller.signal.aborted) this.#spare.push(controller);
    this.#judge(live, result, clock.monotonicMs() - started);
    if (this.#stopped && this.#inFlight.size === 0) for (const done of this.#drained.splice(0)) done();
    this.#pump();
  }

  #judge(live: Live, result: AttemptResult, durationMs: number): void {
    if (result.outcome === 'transient' && result.scope === 'entry') live.errors += 1;
    const verdict = verdictOf(result, live.errors, this.#order, this.#options.entryTries);
    const { events, clock } = this.#parts;
    events.emit('attempted', {
      queue: this.queue.name,
      entry: live.entry,
      attempt: live.attempts,
      result,
      verdict,
      durationMs,
    });
    const row = journalRow(live, result, clock.now(), durationMs);
    if (verdict === 'settled') this.#settled(live, row);
    else if (verdict === 'stall') this.#stall(live, result, row);
    else if (verdict === 'park') this.#park(live, result, row);
    else this.#retryLater(live, result, row);
  }

  #settled(live: Live, row: JournalRow): void {
    this.#failures = 0;
    this.#ledger.sent(row);
    this.#live.leave(live);
    if (live.returning || this.#unpark(live)) this.#ledger.over(live);
    else if (this.#order === 'key') this.#wake(live.entry.keys.filter((key) => this.#room.held.has(key)));
    const { window, commit } = this.#options;
    const soon = commit === 'window' && !live.returning && this.#ledger.unwritten < window / 2;
    this.#ledger.write(soon ? 'soon' : 'now');
  }

  /** Nothing gets through: the entry stays first, the whole queue waits. The journal keeps the first failure of a row. */
  #stall(live: Live, result: AttemptResult, row: JournalRow): void {
    this.#failures += 1;
    if (this.#failures === 1) {
      this.#ledger.note(row);
      this.#ledger.write('soon');
    }
    this.#live.putBack(live);
    const waitMs = this.#waitAfter(result, this.#failures);
    this.#waitMs(waitMs);
    this.#parts.events.emit('stalled', { queue: this.queue.name, failures: this.#failures, waitMs, result });
  }

  #retryLater(live: Live, result: AttemptResult, row: JournalRow): void {
    const waitMs = this.#waitAfter(result, live.attempts);
    const nextAttemptAt = new Date(this.#parts.clock.now().getTime() + waitMs);
    this.#except(live, row, { state: 'retrying', nextAttemptAt, ...reasonOf(result) });
    this.#retries.schedule(live.sequence, { attempts: live.attempts, errors: live.errors }, waitMs);
  }

  #park(live: Live, result: AttemptResult, row: JournalRow): void {
    this.#parts.events.emit('parked', { queue: this.queue.name, entry: live.entry, ...reasonOf(result) });
    if (this.#order === 'strict') {
      this.#parkFirst(live, result, row);
      return;
    }
    this.#except(live, row, { state: 'parked', ...reasonOf(result) });
    this.#room.parked += 1;
    if (this.#room.parked > this.#options.parkLimit) void this.#hold.setQuietly('QUEUE_PARK_LIMIT');
  }

  #waitAfter(result: AttemptResult, failures: number): number {
    const asked = 'retryAfterMs' in result ? (result.retryAfterMs ?? 0) : 0;
    return Math.max(asked, backoffMs(this.#options.backoff, failures, this.#parts.random));
  }

  // ---- exceptions (Q5)

  /** Becomes an exception that holds its keys; what waits behind it in memory goes to the table. */
  #except(live: Live, row: JournalRow, exception: NewException): void {
    this.#ledger.note(row);
    this.#becomeException(live, exception);
    this.#block(this.#live.evictBehind(live.entry.keys));
    this.#live.leave(live);
    this.#ledger.write('now');
  }

  #becomeException(live: Live, exception: NewException): void {
    const { keys } = live.entry;
    // One that returns keeps its mark until its new row is written: the table still shows the old one.
    if (!live.returning) this.#room.held.hold(keys);
    this.#ledger.except(live, { sequence: live.sequence, keys, attempts: live.attempts, ...exception });
  }

  #admitReturning(returning: readonly Returning[], errors = 0): void {
    for (const { entry, attempts } of returning) this.#live.admit(liveOf(entry, true, { attempts, errors }));
    this.#pump();
  }

  async #retry(sequence: number, tries: Tries): Promise<void> {
    if (this.#stopped) return;
    try {
      // The row must be in the table before the entry is claimed again: it is what the settlement deletes.
      await this.#ledger.written();
      const returning = await this.#room.claim(sequence, tries.attempts, (key) => this.#live.uses(key));
      if (returning) this.#admitReturning([returning], tries.errors);
      else if (!this.#room.isReturning(sequence)) this.#retries.schedule(sequence, tries, recheckMs);
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'a retry could not be loaded; trying again',
      );
      this.#retries.schedule(sequence, tries, recheckMs);
    }
  }

  #committed(over: readonly Live[], again: readonly Live[]): void {
    for (const live of again) this.#room.returned(live.sequence);
    for (const live of over) this.#room.finished(live.entry);
    this.#wake(over.flatMap((live) => live.entry.keys));
    this.#pump();
  }

  #wake(keys: readonly string[]): void {
    if (keys.length > 0 && !this.#stopped) void this.#wakeNow(keys);
  }

  async #wakeNow(keys: readonly string[]): Promise<void> {
    try {
      await this.#ledger.written();
      this.#admitReturning(await this.#room.wake(keys, (key) => this.#live.uses(key)));
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'waiting entries could not be loaded; trying again',
      );
      this.#parts.clock.after(recheckMs, () => this.#wake(keys));
    }
  }

  /** Strict order: who parked it may have died before the hold was written. */
  async #resumePark(): Promise<void> {
    const [parked] = await this.#room.stuck();
    this.#parkedFirst = parked?.sequence;
    if (parked && !this.#hold.reason) await this.#hold.setQuietly(`entry ${parked.sequence} is parked`);
  }

  async #resumeExceptions(): Promise<void> {
    const now = this.#parts.clock.now().getTime();
    for (const row of await this.#room.retrying()) {
      this.#retries.schedule(
        row.sequence,
        { attempts: row.attempts, errors: 0 },
        Math.max(0, (row.next_attempt_at?.getTime() ?? now) - now),
      );
    }
    this.#wake(await this.#room.keysToWake());
  }

  /** Strict order: it stays first, and the queue holds. */
  #parkFirst(live: Live, result: AttemptResult, row: JournalRow): void {
    this.#ledger.note(row);
    this.#ledger.except(live, {
      sequence: live.sequence,
      keys: live.entry.keys,
      attempts: live.attempts,
      state: 'parked',
      ...reasonOf(result),
    });
    this.#ledger.write('now');
    live.errors = 0;
    this.#parkedFirst = live.sequence;
    this.#live.putBack(live);
    void this.#hold.setQuietly(`entry ${live.sequence} is parked`);
  }

  // ---- operators (Q11)

  /** Lets a parked, held or retrying entry go on now, or after a restart. False when there is no such entry. */
  async release(sequence: number): Promise<boolean> {
    if (this.#order === 'strict') return this.#releaseFirst(sequence);
    const returning = await this.#takeBack(sequence);
    if (!returning) return false;
    this.#ledger.rewrite({ sequence, state: 'blocked', keys: returning.entry.keys, attempts: 0 });
    await this.#ledger.written();
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
    if (this.#order === 'strict') return this.#skipFirst(sequence, journal);
    const returning = await this.#takeBack(sequence);
    if (!returning) return false;
    this.#ledger.note(journal);
    this.#ledger.over(liveOf(returning.entry, true));
    await this.#ledger.written();
    return true;
  }

  hold(reason: string): Promise<void> {
    return this.#hold.set(reason);
  }

  /** In strict order this lets the parked entry that the queue holds for go on. */
  async unhold(): Promise<void> {
    const parked = this.#parkedFirst;
    if (parked !== undefined && (await this.#releaseFirst(parked))) return;
    await this.#hold.clear();
    this.#pump();
  }

  /** An exception on an operator's word, whatever it waited for. */
  async #takeBack(sequence: number): Promise<Returning | undefined> {
    const state = await this.#room.stateOf(sequence);
    if (!state || state === 'blocked') return undefined;
    const returning = await this.#room.claim(sequence, 0, (key) => this.#live.uses(key));
    if (!returning) return undefined;
    this.#retries.cancel(sequence);
    if (state !== 'retrying') this.#room.parked -= 1;
    return returning;
  }

  /** Strict order: ends the park of the first entry, and the hold with it. */
  async #releaseFirst(sequence: number): Promise<boolean> {
    if (this.#parkedFirst !== sequence) return false;
    const first = await this.#firstInLine(sequence);
    if (!first) return false;
    await this.#hold.clear(async () => {
      this.#unpark(first);
      this.#ledger.over(first);
      await this.#ledger.written();
    });
    this.#pump();
    return true;
  }

  /** Strict order: gives up what nothing gets past. A hold for another reason stays. */
  async #skipFirst(sequence: number, journal: JournalRow): Promise<boolean> {
    const first = await this.#firstInLine(sequence);
    if (!first) return false;
    this.#live.takeReady();
    this.#live.leave(first);
    this.#ledger.note(journal);
    this.#ledger.over(first);
    if (this.#unpark(first)) await this.#hold.clear(() => this.#ledger.written());
    else await this.#ledger.written();
    this.#pump();
    return true;
  }

  async #firstInLine(sequence: number): Promise<Live | undefined> {
    if (this.#live.readyCount === 0) await this.#fill();
    return this.#live.first?.sequence === sequence ? this.#live.first : undefined;
  }

  /** Strict order: whether this was the parked entry; its row is to go. */
  #unpark(live: Live): boolean {
    const wasParked = this.#parkedFirst === live.sequence;
    if (wasParked) this.#parkedFirst = undefined;
    return wasParked;
  }
}

type NewException = Omit<ExceptionRow, 'sequence' | 'keys' | 'attempts'>;

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
  readonly gaps: readonly StoredEntry[];
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
