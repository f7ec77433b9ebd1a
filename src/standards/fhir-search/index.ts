/**
 * FHIR R4 search (search.html, searchparameter-registry.html) as data: which parameters a type has, what a resource has for each of them, and what a
 * caller's parameters ask for (docs/design/search.md, rules S1-S28).
 *
 * It promises: values are found exactly where the expressions of R4's and US Core's SearchParameters find them; a search is understood whole or refused by
 * parameter and rule; nothing in a parsed search is unchecked. It never does: I/O, look at a clock, build SQL, throw on a malformed resource,
 * or let a value into an error text.
 */

export {
  includesOf,
  revIncludesOf,
  type SearchParameter,
  searchParametersOf,
} from './parameters.ts';
export type { Expansion } from './parse/expanded.ts';
export { type ExpansionAsked, expansionsAsked } from './parse/expansions.ts';
export {
  type IgnoredParameter,
  type ParsedSearch,
  parseSearch,
  type SearchInput,
  type SearchOptions,
} from './parse/parse-search.ts';
export type { SearchForm } from './parse/result.ts';
export { SearchError, type SearchErrorKind } from './parse/search-error.ts';
export type * from './types.ts';
export type * from './types.ts';
export { compartmentPatients } from './values/compartment.ts';
export { type FoundReference, referencesOf } from './values/references-of.ts';
export { valuesOf } from './values/values-of.ts';
