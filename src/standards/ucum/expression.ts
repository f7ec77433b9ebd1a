import type { Atom, Prefix } from './definitions.ts';

/** `10`, `kg2`, `{cells}`, `(s.m)`: what stands between operators. */
export type Component =
  | { readonly kind: 'number'; readonly digits: string; readonly annotation?: string }
  | {
      readonly kind: 'symbol';
      readonly prefix?: Prefix;
      readonly atom: Atom;
      /** Absent: none was written. */
      readonly exponent?: number;
      readonly annotation?: string;
    }
  | { readonly kind: 'annotation'; readonly annotation: string }
  | { readonly kind: 'group'; readonly term: Term };

/** Components with the operator before each. The first one's is `.`, or `/` where the unit begins so. */
export type Term = readonly { readonly operator: '.' | '/'; readonly component: Component }[];

/** A valid unit. */
export interface Unit {
  /** As it was written. */
  readonly code: string;
  readonly term: Term;
}

/** The rules of UCUM's syntax and what they say. */
export const unitRules = {
  empty: 'a unit has at least one character',
  'too-long': 'a unit has at most 200 characters',
  character: 'a unit is written in visible ASCII characters, without blanks',
  operator: 'after an operator comes a component, and between two components an operator',
  parenthesis: 'parentheses enclose a term, at most 32 deep',
  bracket: 'square brackets are closed',
  annotation: 'an annotation stands at the end of a component, is closed, and contains none',
  exponent: 'an exponent is an integer from -99 to 99 behind a unit symbol',
  factor: 'a factor is a positive integer without sign or exponent',
  'unknown-symbol': 'a unit symbol stands in the table of UCUM, letter by letter',
  prefix: 'a prefix stands before metric units only',
  special: 'a unit on a scale of its own stands alone, without operators or exponent',
} as const;
export type UnitRule = keyof typeof unitRules;

/** Why a text is no unit: where (characters before the place) and by which rule; never what it says. */
export interface UnitError {
  readonly at: number;
  readonly rule: UnitRule;
}
