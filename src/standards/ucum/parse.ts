import { type Atom, definitions, type Prefix } from './definitions.ts';
import type { Component, Term, Unit, UnitError, UnitRule } from './expression.ts';
import { Memo } from './memo.ts';

const MAX_LENGTH = 200;
const MAX_DEPTH = 32;
const MAX_EXPONENT = 99;

class Refused extends Error {
  override readonly name = 'Refused';
  readonly at: number;
  readonly rule: UnitRule;

  constructor(at: number, rule: UnitRule) {
    super(rule);
    this.at = at;
    this.rule = rule;
  }
}

/** Units that feeds use are few, and come with every result. */
const memo = new Memo<Unit | UnitError>(1000);

/**
 * A unit of UCUM's case-sensitive syntax (UCUM 2.1, sections 2-12), or by which rule it is none. Nothing is corrected or suggested.
 */
export function parseUnit(text: string): Unit | UnitError {
  const known = memo.get(text);
  if (known) return known;
  if (text === '') return { at: 0, rule: 'empty' };
  if (text.length > MAX_LENGTH) return { at: MAX_LENGTH, rule: 'too-long' };
  const own = ownCopy(text);
  return memo.put(own, parsed(own));
}

/** A slice of a long message would keep the whole of it in memory. */
const ownCopy = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');

/** Whether the text is a unit of UCUM. */
export const isValidUnit = (text: string): boolean => 'term' in parseUnit(text);

function parsed(text: string): Unit | UnitError {
  try {
    const foreign = text.search(/[^!-~]/);
    if (foreign >= 0) throw new Refused(foreign, 'character');
    const reader = new Reader(text);
    const term = reader.term(0);
    reader.end();
    return { code: text, term };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { at: error.at, rule: error.rule };
  }
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** main-term at depth 0, term below. */
  term(depth: number): Term {
    if (depth > MAX_DEPTH) throw new Refused(this.at, 'parenthesis');
    const start = this.at;
    const parts: { operator: '.' | '/'; component: Component }[] = [];
    let operator: '.' | '/' = '.';
    if (depth === 0 && this.next() === '/') {
      operator = '/';
      this.at++;
    }
    for (;;) {
      parts.push({ operator, component: this.component(depth) });
      const next = this.next();
      if (next !== '.' && next !== '/') break;
      operator = next;
      this.at++;
    }
    const special = parts.some(({ component }) => isSpecial(component));
    if (special && !standsAlone(parts, depth)) throw new Refused(start, 'special');
    return parts;
  }

  end(): void {
    const next = this.next();
    if (next === '') return;
    throw new Refused(this.at, next === ')' ? 'parenthesis' : 'operator');
  }

  private next(): string {
    return this.text[this.at] ?? '';
  }

  private component(depth: number): Component {
    const next = this.next();
    if (next === '(') return this.group(depth);
    if (next === '{') return { kind: 'annotation', annotation: this.annotation() };
    const start = this.at;
    const run = this.run();
    if (run === '') throw new Refused(start, 'operator');
    const component = /^\d+$/.test(run) ? factorOf(run, start) : symbolOf(run, start);
    return this.next() === '{' ? { ...component, annotation: this.annotation() } : component;
  }

  private group(depth: number): Component {
    const start = this.at++;
    const term = this.term(depth + 1);
    if (this.next() !== ')') throw new Refused(this.next() === '' ? start : this.at, 'parenthesis');
    this.at++;
    return { kind: 'group', term };
  }

  private annotation(): string {
    const start = this.at;
    const close = this.text.indexOf('}', start);
    const inner = this.text.slice(start + 1, close);
    if (close < 0 || inner.includes('{')) throw new Refused(start, 'annotation');
    this.at = close + 1;
    if (!['', '.', '/', ')'].includes(this.next())) throw new Refused(start, 'annotation');
    return inner;
  }

  /** Up to the next operator, parenthesis or annotation; inside square brackets these are letters like any other. */
  private run(): string {
    const start = this.at;
    let open = -1;
    for (; this.at < this.text.length; this.at++) {
      const letter = this.next();
      if (letter === '[' && open < 0) open = this.at;
      else if (letter === ']') open = -1;
      else if (open < 0 && './(){}'.includes(letter)) break;
    }
    if (open >= 0) throw new Refused(open, 'bracket');
    if (this.next() === '}') throw new Refused(this.at, 'annotation');
    return this.text.slice(start, this.at);
  }
}

const isSpecial = (component: Component): boolean =>
  component.kind === 'symbol' && component.atom.kind === 'special';

/** UCUM 2.1, section 21: no algebra with units that have no ratio. */
function standsAlone(parts: Term, depth: number): boolean {
  const [only] = parts;
  if (parts.length !== 1 || depth > 0 || only?.operator !== '.') return false;
  return only.component.kind === 'symbol' && only.component.exponent === undefined;
}

function factorOf(digits: string, at: number): Component & { kind: 'number' } {
  if (/^0+$/.test(digits)) throw new Refused(at, 'factor');
  return { kind: 'number', digits };
}

function symbolOf(run: string, at: number): Component & { kind: 'symbol' } {
  let split = run.length;
  while (split > 0 && isDigit(run[split - 1])) split--;
  const sign = run[split - 1];
  if (split < run.length && (sign === '+' || sign === '-')) split--;
  else if (split === run.length && (sign === '+' || sign === '-'))
    throw new Refused(at + split - 1, 'exponent');
  const symbol = run.slice(0, split);
  if (symbol === '' || /^\d+$/.test(symbol)) throw new Refused(at, 'factor');
  const found = { kind: 'symbol', ...lookUp(symbol, at) } as const;
  if (split === run.length) return found;
  const exponent = Number(run.slice(split));
  if (Math.abs(exponent) > MAX_EXPONENT) throw new Refused(at + split, 'exponent');
  return { ...found, exponent };
}

const isDigit = (letter: string | undefined): boolean =>
  letter !== undefined && letter >= '0' && letter <= '9';

/** The symbol itself before any reading as prefix and symbol (`cd` is the candela). No code of the table has two readings. */
function lookUp(symbol: string, at: number): { readonly prefix?: Prefix; readonly atom: Atom } {
  const { atoms, prefixes } = definitions();
  const atom = atoms.get(symbol);
  if (atom) return { atom };
  let unprefixable = false;
  for (const length of [1, 2]) {
    const prefix = prefixes.get(symbol.slice(0, length));
    const rest = prefix && atoms.get(symbol.slice(length));
    if (prefix && rest?.metric) return { prefix, atom: rest };
    unprefixable ||= rest !== undefined;
  }
  throw new Refused(at, unprefixable ? 'prefix' : 'unknown-symbol');
}
