import type { Clock } from '../clock/index.ts';
import { IsthmusError } from '../errors/index.ts';

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Works that run at the same time. */
  readonly running: number;
  /** Works that wait their turn; who comes then is told to come again. Default 4,096. */
  readonly waiting?: number;
  /** How long one waits; default 20 s. */
  readonly patienceMs?: number;
}

/**
 * Lets so many works run at a time and the others wait in order, so that a thousand of them at once neither take every connection from
 * the engine nor time out in the pool. Throws BUSY.
 */
export class Admission {
  readonly #options: Required<AdmissionOptions>;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor({ waiting = 4_096, patienceMs = 20_000, ...options }: AdmissionOptions) {
    this.#options = { waiting, patienceMs, ...options };
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.running) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** Who ends hands its place to the one that waits longest. */
  #next(): void {
    const [first] = this.#waiting;
    if (first) first();
    else this.#running -= 1;
  }

  #turn(): Promise<void> {
    const { clock, waiting, patienceMs } = this.#options;
    if (this.#waiting.size >= waiting) throw busy();
    return new Promise((resolve, reject) => {
      const timer = clock.after(patienceMs, () => {
        this.#waiting.delete(enter);
        reject(busy());
      });
      const enter = () => {
        this.#waiting.delete(enter);
        timer.cancel();
        resolve();
      };
      this.#waiting.add(enter);
    });
  }
}

const busy = () => new IsthmusError('BUSY');
