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

/** All pieces of a range cut at a delimiter; at least one. */
export function piecesOf(bytes: Buffer, range: ByteRange, delimiter: number): ByteRange[] {
  const pieces: ByteRange[] = [];
  let from = range.from;
  for (;;) {
    const found = delimiter < 0 ? -1 : findByte(bytes, delimiter, { from, to: range.to });
    if (found < 0) {
      pieces.push({ from, to: range.to });
      return pieces;
    }
    pieces.push({ from, to: found });
    from = found + 1;
  }
}

const QUOTE = 0x22;

/** Exactly two quotation marks: the null of HL7 ("delete what you have"). */
export function isNullValue(bytes: Buffer, range: ByteRange): boolean {
  return range.to - range.from === 2 && bytes[range.from] === QUOTE && bytes[range.from + 1] === QUOTE;
}
