import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../../foundation/clock/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import type { MessageParts } from '../message/message.ts';
import {
  beatIndex,
  defaultStepTimeoutMs,
  type FromWorker,
  type FunctionAddress,
  type FunctionOutcome,
  type FunctionRunner,
  limitIndex,
  placeOf,
  pulseBytes,
  runningIndex,
  type StepBatch,
  type StepRequest,
  stepIndex,
  type WorkerStart,
} from './protocol.ts';

export interface StepHostOptions {
  /** The file of the worker. */
  readonly workerFile: string;
  /** The bundled configuration whose functions are run. */
  readonly module: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The longest limit any step declares: how long a thread may stay silent while something waits in it. Default 5 s. */
  readonly longestLimitMs?: number;
  /** Lets `console.log` of the functions through. Never with real messages: their output may hold patient data. Default false. */
  readonly showOutput?: boolean;
  /** The worker's heap. Default 256 MB. */
  readonly maxHeapMb?: number;
}

export interface StepHost extends FunctionRunner {
  /** How often the thread had to be ended. */
  readonly restarts: number;
  /** Ends the thread; what is under way comes back as `unavailable`. */
  stop(): Promise<void>;
}

/** Messages in the thread at once, and their bytes. What is more waits here, in the entries that the queue holds anyway. */
const maxInWorker = 256;
const maxBytesInWorker = 32 * 1024 * 1024;
const watchEveryMs = 100;

interface Pending {
  readonly request: StepRequest;
  readonly settle: (outcome: FunctionOutcome) => void;
  /** It was in a thread that had to be ended, and may be why: it runs alone next time. */
  suspect: boolean;
}

/** One worker thread for the functions of one configuration, restarted after a hang or a crash (CH20-CH26). */
export class WorkerStepHost implements StepHost {
  restarts = 0;
  readonly #options: StepHostOptions;
  readonly #waiting: Pending[] = [];
  readonly #inWorker = new Map<number, Pending>();
  #bytesInWorker = 0;
  #worker: Worker | undefined;
  #ready = false;
  #pulse = new Int32Array(new SharedArrayBuffer(pulseBytes));
  #lastBeat = 0;
  #lastBeatAt = 0;
  #watch: Timer | undefined;
  #scheduled = false;
  #nextId = 1;
  #stopped = false;

  constructor(options: StepHostOptions) {
    this.#options = options;
  }

