import { pause } from '../../foundation/clock/index.ts';
import { classifyFailure } from '../../foundation/database/index.ts';
import { IsthmusError, toIsthmusError } from '../../foundation/errors/index.ts';
import type { ConsumerParts, ConsumerStatus } from './delivery-options.ts';
import { EntryHeld } from './entry-held.ts';
import { Hold } from './hold.ts';
import type { Going, PipelineBatch, PipelineCommitter, PlacedEntry } from './pipeline-committer.ts';
import type { QueueIdentity, Reader, StoredEntry } from './reader.ts';
import { Retries } from './retries.ts';
import type { ExceptionRow, JournalRow } from './settlement.ts';
import { progressOf } from './sql.ts';
import type { EffectHandler, Order, Plan, Planner } from './types.ts';
import { WaitingRoom } from './waiting-room.ts';

/**
 * The consumer of one intake queue (docs/design/queue.md, "The intake leg"): plans a batch, judges it in order, commits it. What
 * can't be planned is parked or held and holds its keys; in strict order it stops the pipeline.
 */

export interface PipelineOptions {
  readonly planner: Planner;
  readonly effects?: readonly EffectHandler[];
  /** Beyond so many parked or held messages the pipeline holds. */
  readonly parkLimit?: number;
}

interface PipelineParts extends ConsumerParts {
  readonly committer: PipelineCommitter;
}

interface Planned {
  readonly entry: StoredEntry;
  readonly plan: Plan;
  readonly returning: boolean;
  /** How often it was rejected alone because it met other transactions. */
  readonly conflicts?: number;
}

/** The judgement over a run of entries, ready to be committed. */
interface Judged {
  readonly going: Going[];
  readonly journal: JournalRow[];
  readonly exceptions: ExceptionRow[];
  readonly finished: StoredEntry[];
  readonly blocked: StoredEntry[];
  lowWater: number;
}

const batchEntries = 128;
const retryPauseMs = 200;
/** Whoever meets other transactions so often, the committer's own tries apart, does not do so by chance. */
const maxConflicts = 20;

export class PipelineConsumer {
  readonly queue: QueueIdentity;
  readonly #order: Order;
  readonly #parts: PipelineParts;
  readonly #planner: Planner;
  readonly #effects: ReadonlyMap<string, EffectHandler>;
  readonly #parkLimit: number;
  readonly reader: Reader;
  readonly #room: WaitingRoom;
  #lowWater: number;
  #returning: StoredEntry[] = [];
  /** Strict order: read but not yet passed, because the first of them is parked. */
  #carried: StoredEntry[] = [];
  readonly #hold: Hold;
  /** Entries that are held for a limited time. */
  readonly #limited: Retries;
  #timesUp: Promise<void> = Promise.resolve();
  /** Strict order: the first entry, when its row says that it is parked or held. */
  #stuckFirst: number | undefined;
  #paused: string | undefined;
  #stopped = false;
  #running = false;
  #idle: (() => void)[] = [];

