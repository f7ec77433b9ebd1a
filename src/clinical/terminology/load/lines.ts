import { Damaged } from './failures.ts';
import type { InputFile, Meter } from './types.ts';

/** Lines that were read together, without their ends. */
export interface LineBatch {
  /** Number of the first line, from 1. */
  readonly first: number;
  readonly lines: readonly string[];
}

export interface LineOptions {
  readonly encoding?: 'utf-8' | 'windows-1252';
  /** The format ends every line, so a last one that has no end was cut off. */
  readonly mustEndLine?: boolean;
}

/** No format has longer ones; more is not text of lines. */
const MAX_LINE = 1_048_576;

/**
 * The lines of a file in pieces of what is read at once, so that memory does not grow with the file. Throws Damaged for bytes that are not of the encoding, for a line
 * beyond 1 MiB, and for a file that is cut off.
 */
export async function* linesOf(
  file: InputFile,
  meter: Meter,
  { encoding = 'utf-8', mustEndLine = false }: LineOptions = {},
): AsyncGenerator<LineBatch> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let first = 1;
  let rest = '';
  const decoded = (chunk?: Buffer): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new Damaged(file.name, first + wrongLine(chunk), NOT_TEXT[encoding]);
    }
  };
  for await (const chunk of file.open(meter)) {
    const text = rest + decoded(chunk);
    const zero = text.indexOf('\0');
    if (zero !== -1)
      throw new Damaged(file.name, first + countLines(text.slice(0, zero)), 'text without zero bytes');
    const end = text.lastIndexOf('\n');
    rest = text.slice(end + 1);
    if (end !== -1) {
      const lines = splitLines(text.slice(0, end));
      yield { first, lines };
      first += lines.length;
    }
    if (rest.length > MAX_LINE)
      throw new Damaged(file.name, first, `lines of at most ${MAX_LINE} characters`);
  }
  rest += decoded();
  if (rest === '') return;
  if (mustEndLine) throw new Damaged(file.name, first, 'every line is ended: the file was cut off');
  yield { first, lines: splitLines(rest) };
}

const NOT_TEXT = {
  'utf-8': 'text in UTF-8 (--encoding windows-1252 reads older files of CMS)',
  'windows-1252': 'text in windows-1252',
} as const;

const splitLines = (text: string): string[] =>
  text.includes('\r')
    ? text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    : text.split('\n');

const countLines = (text: string): number => text.split('\n').length - 1;

/** How many lines after the first of what is unread the wrong byte stands. */
function wrongLine(chunk: Buffer | undefined): number {
  if (!chunk) return 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for (let start = 0; start < chunk.length; line += 1) {
    const end = chunk.indexOf(0x0a, start);
    const bytes = chunk.subarray(start, end === -1 ? chunk.length : end);
    try {
      decoder.decode(bytes);
    } catch {
      // The first line of a piece may begin within a character; then the wrong byte is further on, or it is this line.
      if (line > 0 || end === -1) return line;
    }
    if (end === -1) return line;
    start = end + 1;
  }
  return Math.max(0, line - 1);
}
