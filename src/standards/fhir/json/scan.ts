import { markedIfInexact } from './marks.ts';

/** What one pass over the text tells before anything is built from it. */
export interface Scan {
  /** The text, with the decimals that a JavaScript number would change as marked strings. */
  readonly text: string;
  /** How many members its objects have together, repeated ones counted as often as they stand. */
  readonly members: number;
  /** Deepest nesting of arrays and objects; 0 for a lone value. */
  readonly depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Reads the text's tokens without judging its grammar, which is JSON.parse's: what is said of a text that is no JSON has no meaning. */
export function scan(text: string): Scan {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let exact = '';
  let taken = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === 0x3a) members += 1;
    else if (unit === 0x7b || unit === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (unit === 0x7d || unit === 0x5d) depth -= 1;
    else if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      const marked = markedIfInexact(token);
      if (marked !== token) {
        exact += text.slice(taken, at) + marked;
        taken = end;
      }
      at = end - 1;
    }
  }
  return { text: taken === 0 ? text : exact + text.slice(taken), members, depth: deepest };
}

/** The index of the closing quote; of the last character where there is none. */
export function endOfString(text: string, opening: number): number {
  let quote = text.indexOf('"', opening + 1);
  while (quote !== -1) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length - 1;
}

/** The index after the last character that may belong to a number. */
function endOfNumber(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const digit = unit >= 0x30 && unit <= 0x39;
    if (!digit && unit !== 0x2e && unit !== 0x2b && unit !== 0x2d && unit !== 0x65 && unit !== 0x45) break;
  }
  return at;
}
