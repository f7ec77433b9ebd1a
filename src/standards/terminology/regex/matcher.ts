import { type Expression, parseExpression, type Range, refused } from './parse.ts';

/** States of the automaton: it takes at most so many steps for each character. */
const MAX_STATES = 1000;
const MAX_TEXT = 2000;

type State =
  | { readonly kind: 'one'; readonly ranges: readonly Range[] }
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'start' | 'end' | 'found' };

/**
 * Whether a whole text matches a regular expression out of foreign hands (R4 filter-operator `regex`): by an automaton whose time is bounded by text × pattern, never
 * by the engine of the language, which some patterns keep busy for ever. Throws TerminologyError for a pattern it does not take.
 */
export function matcherOf(pattern: string): (text: string) => boolean {
  const states: State[] = [];
  build(parseExpression(pattern), states);
  states.push({ kind: 'found' });
  return (text) => runs(states, text);
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

function runs(states: readonly State[], text: string): boolean {
  if (text.length > MAX_TEXT) return false;
  const points = [...text];
  let current = closure(states, [0], { atStart: true, atEnd: points.length === 0 });
  for (const [at, point] of points.entries()) {
    const code = point.codePointAt(0) ?? 0;
    const next: number[] = [];
    for (const index of current) {
      const state = states[index];
      if (state?.kind === 'one' && state.ranges.some(([from, to]) => code >= from && code <= to))
        next.push(index + 1);
    }
    if (next.length === 0) return false;
    current = closure(states, next, { atStart: false, atEnd: at === points.length - 1 });
  }
  return current.includes(states.length - 1);
}

/** All states that are reached without a character. */
function closure(
  states: readonly State[],
  from: readonly number[],
  { atStart, atEnd }: { readonly atStart: boolean; readonly atEnd: boolean },
): readonly number[] {
  const seen = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const state = states[index];
    if (!state || seen.has(index)) continue;
    seen.add(index);
    if (state.kind === 'fork') open.push(...state.to);
    if ((state.kind === 'start' && atStart) || (state.kind === 'end' && atEnd)) open.push(index + 1);
  }
  return [...seen];
}