  private constructor(
    queue: QueueIdentity,
    order: Order,
    options: PipelineOptions,
    parts: PipelineParts,
    state: OpenState,
  ) {
    this.queue = queue;
    this.#order = order;
    this.#parts = parts;
    this.#planner = options.planner;
    this.#effects = new Map((options.effects ?? []).map((handler) => [handler.kind, handler]));
    this.#parkLimit = options.parkLimit ?? 10_000;
    this.reader = state.reader;
    this.#room = state.room;
    this.#lowWater = state.lowWater;
    this.#hold = new Hold(queue, parts, state.hold);
    this.#limited = new Retries(parts.clock, (sequence) => {
      this.#timesUp = this.#timesUp.then(() => this.#timeIsUp(sequence));
    });
  }

  static async open(
    queue: QueueIdentity,
    order: Order,
    options: PipelineOptions,
    parts: PipelineParts,
  ): Promise<PipelineConsumer> {
    const [row] = await parts.database.query<{
      low_water: number;
      next_sequence: number;
      hold_reason: string | null;
    }>(progressOf, [queue.id]);
    if (!row) throw new Error(`queue ${queue.name} has no progress row`);
    const reader = parts.reader(queue, row.low_water, row.next_sequence - 1);
    const room = await WaitingRoom.open(parts.database, queue.id, reader);
    const state = { reader, room, lowWater: row.low_water, hold: row.hold_reason ?? undefined };
    const consumer = new PipelineConsumer(queue, order, options, parts, state);
    reader.onOffer(() => consumer.#wake());
    await consumer.#resumeExceptions();
    await consumer.#wakeKeys(await room.keysToWake());
    consumer.#wake();
    return consumer;
  }

  status(): ConsumerStatus {
    const reason = this.#hold.reason ?? this.#paused;
    const state = this.#stopped
      ? 'stopped'
      : this.#hold.reason
        ? 'held'
        : this.#paused
          ? 'paused'
          : 'running';
    return { queue: this.queue.name, state, inFlight: this.#running ? 1 : 0, ...(reason ? { reason } : {}) };
  }

  pause(reason: string): void {
    this.#paused = reason;
  }

  resume(): void {
    this.#paused = undefined;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#limited.cancelAll();
    await this.#timesUp;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  // ---- operators (Q11)

  /** Lets a parked or held entry go on now, or after a restart. False when there is no such entry. */
  async release(sequence: number): Promise<boolean> {
    if (this.#order === 'strict') {
      if (this.#stuckFirst !== sequence) return false;
      await this.#clearStrict();
      return true;
    }
    const returning = await this.#takeBack(sequence);
    if (!returning) return false;
    const released = { sequence, state: 'blocked', keys: returning.keys, attempts: 0 } as const;
    await this.#commitRows({ exceptions: [released] });
    this.#returning.push(returning);
    this.#wake();
    return true;
  }

  async skip(sequence: number, detail: string): Promise<boolean> {
    const journal = [this.#journalRow(sequence, 'skipped', { detail })];
    if (this.#order === 'strict') {
      if (this.#stuckFirst !== sequence) return false;
      await this.#clearStrict({ journal, lowWater: sequence });
      return true;
    }
    const returning = await this.#takeBack(sequence);
    if (!returning) return false;
    await this.#commitRows({ journal, finishedExceptions: [sequence] });
    await this.#finished([returning]);
    return true;
  }

  hold(reason: string): Promise<void> {
    return this.#hold.set(reason);
  }

  /** In strict order this lets the parked entry that the pipeline holds for go on. */
  async unhold(): Promise<void> {
    await this.#clearStrict();
  }

  // ---- the loop

  #wake(): void {
    if (this.#running || this.#stopped || this.#hold.reason || this.#paused) return;
    if (!this.reader.behind && this.#returning.length === 0 && this.#carried.length === 0) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (await this.#turn());
    } catch (error) {
      const fenced = error instanceof IsthmusError && error.code === 'QUEUE_FENCED';
      if (!fenced && !this.#stopped) {
        this.#parts.logger.error(
          { err: error, queue: this.queue.name },
          'the pipeline stumbled; going on from its last position',
        );
        await pause(this.#parts.clock, retryPauseMs);
      }
    }
    this.#running = false;
    for (const done of this.#idle.splice(0)) done();
    if (this.#parts.lease.valid()) this.#wake();
    else if (!this.#stopped) this.#parts.clock.after(retryPauseMs, () => this.#wake());
  }

  /** One batch; false when there is nothing to do. Planning the next batch overlaps with nothing: it would see stale holds. */
  async #turn(): Promise<boolean> {
    if (this.#stopped || this.#hold.reason || this.#paused || !this.#parts.lease.valid()) return false;
    const returning = this.#returning.splice(0, batchEntries);
    if (returning.length > 0) {
      await this.#process(returning, true);
      return true;
    }
    if (this.#carried.length === 0) {
      const taken = await this.reader.take(batchEntries);
      // After a restart the reader stands before what was skipped since.
      this.#carried = taken.filter((entry) => entry.sequence > this.#lowWater);
    }
    if (this.#carried.length === 0) return false;
    await this.#process(this.#carried, false);
    return true;
  }

  async #process(entries: readonly StoredEntry[], returning: boolean): Promise<void> {
    const plans = await Promise.all(entries.map((entry) => this.#plan(entry)));
    await this.#commit(entries.map((entry, index) => ({ entry, plan: plans[index] ?? nothing, returning })));
  }

  async #plan(entry: StoredEntry): Promise<Plan> {
    try {
      return await this.#planner(entry);
    } catch (error) {
      this.#parts.logger.error(
        { err: error, queue: entry.queue, messageId: entry.messageId },
        'a step failed',
      );
      return { outcome: 'park', error: toIsthmusError(error, 'STEP_FAILED') };
    }
  }

  /** All at once; when the database rejects that, one by one, and who is rejected alone is tried again, held or parked, by why. */
  async #commit(planned: readonly Planned[]): Promise<void> {
    const judged = this.#judge(planned);
    const result = await this.#write(judged);
    if (result.placed) await this.#committed(planned, judged, result.placed);
    else await this.#commitOneByOne(planned, result.rejected);
  }

  async #write(
    judged: Judged,
  ): Promise<{ placed: PlacedEntry[] } | { placed?: undefined; rejected: unknown }> {
    try {
      const placed = await this.#parts.committer.commit({
        queueId: this.queue.id,
        lowWater: judged.lowWater,
        from: judged.lowWater > this.#lowWater ? this.#lowWater : undefined,
        going: judged.going,
        journal: judged.journal,
        exceptions: judged.exceptions,
        finishedExceptions: judged.finished.map((entry) => entry.sequence),
        effects: this.#effects,
      });
      return { placed };
    } catch (error) {
      const fenced = error instanceof IsthmusError && error.code === 'QUEUE_FENCED';
      const failure = classifyFailure(error);
      if (!fenced && (failure === 'rejected' || failure === 'conflict')) return { rejected: error };
      throw error;
    }
  }

  async #commitOneByOne(planned: readonly Planned[], error: unknown): Promise<void> {
    if (planned.length > 1) {
      for (const item of planned) if (!this.#hold.reason) await this.#commit([item]);
      return;
    }
    const [only] = planned;
    if (only?.plan.outcome !== 'go') throw error;
    const { conflicts = 0 } = only;
    if (isRolledBack(error) && conflicts < maxConflicts && !this.#stopped) {
      await pause(this.#parts.clock, retryPauseMs);
      await this.#commit([{ ...only, conflicts: conflicts + 1 }]);
    } else await this.#commit([{ ...only, plan: this.#planOfRejected(only.entry, error) }]);
  }

  #planOfRejected({ messageId }: StoredEntry, error: unknown): Plan {
    const { logger } = this.#parts;
    const about = { queue: this.queue.name, messageId };
    if (error instanceof EntryHeld) {
      const { reason, forMs } = error;
      logger.info({ ...about, reason, forMs }, 'a message is held');
      return { outcome: 'hold', reason, forMs };
    }
    logger.error({ ...about, err: error }, 'a message could not be written');
    return { outcome: 'park', error: toIsthmusError(error, 'INVALID_RESOURCE') };
  }

  /** In order: an entry behind a held key is blocked, whatever was planned for it. Touches no state: that follows the commit. */
  #judge(planned: readonly Planned[]): Judged {
    const judged: Judged = {
      going: [],
      journal: [],
      exceptions: [],
      finished: [],
      blocked: [],
      lowWater: this.#lowWater,
    };
    const heldNow = new Set<string>();
    for (const { entry, plan, returning } of planned) {
      const held = entry.keys.some((key) => heldNow.has(key) || (!returning && this.#room.held.has(key)));
      if (held && this.#order === 'key') {
        judged.exceptions.push({ sequence: entry.sequence, state: 'blocked', keys: entry.keys, attempts: 0 });
        judged.blocked.push(entry);
        for (const key of entry.keys) heldNow.add(key);
      } else if (plan.outcome === 'park' || plan.outcome === 'hold') {
        judged.exceptions.push(this.#exceptionOf(entry, plan));
        judged.journal.push(
          this.#journalRow(entry.sequence, plan.outcome === 'park' ? 'parked' : 'held', reasonOf(plan)),
        );
        for (const key of entry.keys) heldNow.add(key);
        if (this.#order === 'strict') break;
      } else {
        if (plan.outcome === 'filtered')
          judged.journal.push(this.#journalRow(entry.sequence, 'filtered', { detail: plan.reason }));
        else judged.going.push({ entry, outgoing: plan.outgoing, effects: plan.effects });
        if (returning) judged.finished.push(entry);
      }
      if (!returning) judged.lowWater = entry.sequence;
    }
    return judged;
  }

  async #committed(
    planned: readonly Planned[],
    judged: Judged,
    placed: readonly PlacedEntry[],
  ): Promise<void> {
    this.#lowWater = judged.lowWater;
    const excepted = new Set(judged.exceptions.map((row) => row.sequence));
    for (const { entry, returning } of planned) {
      if (excepted.has(entry.sequence) && !returning && this.#order === 'key')
        this.#room.held.hold(entry.keys);
      if (excepted.has(entry.sequence) && returning) this.#room.returned(entry.sequence);
    }
    this.#carried = this.#carried.filter((entry) => entry.sequence > this.#lowWater);
    this.#report(planned, judged, placed);
    await this.#holdIfNeeded(judged);
    await this.#finished(judged.finished);
  }

  async #holdIfNeeded(judged: Judged): Promise<void> {
    const stuck = judged.exceptions.filter((row) => row.state !== 'blocked');
    this.#room.parked += stuck.length;
    for (const row of stuck) this.#limit(row.sequence, row.until);
    if (this.#order === 'strict' && stuck[0]) await this.#holdFor(stuck[0]);
    else if (this.#room.parked > this.#parkLimit) await this.#hold.setQuietly('QUEUE_PARK_LIMIT');
  }

  /** Strict order: nothing passes it. */
  async #holdFor({ sequence, state }: Pick<ExceptionRow, 'sequence' | 'state'>): Promise<void> {
    this.#stuckFirst = sequence;
    await this.#hold.setQuietly(holdReasonOf(sequence, state));
  }

  #limit(sequence: number, until: Date | null | undefined): void {
    if (until) this.#limited.schedule(sequence, untried, until.getTime() - this.#parts.clock.now().getTime());
  }

  /** A hold for a limited time ends; an operator's hold of the whole queue does not. */
  async #timeIsUp(sequence: number): Promise<void> {
    const strict = this.#order === 'strict';
    if (this.#stopped || (strict && this.#hold.reason !== holdReasonOf(sequence, 'held'))) return;
    try {
      await this.release(sequence);
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'a held entry could not go on; trying again',
      );
      this.#limited.schedule(sequence, untried, retryPauseMs);
    }
  }

  /** What stands in the table from before: limited holds end, and in strict order the queue holds, though its hold may not have been written. */
  async #resumeExceptions(): Promise<void> {
    const stuck = await this.#room.stuck();
    for (const row of stuck) this.#limit(row.sequence, row.until);
    const [first] = stuck;
    if (this.#order !== 'strict' || !first) return;
    this.#stuckFirst = first.sequence;
    if (!this.#hold.reason) await this.#holdFor(first);
  }

  async #finished(entries: readonly StoredEntry[]): Promise<void> {
    for (const entry of entries) this.#room.finished(entry);
    await this.#wakeKeys(entries.flatMap((entry) => entry.keys));
  }

  async #wakeKeys(keys: readonly string[]): Promise<void> {
    if (keys.length === 0 || this.#stopped) return;
    try {
      const woken = await this.#room.wake(keys, (key) =>
        this.#returning.some((entry) => entry.keys.includes(key)),
      );
      this.#returning.push(...woken.map(({ entry }) => entry));
      this.#wake();
    } catch (error) {
      this.#parts.logger.warn(
        { err: error, queue: this.queue.name },
        'waiting entries could not be loaded; trying again',
      );
      this.#parts.clock.after(retryPauseMs, () => void this.#wakeKeys(keys));
    }
  }

  async #takeBack(sequence: number): Promise<StoredEntry | undefined> {
    const state = await this.#room.stateOf(sequence);
    if (!state || state === 'blocked') return undefined;
    const returning = await this.#room.claim(sequence, 0, () => false);
    if (!returning) return undefined;
    this.#limited.cancel(sequence);
    this.#room.parked -= 1;
    return returning.entry;
  }

  /** Ends the park of the first entry, and the hold with it. */
  async #clearStrict(more: Partial<PipelineBatch> = {}): Promise<void> {
    const stuck = this.#stuckFirst;
    await this.#hold.clear(async () => {
      if (stuck === undefined) return;
      await this.#commitRows({ finishedExceptions: [stuck], ...more });
      this.#lowWater = more.lowWater ?? this.#lowWater;
      this.#carried = this.#carried.filter((entry) => entry.sequence > this.#lowWater);
      this.#limited.cancel(stuck);
      this.#room.parked -= 1;
      this.#stuckFirst = undefined;
    });
    this.#wake();
  }

  async #commitRows(rows: Partial<PipelineBatch>): Promise<void> {
    await this.#parts.committer.commit({
      queueId: this.queue.id,
      lowWater: this.#lowWater,
      from: undefined,
      going: [],
      journal: [],
      exceptions: [],
      finishedExceptions: [],
      effects: this.#effects,
      ...rows,
    });
  }

  #exceptionOf(entry: StoredEntry, plan: Extract<Plan, { outcome: 'park' | 'hold' }>): ExceptionRow {
    const row = { sequence: entry.sequence, keys: entry.keys, attempts: 1 };
    if (plan.outcome === 'park')
      return { ...row, state: 'parked', code: plan.error.code, reason: plan.error.message };
    const until =
      plan.forMs === undefined ? {} : { until: new Date(this.#parts.clock.now().getTime() + plan.forMs) };
    return { ...row, state: 'held', reason: plan.reason, ...until };
  }

  #journalRow(sequence: number, outcome: string, more: { code?: string; detail?: string }): JournalRow {
    return { sequence, attempt: 1, at: this.#parts.clock.now(), outcome, durationMs: 0, ...more };
  }

  #report(planned: readonly Planned[], judged: Judged, placed: readonly PlacedEntry[]): void {
    const { events } = this.#parts;
    const blocked = new Set(judged.blocked);
    const byEntry = new Map<StoredEntry, PlacedEntry[]>();
    for (const item of placed) byEntry.set(item.from, [...(byEntry.get(item.from) ?? []), item]);
    for (const { entry, plan } of planned) {
      const outgoing = byEntry.get(entry) ?? [];
      const outcome = blocked.has(entry) ? 'blocked' : plan.outcome;
      const reason = plan.outcome === 'park' || plan.outcome === 'hold' ? reasonOf(plan) : undefined;
      const detail = reason ? { reason: reason.detail } : {};
      events.emit('planned', { queue: this.queue.name, entry, outcome, outgoing, ...detail });
      if (!reason || outcome === 'blocked') continue;
      events.emit('parked', {
        queue: this.queue.name,
        entry,
        ...(reason.code ? { code: reason.code } : {}),
        ...detail,
      });
    }
  }
}

/** SQLSTATE class 40, a deadlock or a serialization failure, or an effect that says so. A key that is there twice is no such thing, and stays. */
const isRolledBack = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(40\w{3}|CONFLICT)$/.test(error.code);

const untried = { attempts: 0, errors: 0 };

const holdReasonOf = (sequence: number, state: string): string => `entry ${sequence} is ${state}`;

const nothing: Plan = { outcome: 'go', outgoing: [], effects: [] };

function reasonOf(plan: Extract<Plan, { outcome: 'park' | 'hold' }>): { code?: string; detail: string } {
  return plan.outcome === 'park'
    ? { code: plan.error.code, detail: plan.error.message }
    : { detail: plan.reason };
}

interface OpenState {
  readonly reader: Reader;
  readonly room: WaitingRoom;
  readonly lowWater: number;
  readonly hold: string | undefined;
}
