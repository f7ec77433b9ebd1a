import { type Clock, pause } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import {
  classifyFailure,
  type Database,
  type Queryable,
  type Transaction,
} from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { joinKeys, pack } from './blob.ts';
import { idempotencyKeyOf, type StoredEntry, sealedAs } from './reader.ts';
import type { Registry } from './registry.ts';
import { type ExceptionRow, type JournalRow, journalColumns, writeExceptionRows } from './settlement.ts';
import { appendEntries, exceptionOf, progressOf } from './sql.ts';
import type { Effect, EffectHandler, OutgoingDraft } from './types.ts';

/**
 * The one committer of a node's pipelines (Q3): what the steps planned, for all channels together, in one transaction: effects
 * (the record), outgoing entries, the intake's position. The locks of the outgoing queues are taken last and in id order.
 */

/** An intake entry that goes on: what it writes and where it goes. */
export interface Going {
  readonly entry: StoredEntry;
  readonly outgoing: readonly OutgoingDraft[];
  readonly effects: readonly Effect[];
}

/** What one channel wants committed: a run of its intake queue, in order. */
export interface PipelineBatch {
  readonly queueId: number;
  /** The new position; the old one again when only exceptions are settled. */
  readonly lowWater: number;
  /** The position that this batch moves on from; undefined when it does not move. */
  readonly from: number | undefined;
  readonly going: readonly Going[];
  readonly journal: readonly JournalRow[];
  readonly exceptions: readonly ExceptionRow[];
  readonly finishedExceptions: readonly number[];
  readonly effects: ReadonlyMap<string, EffectHandler>;
}

export interface PlacedEntry {
  readonly from: StoredEntry;
  readonly queue: string;
  readonly sequence: number;
  readonly label: string | undefined;
}

interface Job {
  readonly batch: PipelineBatch;
  /** Serialization failures and violated uniqueness look alike: after some tries it is the batch's own fault. */
  conflicts: number;
  readonly resolve: (placed: PlacedEntry[]) => void;
  readonly reject: (error: unknown) => void;
}

interface CommitterOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly keyring: Keyring | undefined;
  readonly epoch: () => number;
  readonly onFenced: () => void;
}

interface Outgoing {
  readonly from: StoredEntry;
  readonly queueId: number;
  readonly draft: OutgoingDraft;
}

const retryPauseMs = 100;
const conflictTries = 3;

