/**
 * `unknown`: a parameter that is not answered; lenient handling leaves it out and names it. `not-supported`: a modifier or prefix that is not
 * answered; leaving it out would find something else. `invalid`: a value that is none of its kind. `too-costly`: beyond a limit.
 */
export type SearchErrorKind = 'unknown' | 'not-supported' | 'invalid' | 'too-costly';

/** Thrown for parameters that are not understood. Neither message nor properties carry a parameter's value. */
export class SearchError extends Error {
  override readonly name = 'SearchError';
  readonly kind: SearchErrorKind;
  /** The parameter as it was named, with its modifier; `query` when that is no parameter's name. */
  readonly place: string;
  /** What is expected. */
  readonly rule: string;

  constructor(kind: SearchErrorKind, place: string, rule: string) {
    super(`search parameter ${place}: ${rule}`);
    this.kind = kind;
    this.place = place;
    this.rule = rule;
  }
}

/** A name is shown only if it can be one: a query may hold anything. */
export const placeOf = (name: string): string => (/^[_A-Za-z][\w.:*-]{0,199}$/.test(name) ? name : 'query');
