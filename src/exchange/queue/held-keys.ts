/** How many exceptions each key carries: while there is one, later entries of the key wait in the table and not in memory (Q5). */
export class HeldKeys {
  readonly #counts: Map<string, number>;

  constructor(counts: Iterable<readonly [string, number]> = []) {
    this.#counts = new Map(counts);
  }

  get size(): number {
    return this.#counts.size;
  }

  has(key: string): boolean {
    return this.#counts.has(key);
  }

  any(keys: readonly string[]): boolean {
    return keys.some((key) => this.#counts.has(key));
  }

  hold(keys: readonly string[]): void {
    for (const key of new Set(keys)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  free(keys: readonly string[]): void {
    for (const key of new Set(keys)) {
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }
}
