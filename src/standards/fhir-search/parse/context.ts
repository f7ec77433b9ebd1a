import type { Expansions } from './expanded.ts';
import { SearchError, type SearchErrorKind } from './search-error.ts';

/** Limits of one search; beyond them it is refused as too costly. */
export const limits = {
  parameters: 100,
  nameCharacters: 200,
  valueCharacters: 100_000,
  /** ORed values of one parameter. */
  alternatives: 1_000,
  /** Values of all parameters, a bare id counting once for each type it may mean. */
  values: 5_000,
  /** Conditions of the whole search, those at the ends of chains included. */
  conditions: 100,
  /** Steps of a chain, `_has` counted with them. */
  depth: 4,
  /** Types that one step of a chain may lead to when it names none. */
  chainTargets: 12,
  sortKeys: 5,
  includes: 50,
  elements: 100,
} as const;

/** What the understanding of one parameter needs beside its value. */
export interface Context {
  /** The parameter's name, for errors. */
  readonly place: string;
  readonly now: Date;
  /** The server's own addresses. */
  readonly baseUrls: readonly string[];
  readonly depth: number;
  /** Codes that terminology was asked for before; without them its modifiers are refused. */
  readonly expansions?: Expansions;
  /** Of the whole search. */
  readonly spent: { values: number; conditions: number };
}

export const refused = (
  { place }: Pick<Context, 'place'>,
  kind: SearchErrorKind,
  rule: string,
): SearchError => new SearchError(kind, place, rule);

export function spend(context: Context, what: 'values' | 'conditions', amount: number): void {
  context.spent[what] += amount;
  if (context.spent[what] > limits[what])
    throw refused(context, 'too-costly', `at most ${limits[what]} ${what} in one search`);
}
