import { type Clock, pause } from '../../foundation/clock/index.ts';
import { type Keyring, randomId, sha256 } from '../../foundation/crypto/index.ts';
import { classifyFailure, type Database, type DatabaseFailure } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { joinKeys, pack } from './blob.ts';
import { Gathering } from './gathering.ts';
import { sealedAs } from './reader.ts';
import { acceptBatch } from './sql.ts';
import type { AcceptedMessage, MessageDraft } from './types.ts';

/**
 * The intake (Q1, Q2, Q10): what waits is written together, one batch at a time, and each sender hears only after the commit.
 * A batch whose outcome is unknown is written again: the duplicate rule finds what had been committed.
 */

/** Where a draft goes, resolved by the registry. */
export interface IntakeTarget {
  readonly queueId: number;
  readonly queue: string;
  readonly channel: string;
  readonly routeId: number;
}

export interface AcceptedEntry {
  readonly target: IntakeTarget;
  readonly draft: MessageDraft;
  readonly message: AcceptedMessage;
}

interface Waiting {
  readonly target: IntakeTarget;
  readonly draft: MessageDraft;
  readonly contentHash: Buffer;
  readonly controlHash: bigint;
  readonly deadlineMs: number;
  readonly resolve: (message: AcceptedMessage) => void;
  readonly reject: (error: IsthmusError) => void;
}

export interface IntakeLimits {
  /** Bytes that may wait to be written; beyond, senders are told to come again. One message is always let in. */
  readonly waitingBytes: number;
  readonly batchMessages: number;
  readonly batchBytes: number;
  /** How long a sender is kept waiting for a database that does not answer, before it is told to come again. */
  readonly patienceMs: number;
}

export const defaultIntakeLimits: IntakeLimits = {
  waitingBytes: 64 * 1024 * 1024,
  batchMessages: 400,
  batchBytes: 8 * 1024 * 1024,
  patienceMs: 10_000,
};

/** Between tries while the database is away. */
const retryPauseMs = 50;

interface IntakeOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly keyring: Keyring | undefined;
  readonly limits: IntakeLimits;
  readonly epoch: () => number;
  /** The new messages of a batch, in sequence order; called before the senders are told. */
  readonly onCommitted: (entries: readonly AcceptedEntry[]) => void;
  readonly onReused: (entry: AcceptedEntry) => void;
  readonly onFenced: () => void;
}

interface AcceptRow {
  readonly ord: number;
  readonly outcome: 'new' | 'duplicate' | 'reused';
  readonly message_id: number;
  readonly sequence: number | null;
  readonly received_at: Date;
  readonly reused: boolean;
}

