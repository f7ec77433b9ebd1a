import {
  type EntrySummary,
  listEntries,
  listQueues,
  type OperatorAction,
  requestOperation,
} from '../../../src/exchange/queue/index.ts';
import type { Database } from '../../../src/foundation/database/index.ts';
import type { Actors } from './actors.ts';
import type { History, Operation } from './history.ts';
import type { Step } from './script.ts';

export interface Request {
  readonly action: OperatorAction;
  readonly queue: string;
  readonly sequence?: number;
  readonly messageId?: number;
}

/** The process that is to answer; none when the queue has no consumer at present. */
export interface Answering {
  readonly death: Promise<void>;
  isDead(): boolean;
  readonly limitMs: number;
}

/** The operators of a script: choose what there is to act on, ask, and note the answers. */
export class Operators {
  readonly #database: Database;
  readonly #history: History;
  readonly #actors: Actors;

  constructor(database: Database, history: History, actors: Actors) {
    this.#database = database;
    this.#history = history;
    this.#actors = actors;
  }

  /** What a step of the script comes to, with what is in the queues now. */
  async choose(
    step: Extract<Step, { do: 'operate' }>,
  ): Promise<{ request: Request; message?: string } | undefined> {
    const queues = await listQueues(this.#database);
    const queue = queues[step.queue % (queues.length || 1)]?.name;
    if (queue === undefined) return undefined;
    const { action } = step;
    if (action === 'replay') {
      const places = this.#history.attempts.filter((item) => item.queue === queue);
      const place = places[(step.entry === 'all' ? 0 : step.entry) % (places.length || 1)];
      return place && { request: { action, queue, messageId: place.messageId }, message: place.message };
    }
    const entries = await listEntries(this.#database, { queue, limit: 1_000 });
    const stuck = entries.filter((item) => item.state === 'parked' || item.state === 'held');
    const choice = stuck.length > 0 ? stuck : entries;
    const entry = step.entry === 'all' ? undefined : choice[step.entry % (choice.length || 1)];
    // Which entries "all" are at the moment it is applied only the product knows, so scripts skip one by one.
    if (action === 'skip' && !entry) return undefined;
    if (step.mend) this.#mend(queue, entry ? [entry] : stuck);
    const isTargeted = (action === 'release' || action === 'skip') && entry !== undefined;
    return { request: { action, queue, ...(isTargeted ? { sequence: entry.sequence } : {}) } };
  }

  /** The cause is mended, too. */
  #mend(queue: string, entries: readonly EntrySummary[]): void {
    const sequences = new Set(entries.map((item) => item.sequence));
    for (const planning of this.#history.plannings)
      if (planning.queue === queue && sequences.has(planning.sequence)) this.#actors.mend(planning.message);
  }

  /** Asks, and waits for the answer while somebody is there to give it. */
  async ask(request: Request, by: Answering | undefined, message?: string): Promise<void> {
    const operation: Operation = {
      action: request.action,
      queue: request.queue,
      sequence: request.sequence,
      message,
      at: this.#history.tick(),
      answeredAt: Number.POSITIVE_INFINITY,
      affected: undefined,
    };
    this.#history.operations.push(operation);
    const asking = this.#request(operation, request, by?.limitMs ?? 0);
    await (by ? Promise.race([asking, by.death]) : asking);
    if (by && !by.isDead() && operation.answeredAt === Number.POSITIVE_INFINITY)
      throw new Error(`Q11 ${request.action} of ${request.queue} was not answered in ${by.limitMs} ms`);
  }

  async #request(operation: Operation, request: Request, waitMs: number): Promise<void> {
    const asked = { ...request, actor: 'operator', reason: 'the script says so' };
    const outcome = await requestOperation(this.#database, asked, waitMs);
    if (outcome.state !== 'applied') return;
    operation.answeredAt = this.#history.tick();
    const faults = [...this.#history.crashes, ...this.#history.failures];
    const wasDisturbed = faults.some((at) => at > operation.at);
    // Disturbed on its way it may have been applied before, and found nothing to do when it was asked again.
    operation.affected = wasDisturbed ? outcome.affected || undefined : outcome.affected;
  }
}
