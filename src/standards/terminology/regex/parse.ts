import { TerminologyError } from '../errors.ts';

/** Code points from … to, both within. */
export type Range = readonly [from: number, to: number];

export type Expression =
  | { readonly kind: 'one'; readonly ranges: readonly Range[] }
  | { readonly kind: 'all'; readonly parts: readonly Expression[] }
  | { readonly kind: 'any'; readonly parts: readonly Expression[] }
  | { readonly kind: 'times'; readonly of: Expression; readonly min: number; readonly max: number }
  | { readonly kind: 'start' | 'end' };

const MAX_POINT = 0x10ffff;
const MAX_PATTERN = 1000;
const MAX_DEPTH = 50;
const MAX_TIMES = 1000;

const DIGITS: readonly Range[] = [[48, 57]];
const WORD: readonly Range[] = [...DIGITS, [65, 90], [95, 95], [97, 122]];
const BLANKS: readonly Range[] = [
  ...([
    [9, 13],
    [32, 32],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
  ] as const),
  ...([
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ] as const),
];
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/**
 * A regular expression as value sets have it: characters, classes, groups, alternatives, repetition. Throws TerminologyError for what is none, for
 * what needs more than a finite automaton (back references, looking around), and beyond 1000 characters or 50 levels.
 */
export function parseExpression(pattern: string): Expression {
  const points = [...pattern];
  if (points.length > MAX_PATTERN) throw refused(`longer than ${MAX_PATTERN} characters`);
  const parser = new Parser(points);
  const parsed = parser.alternatives(0);
  parser.end();
  return parsed;
}

export const refused = (why: string): TerminologyError =>
  new TerminologyError('invalid', `The regular expression of the filter is not supported: ${why}`);

class Parser {
  readonly #points: readonly string[];
  #at = 0;

  constructor(points: readonly string[]) {
    this.#points = points;
  }

  end(): void {
    if (this.#at < this.#points.length) throw refused('a parenthesis is closed that was not opened');
  }

  alternatives(depth: number): Expression {
    if (depth > MAX_DEPTH) throw refused(`nested deeper than ${MAX_DEPTH}`);
    const parts = [this.#sequence(depth)];
    while (this.#take('|')) parts.push(this.#sequence(depth));
    const [only] = parts;
    return only && parts.length === 1 ? only : { kind: 'any', parts };
  }

  #sequence(depth: number): Expression {
    const parts: Expression[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      parts.push(this.#repeated(this.#atom(depth)));
    return { kind: 'all', parts };
  }

  #repeated(of: Expression): Expression {
    let repeated = of;
    for (let levels = 0; ; levels++) {
      const times = this.#times();
      if (!times) return repeated;
      if (of.kind === 'start' || of.kind === 'end') throw refused('an anchor is repeated');
      if (levels > 0) throw refused('a repetition is repeated');
      const [min, max] = times;
      repeated = { kind: 'times', of: repeated, min, max };
      // Lazy or greedy, the same texts match.
      this.#take('?');
    }
  }

  #times(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    if (this.#peek() !== '{') return undefined;
    const close = this.#points.indexOf('}', this.#at);
    const text = close === -1 ? '' : this.#points.slice(this.#at + 1, close).join('');
    const [, from, comma, to] = /^(\d{1,4})(,?)(\d{0,4})$/.exec(text) ?? [];
    if (from === undefined) throw refused('a brace is not a repetition');
    this.#at = close + 1;
    const min = Number(from);
    const max = comma === '' ? min : to === '' ? Number.POSITIVE_INFINITY : Number(to);
    if (max < min || min > MAX_TIMES || (max > MAX_TIMES && max !== Number.POSITIVE_INFINITY))
      throw refused(`a repetition of more than ${MAX_TIMES}, or of less than nothing`);
    return [min, max];
  }

  #atom(depth: number): Expression {
    const point = this.#next();
    if (point === '(') return this.#group(depth);
    if (point === '[') return { kind: 'one', ranges: this.#class() };
    if (point === '.')
      return {
        kind: 'one',
        ranges: without([
          [10, 10],
          [13, 13],
        ]),
      };
    if (point === '^') return { kind: 'start' };
    if (point === '$') return { kind: 'end' };
    if (point === '\\') return { kind: 'one', ranges: this.#escape() };
    if (point === '*' || point === '+' || point === '?' || point === '{')
      throw refused('a repetition of nothing');
    return { kind: 'one', ranges: [single(point)] };
  }

  #group(depth: number): Expression {
    if (this.#take('?') && !this.#take(':')) throw refused('a group that looks around or is named');
    const inner = this.alternatives(depth + 1);
    if (!this.#take(')')) throw refused('a parenthesis is not closed');
    return inner;
  }

  #class(): readonly Range[] {
    const negated = this.#take('^');
    const ranges: Range[] = [];
    for (let first = true; ; first = false) {
      if (this.#peek() === undefined) throw refused('a bracket is not closed');
      if (this.#take(']')) {
        if (first) throw refused('an empty class');
        return negated ? without(ranges) : without(without(ranges));
      }
      const from = this.#member();
      const isRange = this.#peek() === '-' && this.#points[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push(...from);
        continue;
      }
      this.#at += 1;
      const [low, high] = [onlyPoint(from), onlyPoint(this.#member())];
      if (high < low) throw refused('a range that runs backwards');
      ranges.push([low, high]);
    }
  }

  #member(): readonly Range[] {
    const point = this.#next();
    if (point === '[' || (point === '&' && this.#peek() === '&')) throw refused('a class within a class');
    return point === '\\' ? this.#escape() : [single(point)];
  }

  #escape(): readonly Range[] {
    const point = this.#next();
    if (point === 'd') return DIGITS;
    if (point === 'D') return without(DIGITS);
    if (point === 'w') return WORD;
    if (point === 'W') return without(WORD);
    if (point === 's') return BLANKS;
    if (point === 'S') return without(BLANKS);
    const control = CONTROLS[point];
    if (control !== undefined) return [[control, control]];
    if (/[A-Za-z0-9]/.test(point)) throw refused('an escape of a letter or digit, such as a back reference');
    return [single(point)];
  }

  #peek(): string | undefined {
    return this.#points[this.#at];
  }

  #next(): string {
    const point = this.#points[this.#at++];
    if (point === undefined) throw refused('it ends in the middle');
    return point;
  }

  #take(point: string): boolean {
    if (this.#peek() !== point) return false;
    this.#at += 1;
    return true;
  }
}

function single(point: string): Range {
  const code = point.codePointAt(0) ?? 0;
  return [code, code];
}

function onlyPoint(ranges: readonly Range[]): number {
  const [range] = ranges;
  if (!range || ranges.length > 1 || range[0] !== range[1]) throw refused('a range between classes');
  return range[0];
}

function without(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const rest: Range[] = [];
  let next = 0;
  for (const [from, to] of sorted) {
    if (from > next) rest.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= MAX_POINT) rest.push([next, MAX_POINT]);
  return rest;
}
