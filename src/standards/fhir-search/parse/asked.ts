import type { SearchParameter } from '../parameters.ts';
import type { Clause } from '../types.ts';
import type { Context } from './context.ts';

/** One parameter with its modifier and value, on resources of these types. */
export interface Asked {
  readonly types: readonly string[];
  readonly parameter: SearchParameter;
  readonly modifier: string;
  /** ORed; escapes still in them. */
  readonly raws: readonly string[];
}

/** Understands a parameter; handed to where one parameter is asked as others. */
export type ConditionOf = (asked: Asked, context: Context) => Clause;