  run(address: FunctionAddress, message: MessageParts): Promise<FunctionOutcome> {
    return new Promise((resolve) => {
      const request = { id: this.#nextId++, address, message };
      const pending: Pending = { request, settle: resolve, suspect: false };
      if (this.#stopped) return this.#turnAway(pending, 'the step worker was stopped');
      this.#waiting.push(pending);
      this.#schedule();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch?.cancel();
    for (const pending of [...this.#inWorker.values(), ...this.#waiting.splice(0)])
      this.#turnAway(pending, 'the step worker was stopped');
    this.#inWorker.clear();
    await this.#worker?.terminate();
  }

  /** What is asked for in one turn goes over in one message. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#stopped || this.#waiting.length === 0) return;
    if (!this.#worker) this.#start();
    if (!this.#worker || !this.#ready) return;
    const alone = this.#waiting[0]?.suspect === true;
    if (alone && this.#inWorker.size > 0) return;
    const batch = alone ? this.#waiting.splice(0, 1) : this.#takeBatch();
    if (batch.length === 0) return;
    for (const pending of batch) this.#inWorker.set(pending.request.id, pending);
    if (!this.#watch) this.#startWatch();
    this.#worker.postMessage({ requests: batch.map(({ request }) => request), alone } satisfies StepBatch);
  }

  #takeBatch(): Pending[] {
    const batch: Pending[] = [];
    let next = this.#waiting[0];
    while (next && !next.suspect && this.#inWorker.size + batch.length < maxInWorker) {
      const size = next.request.message.content.byteLength;
      if (this.#bytesInWorker > 0 && this.#bytesInWorker + size > maxBytesInWorker) break;
      this.#bytesInWorker += size;
      batch.push(next);
      this.#waiting.shift();
      next = this.#waiting[0];
    }
    return batch;
  }

  #start(): void {
    this.#pulse = new Int32Array(new SharedArrayBuffer(pulseBytes));
    const pulse = this.#pulse.buffer as SharedArrayBuffer;
    const worker = new Worker(this.#options.workerFile, {
      workerData: { module: this.#options.module, pulse } satisfies WorkerStart,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxHeapMb ?? 256 },
      env: {},
      stdout: true,
      stderr: true,
      name: 'isthmus-steps',
    });
    this.#worker = worker;
    this.#ready = false;
    if (this.#options.showOutput) {
      worker.stdout.pipe(process.stderr, { end: false });
      worker.stderr.pipe(process.stderr, { end: false });
    } else {
      worker.stdout.resume();
      worker.stderr.resume();
    }
    worker.on('message', (message: FromWorker) => this.#receive(worker, message));
    worker.on('error', (error) => this.#crashed(worker, error));
    worker.on('exit', () => this.#crashed(worker, undefined));
    this.#startWatch();
  }

  #receive(worker: Worker, message: FromWorker): void {
    if (worker !== this.#worker) return;
    if (message.kind === 'ready') this.#ready = true;
    else for (const { id, outcome } of message.answers) this.#settle(id, outcome);
    this.#dispatch();
    if (this.#ready && this.#inWorker.size === 0) this.#endWatch();
  }

  #settle(id: number, outcome: FunctionOutcome): void {
    const pending = this.#inWorker.get(id);
    if (!pending) return;
    this.#inWorker.delete(id);
    this.#bytesInWorker = Math.max(0, this.#bytesInWorker - pending.request.message.content.byteLength);
    pending.settle(outcome);
  }

  #startWatch(): void {
    this.#watch?.cancel();
    this.#lastBeat = Atomics.load(this.#pulse, beatIndex);
    this.#lastBeatAt = this.#options.clock.monotonicMs();
    const look = () => {
      this.#watch = this.#options.clock.after(watchEveryMs, look);
      this.#look();
    };
    this.#watch = this.#options.clock.after(watchEveryMs, look);
  }

  #endWatch(): void {
    this.#watch?.cancel();
    this.#watch = undefined;
  }

  /** The thread beats while it lives. Silent for longer than the running function may take, it is ended. */
  #look(): void {
    const beat = Atomics.load(this.#pulse, beatIndex);
    const now = this.#options.clock.monotonicMs();
    if (beat !== this.#lastBeat) {
      this.#lastBeat = beat;
      this.#lastBeatAt = now;
      return;
    }
    const running = Atomics.load(this.#pulse, runningIndex);
    const longest = this.#options.longestLimitMs ?? defaultStepTimeoutMs;
    const limitMs =
      running > 0 ? Atomics.load(this.#pulse, limitIndex) : Math.max(longest, startLimitMs(this.#ready));
    if (now - this.#lastBeatAt < limitMs) return;
    this.#replace(this.#worker, { code: 'STEP_TIMEOUT', rule: `at most ${limitMs} ms`, cause: '' });
  }

  #crashed(worker: Worker, error: unknown): void {
    if (worker !== this.#worker || this.#stopped) return;
    const outOfMemory =
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const rule = outOfMemory ? 'more memory than a step may have' : 'the step ended its thread';
    const cause = error instanceof Error ? (error.stack ?? error.message) : '';
    this.#replace(worker, { code: 'STEP_FAILED', rule, cause });
  }

  /** Ends the thread. The function that was running is to blame; when none was, all that were under way run alone next time. */
  #replace(
    worker: Worker | undefined,
    failure: { code: 'STEP_TIMEOUT' | 'STEP_FAILED'; rule: string; cause: string },
  ): void {
    const running = Atomics.load(this.#pulse, runningIndex);
    const step = Atomics.load(this.#pulse, stepIndex);
    const inWorker = [...this.#inWorker.values()];
    const guilty =
      inWorker.find(({ request }) => request.id === running) ??
      (inWorker.length === 1 ? inWorker[0] : undefined);
    const neverReady = !this.#ready;
    this.#worker = undefined;
    this.#ready = false;
    this.#inWorker.clear();
    this.#bytesInWorker = 0;
    this.#endWatch();
    this.restarts++;
    this.#options.logger.error({ code: failure.code, restarts: this.restarts }, 'step worker ended');
    void worker?.terminate();
    const again = inWorker.filter((pending) => pending !== guilty);
    if (!guilty) for (const pending of again) pending.suspect = true;
    this.#waiting.unshift(...again);
    if (guilty)
      guilty.settle({ outcome: 'failed', place: placeOf(guilty.request.address, step), ...failure });
    // A thread that does not even start would be started for ever: what waits for it is held, and comes again later.
    if (neverReady)
      for (const pending of this.#waiting.splice(0))
        this.#turnAway(pending, 'the step worker does not start');
    this.#schedule();
  }

  #turnAway(pending: Pending, reason: string): void {
    pending.settle({ outcome: 'unavailable', reason });
  }
}

/** Loading a large configuration may take longer than a step. */
const startLimitMs = (ready: boolean) => (ready ? 0 : 15_000);
