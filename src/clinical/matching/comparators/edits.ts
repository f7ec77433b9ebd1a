import { bits, lettersOf } from './letters.ts';

/**
 * Number of edits between two texts (insert, delete, replace, swap of neighbours: optimal string alignment), as far as `limit`;
 * `limit + 1` when there are more. Texts of more than 64 characters count as too far apart unless equal.
 */
export function edits(a: string, b: string, limit: number): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > limit || a.length > MAX || b.length > MAX) return limit + 1;
  let start = 0;
  while (start < a.length && start < b.length && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA -= 1;
    endB -= 1;
  }
  const one = a.slice(start, endA);
  const other = b.slice(start, endB);
  // One edit exchanges at most one letter for another, so it changes at most two bits.
  if (bits(lettersOf(one) ^ lettersOf(other)) > 2 * limit) return limit + 1;
  return table(one, other, limit);
}

const MAX = 64;

/** Reused between calls: matching is synchronous. */
const rows: readonly [Uint8Array, Uint8Array, Uint8Array] = [
  new Uint8Array(MAX + 1),
  new Uint8Array(MAX + 1),
  new Uint8Array(MAX + 1),
];

function table(a: string, b: string, limit: number): number {
  let [before, above, row] = rows;
  for (let j = 0; j <= b.length; j += 1) above[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    row[0] = i;
    let best = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      const exchanged =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (exchanged) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row[j] = least;
      if (least < best) best = least;
    }
    // An exchange reaches back two rows, so the row above must be out of reach as well; one more is enough of a margin.
    if (best > limit + 1) return limit + 1;
    [before, above, row] = [above, row, before];
  }
  return Math.min(limit + 1, above[b.length] ?? 0);
}
