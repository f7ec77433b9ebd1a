import { bits, lettersOf } from './letters.ts';

/** Reused between calls: matching is synchronous, and names are short. */
const flagsA = new Uint8Array(64);
const flagsB = new Uint8Array(64);

/**
 * Jaro-Winkler similarity, 0 to 1, prefix weight 0.1 over at most four letters (Winkler 1990). Only the first 64 characters count.
 */
function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  const lengthA = Math.min(a.length, 64);
  const lengthB = Math.min(b.length, 64);
  if (lengthA === 0 || lengthB === 0) return 0;
  const reach = Math.max(0, (Math.max(lengthA, lengthB) >> 1) - 1);
  flagsA.fill(0, 0, lengthA);
  flagsB.fill(0, 0, lengthB);
  let matches = 0;
  for (let i = 0; i < lengthA; i += 1) {
    const code = a.charCodeAt(i);
    const end = Math.min(lengthB, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j += 1) {
      if (flagsB[j] === 0 && b.charCodeAt(j) === code) {
        flagsA[i] = 1;
        flagsB[j] = 1;
        matches += 1;
        break;
      }
    }
  }
  if (matches === 0) return 0;
  let crossed = 0;
  for (let i = 0, j = 0; i < lengthA; i += 1) {
    if (flagsA[i] === 0) continue;
    while (flagsB[j] === 0) j += 1;
    if (a.charCodeAt(i) !== b.charCodeAt(j)) crossed += 1;
    j += 1;
  }
  const jaro = (matches / lengthA + matches / lengthB + (matches - crossed / 2) / matches) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < lengthA && prefix < lengthB && a.charCodeAt(prefix) === b.charCodeAt(prefix))
    prefix += 1;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** The similarity where it is at least `least`, and 0 where it can be seen from the letters alone that it is not: most pairs of names. */
export function jaroWinklerFrom(a: string, b: string, least: number): number {
  const one = lettersOf(a);
  const other = lettersOf(b);
  // A letter that the other has not matches nothing.
  const matches = Math.min(a.length - bits(one & ~other), b.length - bits(other & ~one));
  const jaro = (matches / a.length + matches / b.length + 1) / 3;
  return jaro + 0.4 * (1 - jaro) < least ? 0 : jaroWinkler(a, b);
}
