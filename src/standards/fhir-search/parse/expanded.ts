import type { TokenValue } from '../types.ts';
import type { SearchErrorKind } from './search-error.ts';

/** The codes that a value set or a code stands for, or why there are none. */
export type Expansion = readonly TokenValue[] | { readonly kind: SearchErrorKind; readonly rule: string };

/** By the key of what was asked. */
export type Expansions = ReadonlyMap<string, Expansion>;
