import type { Added } from './added.ts';

/** What came of one code: its translations, none where no map has one. */
export interface Found {
  readonly added: readonly Added[];
}

const MAX_FOUND = 20_000;

/** What was looked up lately, known-unmapped codes too, as of one generation of what is loaded; the least lately used goes first. */
export class Memory {
  readonly generation: string;
  readonly #found = new Map<string, Found>();

  constructor(generation: string) {
    this.generation = generation;
  }

  get(key: string): Found | undefined {
    const found = this.#found.get(key);
    if (!found) return undefined;
    // Moved behind the others only when it gets old enough to matter.
    if (this.#found.size === MAX_FOUND) {
      this.#found.delete(key);
      this.#found.set(key, found);
    }
    return found;
  }

  set(key: string, found: Found): void {
    if (this.#found.size >= MAX_FOUND) {
      const [oldest] = this.#found.keys();
      if (oldest !== undefined) this.#found.delete(oldest);
    }
    this.#found.set(key, found);
  }
}