export class IntakeCommitter {
  readonly #options: IntakeOptions;
  readonly #gathering: Gathering;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #busy = false;
  #idle: (() => void)[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#gathering = new Gathering(options.clock);
  }

  /** Resolves after the commit. Rejects with QUEUE_FULL, QUEUE_CONTROL_ID_REUSED, QUEUE_FENCED or DATABASE_*. */
  accept(target: IntakeTarget, draft: MessageDraft): Promise<AcceptedMessage> {
    const bytes = draft.body.byteLength;
    const { limits, clock } = this.#options;
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > limits.waitingBytes) {
      return Promise.reject(new IsthmusError('QUEUE_FULL', { place: target.queue }));
    }
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      const id = draft.controlId ?? randomId();
      this.#waiting.push({
        target,
        draft,
        resolve,
        reject,
        contentHash: sha256(draft.body),
        controlHash: controlHashOf(id),
        deadlineMs: clock.monotonicMs() + limits.patienceMs,
      });
      this.#gathering.arrived(this.#waiting.length);
      this.#wake();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (!this.#busy && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    if (this.#busy) return;
    this.#busy = true;
    // After this turn's reads: what arrived on other connections in the same turn joins the batch.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gathering.forMore(this.#waiting.length);
      const batch = this.#takeBatch();
      await this.#flush(batch);
      this.#gathering.committed(batch.length, this.#waiting.length);
    }
    this.#busy = false;
    for (const done of this.#idle.splice(0)) done();
  }

  /** The next batch. Two messages with one control id never share a batch, so that the second meets the first in the table. */
  #takeBatch(): Waiting[] {
    const { batchMessages, batchBytes } = this.#options.limits;
    const ids = new Set<bigint>();
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      if (count >= batchMessages || ids.has(item.controlHash)) break;
      if (count > 0 && bytes + item.draft.body.byteLength > batchBytes) break;
      ids.add(item.controlHash);
      bytes += item.draft.body.byteLength;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #flush(batch: Waiting[]): Promise<void> {
    try {
      this.#settle(batch, await this.#write(batch));
      this.#forget(batch);
    } catch (thrown) {
      await this.#fail(batch, thrown);
    }
  }

  /** Unavailable: the batch stays first until each sender's patience ends. Rejected: one by one, to find whose fault it is. */
  async #fail(batch: Waiting[], thrown: unknown): Promise<void> {
    const { clock } = this.#options;
    const failure = classifyFailure(thrown);
    if (failure === 'rejected' && batch.length > 1) {
      for (const item of batch) await this.#flush([item]);
      return;
    }
    const retry = failure === 'unavailable' || failure === 'conflict';
    const keep = retry ? batch.filter((item) => item.deadlineMs > clock.monotonicMs()) : [];
    const drop = batch.filter((item) => !keep.includes(item));
    for (const item of drop) item.reject(refusal(failure, thrown));
    this.#forget(drop);
    this.#waiting = [...keep, ...this.#waiting];
    if (keep.length > 0) await pause(clock, retryPauseMs);
  }

  #forget(batch: readonly Waiting[]): void {
    for (const item of batch) this.#waitingBytes -= item.draft.body.byteLength;
  }

  #write(batch: readonly Waiting[]): Promise<AcceptRow[]> {
    const { database, clock, epoch, keyring } = this.#options;
    const sealed = batch.map((item) => keyring?.seal(item.draft.body, sealedAs));
    const bodies = pack(batch.map((item, n) => sealed[n]?.sealed ?? item.draft.body));
    const column = <T>(pick: (item: Waiting) => T): T[] => batch.map(pick);
    return database.query<AcceptRow>(acceptBatch, [
      epoch(),
      clock.now(),
      bodies.blob,
      Buffer.concat(column((item) => item.contentHash)),
      column((item) => item.target.queueId),
      column((item) => item.target.channel),
      bodies.from,
      bodies.length,
      column((item) => item.draft.sender),
      column((item) => item.draft.controlId ?? ''),
      column((item) => item.controlHash.toString()),
      column((item) => contentPrefixOf(item).toString()),
      column((item) => item.draft.type),
      column((item) => item.draft.contentType),
      column((item) => item.draft.correlationId),
      column((item) => joinKeys(item.draft.keys)),
      column((item) => item.target.routeId),
      column((item) => item.draft.reuse),
      sealed.map((seal) => seal?.keyId ?? ''),
    ]);
  }

  #settle(batch: readonly Waiting[], rows: readonly AcceptRow[]): void {
    const byOrd = new Map(rows.map((row) => [row.ord, row]));
    const committed: AcceptedEntry[] = [];
    const answers: (() => void)[] = [];
    let fenced = false;
    for (const [index, item] of batch.entries()) {
      const row = byOrd.get(index + 1);
      if (!row) {
        fenced = true;
        item.reject(new IsthmusError('QUEUE_FENCED', { place: item.target.queue }));
        continue;
      }
      if (row.outcome === 'reused') {
        item.reject(new IsthmusError('QUEUE_CONTROL_ID_REUSED', { place: `${item.target.queue}: MSH-10` }));
        continue;
      }
      const message = {
        messageId: row.message_id,
        sequence: row.sequence ?? 0,
        receivedAt: row.received_at,
        duplicate: row.outcome === 'duplicate',
      };
      const entry = { target: item.target, draft: item.draft, message };
      if (row.outcome === 'new') committed.push(entry);
      if (row.reused) this.#options.onReused(entry);
      answers.push(() => item.resolve(message));
    }
    this.#options.onCommitted(committed);
    for (const answer of answers) answer();
    if (fenced) this.#options.onFenced();
  }
}

function refusal(failure: DatabaseFailure, cause: unknown): IsthmusError {
  if (cause instanceof IsthmusError) return cause;
  if (failure === 'full') return new IsthmusError('DATABASE_FULL', { cause });
  return new IsthmusError(failure === 'rejected' ? 'INTERNAL' : 'DATABASE_UNAVAILABLE', { cause });
}

/** What the duplicate rule and look-ups by control id search by. */
export const controlHashOf = (controlId: string): bigint => sha256(Buffer.from(controlId)).readBigInt64BE(0);

/**
 * Of channel, sender and content. With the control hash it is unique in the table, so that a retry that overtakes its first try can't
 * store the message twice.
 */
const contentPrefixOf = ({ target, draft, contentHash }: Waiting): bigint =>
  contentHash.readBigInt64BE(0) ^ originHash(`${target.channel}\u0000${draft.sender}`);

/** Origins are few and come with every message. */
const originHashes = new Map<string, bigint>();
const originsRemembered = 1_000;

function originHash(origin: string): bigint {
  const known = originHashes.get(origin);
  if (known !== undefined) return known;
  const hash = sha256(Buffer.from(origin)).readBigInt64BE(0);
  if (originHashes.size >= originsRemembered) originHashes.clear();
  originHashes.set(origin, hash);
  return hash;
}
