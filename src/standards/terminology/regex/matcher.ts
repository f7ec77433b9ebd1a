import { TerminologyError } from '../errors.ts';
import { type Expression, parseExpression, type Range, refused } from './parse.ts';

/** States of the automaton: it takes at most so many steps for each character. */
const MAX_STATES = 1000;
const MAX_TEXT = 2000;

type State =
  | { readonly kind: 'one'; readonly ranges: readonly Range[] }
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'start' | 'end' | 'found' };

/** Steps after which others get their turn, and after which it is too much. */
const TURN = 200_000;
const MAX_STEPS = 500_000_000;

export interface Matcher {
  /** Whether the whole text matches. Throws TerminologyError when it was asked for too much. */
  readonly matches: (text: string) => boolean;
  /** To be awaited between texts: lets others have their turn when much was done since the last time. */
  readonly rest: () => Promise<void> | undefined;
}

/**
 * A regular expression out of foreign hands (R4 filter-operator `regex`): by an automaton whose time is bounded by text × pattern, never
 * by the engine of the language, which some patterns keep busy for ever. Throws TerminologyError for a pattern it does not take.
 */
export function matcherOf(pattern: string): Matcher {
  const states: State[] = [];
  build(parseExpression(pattern), states);
  states.push({ kind: 'found' });
  const automaton = new Automaton(states);
  return { matches: (text) => automaton.matches(text), rest: () => automaton.rest() };
}

/** States are entered one after the other: each goes on to the next, a fork to those it names. */
function build(of: Expression, states: State[]): void {
  if (states.length > MAX_STATES) throw refused(`more than ${MAX_STATES} states`);
  switch (of.kind) {
    case 'all':
      // Nothing has a state as well, so that the limit is met however often it is repeated.
      if (of.parts.length === 0) nothing(states);
      for (const part of of.parts) build(part, states);
      return;
    case 'any':
      buildAny(of.parts, states);
      return;
    case 'times':
      buildTimes(of, states);
      return;
    default:
      states.push(of);
  }
}

const nothing = (states: State[]) => states.push({ kind: 'fork', to: [states.length + 1] });

function buildAny(parts: readonly Expression[], states: State[]): void {
  const enter: number[] = [];
  const leave: number[][] = [];
  states.push({ kind: 'fork', to: enter });
  for (const part of parts) {
    enter.push(states.length);
    build(part, states);
    const to: number[] = [];
    leave.push(to);
    states.push({ kind: 'fork', to });
  }
  for (const to of leave) to.push(states.length);
}

function buildTimes(
  { of, min, max }: { readonly of: Expression; readonly min: number; readonly max: number },
  states: State[],
): void {
  if (max === 0) nothing(states);
  for (let time = 0; time < min; time++) build(of, states);
  if (max === Number.POSITIVE_INFINITY) {
    const to = [states.length + 1];
    const again = states.length;
    states.push({ kind: 'fork', to });
    build(of, states);
    states.push({ kind: 'fork', to: [again] });
    to.push(states.length);
    return;
  }
  const skips: number[][] = [];
  for (let time = min; time < max; time++) {
    const to = [states.length + 1];
    skips.push(to);
    states.push({ kind: 'fork', to });
    build(of, states);
  }
  for (const to of skips) to.push(states.length);
}

interface At {
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

class Automaton {
  readonly #states: readonly State[];
  /** By state: in which closure it was seen last. */
  readonly #seen: Float64Array;
  #closures = 0;
  #steps = 0;
  #rested = 0;

  constructor(states: readonly State[]) {
    this.#states = states;
    this.#seen = new Float64Array(states.length);
  }

  matches(text: string): boolean {
    if (text.length > MAX_TEXT) return false;
    if (this.#steps > MAX_STEPS)
      throw new TerminologyError('too-costly', 'The regular expression of the filter takes too long', {
        detail: 'too-costly',
      });
    const points = [...text];
    let current = this.#closure([0], { atStart: true, atEnd: points.length === 0 });
    for (const [at, point] of points.entries()) {
      const code = point.codePointAt(0) ?? 0;
      const next: number[] = [];
      for (const index of current) {
        const state = this.#states[index];
        if (state?.kind === 'one' && isIn(state.ranges, code)) next.push(index + 1);
      }
      if (next.length === 0) return false;
      current = this.#closure(next, { atStart: false, atEnd: at === points.length - 1 });
    }
    return current.includes(this.#states.length - 1);
  }

  rest(): Promise<void> | undefined {
    if (this.#steps - this.#rested < TURN) return undefined;
    this.#rested = this.#steps;
    return new Promise((resolve) => void setImmediate(resolve));
  }

  /** All states that are reached without a character. */
  #closure(open: number[], { atStart, atEnd }: At): readonly number[] {
    this.#closures += 1;
    const found: number[] = [];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = this.#states[index];
      if (!state || this.#seen[index] === this.#closures) continue;
      this.#seen[index] = this.#closures;
      found.push(index);
      if (state.kind === 'fork') for (const to of state.to) open.push(to);
      if ((state.kind === 'start' && atStart) || (state.kind === 'end' && atEnd)) open.push(index + 1);
    }
    this.#steps += found.length + 1;
    return found;
  }
}

/** Ranges stand in order and apart, however many there are. */
function isIn(ranges: readonly Range[], code: number): boolean {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = ranges[middle] ?? [0, 0];
    if (code < from) high = middle - 1;
    else if (code > to) low = middle + 1;
    else return true;
  }
  return false;
}
