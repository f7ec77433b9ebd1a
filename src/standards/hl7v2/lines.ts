import { CR, findByte, isAlphanumeric, LF } from './bytes.ts';

export interface LineOptions {
  /** Where the first line begins. */
  readonly start: number;
  /** Take CR LF and LF as segment ends, too. */
  readonly tolerant: boolean;
  /** The byte that follows a segment name; -1 when it may be any visible character that is neither letter nor digit. */
  readonly fieldSeparator: number;
  /** Stop looking behind so many lines. */
  readonly maxLines?: number;
}

/**
 * Cuts bytes into lines: [start, end, start, end, ...] without their line ends; empty ones (when
 * `tolerant`, blank ones) are left out. The standard's
 * only segment end is CR (2.5.1 section 2.5.1). When `tolerant`, CR LF and LF are taken too: where the first line ends
 * with a bare LF every LF ends a segment; where it ends with CR, an LF does so only behind a CR, before another segment
 * or at the very end, because senders leave bare LFs inside text.
 */
export function indexLines(bytes: Buffer, options: LineOptions): number[] {
  const mixed = options.tolerant && bytes.indexOf(LF, options.start) >= 0;
  return mixed ? cutTolerantly(bytes, options) : cutAtCr(bytes, options);
}

function cutAtCr(bytes: Buffer, options: LineOptions): number[] {
  const lines: number[] = [];
  const most = 2 * (options.maxLines ?? Number.POSITIVE_INFINITY);
  let at = options.start;
  while (at < bytes.length && lines.length < most) {
    const found = bytes.indexOf(CR, at);
    const end = found < 0 ? bytes.length : found;
    if (end > at && !(options.tolerant && isBlank(bytes, at, end))) lines.push(at, end);
    at = end + 1;
  }
  return lines;
}

function cutTolerantly(bytes: Buffer, options: LineOptions): number[] {
  const everyLf = firstLineEndsWithBareLf(bytes, options.start);
  const nextLf = (from: number) => {
    let lf = indexOrEnd(bytes, LF, from);
    while (!everyLf && lf < bytes.length && !endsSegment(bytes, lf, options.fieldSeparator)) {
      lf = indexOrEnd(bytes, LF, lf + 1);
    }
    return lf;
  };
  const lines: number[] = [];
  const most = 2 * (options.maxLines ?? Number.POSITIVE_INFINITY);
  let cr = -1;
  let lf = -1;
  for (let at = options.start; at < bytes.length && lines.length < most; ) {
    if (cr < at) cr = indexOrEnd(bytes, CR, at);
    if (lf < at) lf = nextLf(at);
    const end = Math.min(cr, lf);
    if (end > at && !isBlank(bytes, at, end)) lines.push(at, end);
    at = end + 1;
  }
  return lines;
}

function firstLineEndsWithBareLf(bytes: Buffer, start: number): boolean {
  const lf = bytes.indexOf(LF, start);
  return findByte(bytes, CR, { from: start, to: lf }) < 0;
}

function endsSegment(bytes: Buffer, lf: number, fieldSeparator: number): boolean {
  const before = bytes[lf - 1];
  const after = bytes[lf + 1];
  if (before === CR || before === LF || after === undefined || after === CR || after === LF) return true;
  return beginsSegment(bytes, lf + 1, fieldSeparator);
}

/** A segment name (three letters or digits, the first a capital) and then the field separator. */
export function beginsSegment(bytes: Buffer, at: number, fieldSeparator: number): boolean {
  const first = bytes[at] ?? 0;
  if (first < 0x41 || first > 0x5a || !isAlphanumeric(bytes[at + 1]) || !isAlphanumeric(bytes[at + 2]))
    return false;
  const separator = bytes[at + 3] ?? 0;
  return fieldSeparator < 0
    ? separator > 0x20 && separator < 0x7f && !isAlphanumeric(separator)
    : separator === fieldSeparator;
}

function indexOrEnd(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found < 0 ? bytes.length : found;
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0x20 && bytes[at] !== 0x09) return false;
  return true;
}
