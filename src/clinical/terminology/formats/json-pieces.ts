import { Damaged } from '../load/failures.ts';
import type { InputFile, Meter } from '../load/types.ts';

/** One member of a long list, as text. */
export interface JsonPiece {
  /** `concept`, or `group.element`. */
  readonly path: string;
  /** Of the group that it stands in, from 0. */
  readonly group: number;
  readonly line: number;
  readonly text: string;
}

const MAX_PIECE = 64 * 1_048_576;
/** Of everything beside the long lists. */
const MAX_REST = 16 * 1_048_576;
const MAX_DEPTH = 200;

interface Frame {
  readonly isArray: boolean;
  /** Names from the root, without places in arrays. */
  readonly path: string;
}

/**
 * A JSON document with lists too long to be held: their members come one by one, as texts, and what is around them last, with empty lists in their place. Memory is that of the longest member. Throws Damaged for
 * what is no JSON or was cut off, for a member beyond 64 MiB and for more than 16 MiB around the lists.
 */
export async function* piecesOf(
  file: InputFile,
  meter: Meter,
  lists: readonly string[],
): AsyncGenerator<{ readonly pieces: readonly JsonPiece[]; readonly rest?: string }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const scanner = new Scanner(file, lists);
  for await (const chunk of file.open(meter)) {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch {
      throw new Damaged(file.name, scanner.line, 'text in UTF-8');
    }
    yield { pieces: scanner.scan(text) };
  }
  yield { pieces: [], rest: scanner.end() };
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, NEWLINE] = [
  34, 92, 123, 125, 91, 93, 44, 10,
];
const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === NEWLINE;

class Scanner {
  line = 1;
  readonly #file: InputFile;
  readonly #lists: ReadonlySet<string>;
  readonly #stack: Frame[] = [];
  #isEnded = false;
  /** Within a string, and whether the next character is escaped. */
  #inString = false;
  #isEscaped = false;
  /** The last string that was ended outside of a piece: a key, if a colon follows. */
  #string = '';
  #rest = '';
  /** The member that is being read: how deep, where it began, and what of it came with earlier text. */
  #depth = 0;
  #piece = '';
  #pieceLine = 0;
  #group = -1;
  /** A list's members are parted by commas. */
  #needsComma = false;

  constructor(file: InputFile, lists: readonly string[]) {
    this.#file = file;
    this.#lists = new Set(lists);
  }

  scan(text: string): JsonPiece[] {
    const found: JsonPiece[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const c = text.charCodeAt(at);
      if (c === NEWLINE) this.line += 1;
      if (this.#inString) {
        this.#inStringAt(c);
        continue;
      }
      if (this.#depth > 0) {
        if (!this.#endsPiece(c)) continue;
        found.push(this.#taken(text.slice(from, at + 1)));
        from = at + 1;
        continue;
      }
      const top = this.#stack.at(-1);
      if (top?.isArray && this.#lists.has(top.path)) {
        if (c === OPEN) {
          if (this.#needsComma) throw this.#wrong();
          [this.#depth, this.#piece, this.#pieceLine, from] = [1, '', this.line, at];
        } else if (c === CLOSE_LIST) {
          this.#stack.pop();
          from = at;
        } else if (c === COMMA && this.#needsComma) this.#needsComma = false;
        else if (!isBlank(c)) throw this.#wrong();
        continue;
      }
      if (this.#around(c, top)) {
        this.#keep(text.slice(from, at + 1));
        from = at + 1;
      }
    }
    const left = text.slice(from);
    const top = this.#stack.at(-1);
    if (this.#depth > 0) this.#grow(left);
    else if (!(top?.isArray && this.#lists.has(top.path))) this.#keep(left);
    return found;
  }

  /** What is around the lists. */
  end(): string {
    if (!this.#isEnded)
      throw new Damaged(this.#file.name, this.line, 'JSON that is whole: the file may be cut off');
    return this.#rest;
  }

  #inStringAt(c: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (c === BACKSLASH) this.#isEscaped = true;
    else if (c === QUOTE) this.#inString = false;
    if (this.#inString && this.#depth === 0 && this.#string.length < 200)
      this.#string += String.fromCharCode(c);
  }

  #endsPiece(c: number): boolean {
    if (c === QUOTE) this.#inString = true;
    else if (c === OPEN || c === OPEN_LIST) this.#depth += 1;
    else if (c === CLOSE || c === CLOSE_LIST) this.#depth -= 1;
    if (this.#depth > MAX_DEPTH) throw this.#wrong();
    return this.#depth === 0;
  }

  #taken(text: string): JsonPiece {
    this.#needsComma = true;
    this.#grow(text);
    return {
      ...{ path: this.#stack.at(-1)?.path ?? '', group: this.#group, line: this.#pieceLine },
      text: this.#piece,
    };
  }

  #grow(text: string): void {
    this.#piece += text;
    if (this.#piece.length > MAX_PIECE)
      throw new Damaged(this.#file.name, this.#pieceLine, `members of at most ${MAX_PIECE} characters`);
  }

  /** One character outside of the lists; true when a list begins with it. */
  #around(c: number, top: Frame | undefined): boolean {
    if (this.#isEnded && !isBlank(c)) throw this.#wrong();
    if (c === QUOTE) [this.#inString, this.#string] = [true, ''];
    else if (c === OPEN || c === OPEN_LIST) {
      const isArray = c === OPEN_LIST;
      const path = top?.isArray ? top.path : [top?.path, this.#string].filter(Boolean).join('.');
      if (top?.isArray && !isArray && top.path === 'group') this.#group += 1;
      this.#stack.push({ isArray, path: top ? path : '' });
      if (this.#stack.length > MAX_DEPTH) throw this.#wrong();
      this.#needsComma = false;
      return isArray && this.#lists.has(path);
    } else if (c === CLOSE || c === CLOSE_LIST) {
      if (this.#stack.pop()?.isArray !== (c === CLOSE_LIST)) throw this.#wrong();
      this.#isEnded = this.#stack.length === 0;
    }
    return false;
  }

  #keep(text: string): void {
    this.#rest += text;
    if (this.#rest.length > MAX_REST)
      throw new Damaged(
        this.#file.name,
        this.line,
        `at most ${MAX_REST} characters beside concepts and elements`,
      );
  }

  #wrong(): Damaged {
    return new Damaged(this.#file.name, this.line, 'a JSON document');
  }
}
