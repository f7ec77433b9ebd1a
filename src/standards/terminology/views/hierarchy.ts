import type { Concept } from '../types.ts';

/** Who is above and below whom, of concepts in memory. Cycles are passed through once. */
export class Hierarchy {
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, string[]>();
  readonly roots: readonly string[];

  constructor(concepts: readonly Concept[]) {
    const known = new Set(concepts.map(({ code }) => code));
    const roots: string[] = [];
    for (const { code, parents } of concepts) {
      const above = parents.filter((parent) => known.has(parent) && parent !== code);
      this.#parents.set(code, above);
      if (above.length === 0) roots.push(code);
      for (const parent of above) {
        const siblings = this.#children.get(parent);
        if (siblings) siblings.push(code);
        else this.#children.set(parent, [code]);
      }
    }
    this.roots = roots;
  }

  children(code: string): readonly string[] {
    return this.#children.get(code) ?? [];
  }

  parents(code: string): readonly string[] {
    return this.#parents.get(code) ?? [];
  }

  /** Without the code itself, also where the hierarchy comes back to it. */
  descendants(code: string): ReadonlySet<string> {
    return reached(code, this.#children);
  }

  ancestors(code: string): ReadonlySet<string> {
    return reached(code, this.#parents);
  }
}

function reached(from: string, next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(next.get(from) ?? [])];
  for (let code = open.pop(); code !== undefined; code = open.pop()) {
    if (found.has(code) || code === from) continue;
    found.add(code);
    open.push(...(next.get(code) ?? []));
  }
  return found;
}
