/**
 * Terminology (R4 terminology-module.html): code systems, value sets and concept maps from wherever they come, and what is asked of them.
 *
 * It promises: what no definition decides is not decided; a hierarchy that runs in circles, a value set that contains itself and a regular expression out of foreign
 * hands end in bounded time. It never does: I/O, look at a clock, or keep what it was asked.
 */
export { TerminologyError, type TerminologyIssueType } from './errors.ts';
export { codesAround, codesIn, isCoded } from './operations/codes.ts';
export type { Ask } from './operations/context.ts';
export { expand } from './operations/expand.ts';
export type { Input } from './operations/inputs.ts';
export { lookup } from './operations/lookup.ts';
export { subsumes } from './operations/subsumes.ts';
export { translate } from './operations/translate.ts';
export { validateInCodeSystem } from './operations/validate-in-system.ts';
export { validateInValueSet } from './operations/validate-in-value-set.ts';
export { type Matcher, matcherOf } from './regex/matcher.ts';
export { builtInSource } from './sources/built-in.ts';
export { combineSources } from './sources/combine.ts';
export { leads, resourceSource } from './sources/resources.ts';
export { unitSource } from './sources/units.ts';
export { translateCodings } from './translation/translate-codings.ts';
export type {
  CodingOf,
  Product,
  TranslateRequest,
  Translation,
  TranslationContext,
  TranslationMatch,
  TranslationRule,
} from './translation/types.ts';
export type * from './types.ts';
export { codeSystemView } from './views/code-system.ts';
export { conceptMapView, mapRowsOf } from './views/concept-map.ts';
export { conceptsOf, rolesOf } from './views/concepts.ts';
export { wordsOf } from './views/words.ts';
