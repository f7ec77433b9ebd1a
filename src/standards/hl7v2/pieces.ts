import { findByte } from './bytes.ts';
import type { ByteRange } from './escapes.ts';

/** The n-th piece (from 1) of a range cut at a delimiter, or undefined when there are fewer. -1 is a delimiter that never occurs. */
export function pieceOf(
  bytes: Buffer,
  range: ByteRange,
  cut: { delimiter: number; n: number },
): ByteRange | undefined {
  if (cut.delimiter < 0) return cut.n === 1 ? range : undefined;
  let from = range.from;
  for (let n = 1; ; n++) {
    const found = findByte(bytes, cut.delimiter, { from, to: range.to });
    if (n === cut.n) return { from, to: found < 0 ? range.to : found };
    if (found < 0) return undefined;
    from = found + 1;
  }
}

/**
 * More pieces than any real field or segment has. Whoever cuts into objects stops there, because 50 MB of `~` would
 * otherwise become gigabytes.
 */
export const MAX_PIECES = 65_536;

/** All pieces of a range cut at a delimiter, at least one and at most one more than MAX_PIECES (then it is to be refused). */
export function piecesOf(bytes: Buffer, range: ByteRange, delimiter: number): ByteRange[] {
  const pieces: ByteRange[] = [];
  let from = range.from;
  while (pieces.length < MAX_PIECES) {
    const found = delimiter < 0 ? -1 : findByte(bytes, delimiter, { from, to: range.to });
    if (found < 0) break;
    pieces.push({ from, to: found });
    from = found + 1;
  }
  pieces.push({ from, to: range.to });
  return pieces;
}

/** How many pieces a delimiter makes of a range, without making them. */
export function countPieces(bytes: Buffer, range: ByteRange, delimiter: number): number {
  let count = 1;
  if (delimiter < 0) return count;
  for (let at = range.from; at < range.to; at++) if (bytes[at] === delimiter) count++;
  return count;
}

const QUOTE = 0x22;

/** Exactly two quotation marks: the null of HL7 ("delete what you have"). */
export function isNullValue(bytes: Buffer, range: ByteRange): boolean {
  return range.to - range.from === 2 && bytes[range.from] === QUOTE && bytes[range.from + 1] === QUOTE;
}
