/**
 * Who may go first, as pure data: entries stand in line on each of their keys and are ready when they are first on all of them
 * (Q5). A merge is an entry with two keys, and that is the whole fence. In strict order every entry has the one key `*`.
 */
export class Gates<Item extends { readonly sequence: number }> {
  readonly #lines = new Map<string, number[]>();
  readonly #waiting = new Map<number, { item: Item; keys: readonly string[]; missing: number }>();

  get size(): number {
    return this.#waiting.size;
  }

  has(key: string): boolean {
    return this.#lines.has(key);
  }

  /** Puts an item at the end of its lines; true when it is first on all of them. Items come in sequence order per key. */
  admit(item: Item, keys: readonly string[]): boolean {
    const unique = keys.length > 1 ? [...new Set(keys)] : keys;
    let missing = 0;
    for (const key of unique) {
      const line = this.#lines.get(key);
      if (line) {
        line.push(item.sequence);
        missing += 1;
      } else this.#lines.set(key, [item.sequence]);
    }
    this.#waiting.set(item.sequence, { item, keys: unique, missing });
    return missing === 0;
  }

  /** Takes an item that is first out of its lines; returns who became ready by it, in sequence order. */
  finish(sequence: number): Item[] {
    const done = this.#waiting.get(sequence);
    if (!done) return [];
    if (done.missing > 0) throw new Error('gates: finished an item that was not first on its keys');
    this.#waiting.delete(sequence);
    const ready: Item[] = [];
    for (const key of done.keys) {
      const line = this.#lines.get(key) ?? [];
      line.shift();
      const next = line[0];
      if (next === undefined) {
        this.#lines.delete(key);
        continue;
      }
      const waiting = this.#waiting.get(next);
      if (waiting && --waiting.missing === 0) ready.push(waiting.item);
    }
    return ready.sort((a, b) => a.sequence - b.sequence);
  }

  /** Takes out the items that wait behind `sequence` on its keys, directly or through others, latest last. They did not start. */
  evictBehind(keys: readonly string[]): Item[] {
    const evicted = new Map<number, { item: Item; keys: readonly string[] }>();
    const tainted = new Set(keys);
    for (const [sequence, entry] of [...this.#waiting].sort(([a], [b]) => a - b)) {
      if (entry.missing === 0 || !entry.keys.some((key) => tainted.has(key))) continue;
      evicted.set(sequence, entry);
      for (const key of entry.keys) tainted.add(key);
    }
    for (const [sequence, entry] of evicted) {
      this.#waiting.delete(sequence);
      for (const key of entry.keys) {
        const line = (this.#lines.get(key) ?? []).filter((other) => other !== sequence);
        if (line.length > 0) this.#lines.set(key, line);
        else this.#lines.delete(key);
      }
    }
    return [...evicted.values()].map((entry) => entry.item);
  }
}
