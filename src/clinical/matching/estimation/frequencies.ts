import type { Frequencies } from '../model/types.ts';

/** How many records the model's own frequencies count for beside the data. */
const STRENGTH = 2000;
const LARGEST = 3000;

/** How often names are borne in the data, drawn towards what was known before: a name seen once in a small set is not common. */
export function frequenciesOf(names: readonly string[], basis: Frequencies): Frequencies {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = names.length + STRENGTH;
  const known = (name: string): number =>
    Object.hasOwn(basis.table, name) ? (basis.table[name] ?? basis.rest) : basis.rest;
  const often = [...counts]
    .filter(([, count]) => count >= 3)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const table: Record<string, number> = {};
  for (const [name, count] of often.slice(0, LARGEST))
    table[name] = round((count + STRENGTH * known(name)) / all);
  for (const [name, frequency] of Object.entries(basis.table))
    table[name] ??= round((STRENGTH * frequency + (counts.get(name) ?? 0)) / all);
  return { table, rest: round((1.5 + STRENGTH * basis.rest) / all) };
}

const round = (value: number): number => Number(value.toPrecision(3));
