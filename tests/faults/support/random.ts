/** Chance that can be repeated: mulberry32. The seed is printed when a test fails; FAULTS_SEED=… runs the same again. */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31))) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)] as T;
  }
}

/** Runs the work with a seed, which an error then names. */
export async function withSeed(work: (random: Random) => Promise<void> | void): Promise<void> {
  const random = new Random();
  try {
    await work(random);
  } catch (error) {
    throw new Error(`with FAULTS_SEED=${random.seed}`, { cause: error });
  }
}