export class PipelineCommitter {
  readonly #options: CommitterOptions;
  #jobs: Job[] = [];
  #busy = false;
  #stopped = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Resolves after the commit with the outgoing entries. Rejects when the database rejects the batch; anything else is tried again. */
  commit(batch: PipelineBatch): Promise<PlacedEntry[]> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ batch, resolve, reject, conflicts: 0 });
      if (!this.#busy) void this.#run();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#jobs.length > 0) await this.#attempt(this.#takeJobs());
    this.#busy = false;
  }

  /** What waits, at most one batch of each queue: its position moves once in a transaction. */
  #takeJobs(): Job[] {
    const queues = new Set<number>();
    const taken = this.#jobs.filter((job) => !queues.has(job.batch.queueId) && queues.add(job.batch.queueId));
    this.#jobs = this.#jobs.filter((job) => !taken.includes(job));
    return taken;
  }

  async #attempt(jobs: readonly Job[]): Promise<void> {
    try {
      const placed = await this.#write(jobs.map((job) => job.batch));
      this.#offer(placed);
      for (const [index, job] of jobs.entries())
        job.resolve(placed[index]?.map(({ placed: entry }) => entry) ?? []);
    } catch (error) {
      await this.#failed(jobs, error);
    }
  }

  async #failed(jobs: readonly Job[], error: unknown): Promise<void> {
    if (error instanceof IsthmusError && error.code === 'QUEUE_FENCED') {
      this.#options.onFenced();
      for (const job of jobs) job.reject(error);
      return;
    }
    const failure = error instanceof PositionMoved ? 'unavailable' : classifyFailure(error);
    if (failure === 'conflict') for (const job of jobs) job.conflicts += 1;
    if (failure === 'rejected' || jobs.some((job) => job.conflicts >= conflictTries)) {
      // Whose fault it is, is found by committing them alone.
      if (jobs.length === 1) jobs[0]?.reject(error);
      else for (const job of jobs) await this.#attempt([job]);
      return;
    }
    if (this.#stopped) {
      for (const job of jobs) job.reject(error);
      return;
    }
    this.#options.logger.warn({ err: error, failure }, 'a batch could not be committed; trying again');
    await pause(this.#options.clock, retryPauseMs);
    await this.#again(jobs);
  }

  /** The outcome of a broken commit is unknown: what the tables show as done is done, the rest is written again. */
  async #again(jobs: readonly Job[]): Promise<void> {
    const open: Job[] = [];
    const unknown = [...jobs];
    try {
      for (let job = unknown[0]; job; job = unknown[0]) {
        if (await this.#wasCommitted(job.batch)) {
          await this.#options.registry.refreshReaders();
          job.resolve([]);
        } else open.push(job);
        unknown.shift();
      }
    } catch (error) {
      return this.#failed([...open, ...unknown], error);
    }
    if (open.length > 0) await this.#attempt(open);
  }

  async #wasCommitted(batch: PipelineBatch): Promise<boolean> {
    const { database } = this.#options;
    const [finished] = batch.finishedExceptions;
    if (finished !== undefined)
      return (await database.query(exceptionOf, [batch.queueId, finished])).length === 0;
    const [row] = await database.query<{ low_water: number }>(progressOf, [batch.queueId]);
    return batch.from !== undefined && row !== undefined && row.low_water >= batch.lowWater;
  }

  /** One statement when that is all there is to write; a transaction when effects or exceptions come with it. */
  #write(batches: readonly PipelineBatch[]): Promise<Placing[][]> {
    const { database } = this.#options;
    if (batches.every(isPlain))
      return this.#append(
        database,
        batches,
        batches.map((batch) => batch.going.flatMap((going) => this.#route(going, going.outgoing))),
      );
    return database.transaction(async (transaction) => {
      const outgoing = await this.#applyEffects(transaction, batches);
      await this.#writeExceptions(transaction, batches);
      return this.#append(transaction, batches, outgoing);
    });
  }

  /** Each kind of effect once for all batches, in order; what the handlers add to the outgoing queues comes after what the steps planned. */
  async #applyEffects(transaction: Transaction, batches: readonly PipelineBatch[]): Promise<Outgoing[][]> {
    const drafts = new Map<Going, OutgoingDraft[]>();
    for (const batch of batches) for (const going of batch.going) drafts.set(going, [...going.outgoing]);
    const kinds = new Map<EffectHandler, { going: Going; entry: StoredEntry; value: unknown }[]>();
    for (const batch of batches) {
      for (const going of batch.going) {
        for (const effect of going.effects) {
          const handler = batch.effects.get(effect.kind);
          if (!handler) throw new Error(`no handler for effects of kind ${effect.kind}`);
          const items = kinds.get(handler) ?? [];
          kinds.set(handler, items);
          items.push({ going, entry: going.entry, value: effect.value });
        }
      }
    }
    for (const [handler, items] of kinds) {
      const added = await handler.apply(transaction, items);
      for (const [index, item] of items.entries()) drafts.get(item.going)?.push(...(added[index] ?? []));
    }
    return batches.map((batch) =>
      batch.going.flatMap((going) => this.#route(going, drafts.get(going) ?? [])),
    );
  }

  /** Only destinations pinned at acceptance; one that was removed since gets the message as it came, parked with its queue (Q6). */
  #route(going: Going, drafts: readonly OutgoingDraft[]): Outgoing[] {
    const { registry } = this.#options;
    const pinned = registry.pinned(going.entry.routeId);
    const routed = drafts
      .map((draft) => ({ from: going.entry, queueId: registry.byName(draft.queue).id, draft }))
      .filter((item) => pinned.has(item.queueId));
    const removed = [...pinned].map((id) => registry.byId(id)).filter((queue) => queue?.removed);
    return [
      ...routed,
      ...removed.flatMap((queue) =>
        queue ? [{ from: going.entry, queueId: queue.id, draft: { queue: queue.name } }] : [],
      ),
    ];
  }

  async #writeExceptions(transaction: Transaction, batches: readonly PipelineBatch[]): Promise<void> {
    const epoch = this.#options.epoch();
    const gone = await writeExceptionRows(transaction, epoch, batches);
    if (gone < batches.reduce((sum, batch) => sum + batch.finishedExceptions.length, 0))
      throw new PositionMoved();
  }

  async #append(
    connection: Queryable,
    batches: readonly PipelineBatch[],
    outgoing: readonly Outgoing[][],
  ): Promise<Placing[][]> {
    const all = outgoing.flat();
    const sealed = all.map(
      ({ draft }) => draft.content && this.#options.keyring?.seal(draft.content, sealedAs),
    );
    const contents = pack(all.map(({ draft }, index) => sealed[index]?.sealed ?? draft.content));
    const [row] = await connection.query<AppendedRow>(appendEntries, [
      this.#options.epoch(),
      contents.blob,
      all.map((item) => item.queueId),
      all.map((item) => item.from.messageId),
      all.map((item) => joinKeys(item.draft.keys ?? item.from.keys)),
      all.map((item) => item.draft.label ?? ''),
      all.map((item) => item.draft.contentType ?? ''),
      contents.from,
      contents.length,
      sealed.map((seal) => seal?.keyId ?? ''),
      batches.map((batch) => batch.queueId),
      batches.map((batch) => batch.lowWater),
      batches.map((batch) => batch.from ?? null),
      ...journalColumns(
        batches.flatMap((batch) => batch.journal.map((row) => ({ queueId: batch.queueId, ...row }))),
      ),
    ]);
    if (!row?.written) throw row?.stale ? new IsthmusError('QUEUE_FENCED') : new PositionMoved();
    let next = 0;
    return outgoing.map((items) => items.map((item) => this.#place(item, row.sequences[next++] ?? 0)));
  }

  #place(item: Outgoing, sequence: number): Placing {
    const queue = this.#options.registry.byId(item.queueId);
    const identity = queue ?? { id: item.queueId, name: item.draft.queue, installation: '' };
    const { from, draft } = item;
    const entry: StoredEntry = {
      ...from,
      queue: identity.name,
      sequence,
      routeId: null,
      keys: draft.keys ?? from.keys,
      content: draft.content ?? from.content,
      contentType: draft.contentType ?? from.contentType,
      label: draft.label,
      idempotencyKey: idempotencyKeyOf(identity, sequence),
      attempt: 1,
    };
    return {
      queueId: item.queueId,
      entry,
      placed: { from, queue: identity.name, sequence, label: draft.label },
    };
  }

  #offer(placed: readonly Placing[][]): void {
    const byQueue = new Map<number, StoredEntry[]>();
    for (const { queueId, entry } of placed.flat()) {
      const list = byQueue.get(queueId);
      if (list) list.push(entry);
      else byQueue.set(queueId, [entry]);
    }
    for (const [queueId, entries] of byQueue) this.#options.registry.reader(queueId)?.offer(entries);
  }
}

interface Placing {
  readonly queueId: number;
  readonly entry: StoredEntry;
  readonly placed: PlacedEntry;
}

interface AppendedRow {
  readonly sequences: number[];
  /** False: nothing was written, because a position was not where its batch began or the epoch is stale. */
  readonly written: boolean;
  readonly stale: boolean;
}

const isPlain = (batch: PipelineBatch): boolean =>
  batch.exceptions.length + batch.finishedExceptions.length === 0 &&
  batch.going.every((going) => going.effects.length === 0);

/** The position or an exception is not where this batch began: an earlier try of it was committed after all, or another node owns. */
class PositionMoved extends Error {}
