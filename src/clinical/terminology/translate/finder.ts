import type { Queryable } from '../../../foundation/database/index.ts';
import type { TerminologySource } from '../../../standards/terminology/index.ts';
import { findAll } from './find.ts';
import type { Lookup } from './lookups.ts';
import { type Found, Memory } from './memory.ts';
import type { CompiledRules } from './rules.ts';
import type { Find } from './translate-all.ts';

/** What is loaded, as of one state of it. */
export interface Loaded {
  /** Another text whenever something is loaded, retired or decided. One cheap statement. */
  generation(queryable: Queryable): Promise<string>;
  source(): Promise<TerminologySource>;
}

/** How codes are found by some rules, as of the state that the transaction sees. */
export type FinderOf = (rules: CompiledRules) => Find;

/** Remembers, for as long as nothing is loaded, what it found. Throws when terminology can't be read. */
export function createFinder(loaded: Loaded): (queryable: Queryable) => Promise<FinderOf> {
  let memory: Memory | undefined;
  return async (queryable) => {
    const generation = await loaded.generation(queryable);
    if (memory?.generation !== generation) memory = new Memory(generation);
    const current = memory;
    return (rules) => (lookups) => findIn(current, { rules, lookups, open: () => loaded.source() });
  };
}

interface Finding {
  readonly rules: CompiledRules;
  readonly lookups: readonly Lookup[];
  readonly open: () => Promise<TerminologySource>;
}

/** Kept aside from memory, too: a batch may ask for more than memory holds. */
async function findIn(
  memory: Memory,
  { rules, lookups, open }: Finding,
): Promise<ReadonlyMap<string, Found>> {
  const keyed = (key: string) => `${rules.key}\n${key}`;
  const known = new Map<string, Found>();
  const misses: Lookup[] = [];
  for (const lookup of lookups) {
    const found = memory.get(keyed(lookup.key));
    if (found) known.set(lookup.key, found);
    else misses.push(lookup);
  }
  if (misses.length === 0) return known;
  const found = await findAll(misses, rules, await open());
  for (const [index, { key }] of misses.entries()) {
    const one = found[index];
    if (!one) continue;
    memory.set(keyed(key), one);
    known.set(key, one);
  }
  return known;
}
