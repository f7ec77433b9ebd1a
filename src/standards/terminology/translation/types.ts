import type { Equivalence } from '../types.ts';

export interface CodingOf {
  readonly system: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
}

export interface TranslateRequest {
  readonly coding: CodingOf;
  /** Systems to translate into, best first. */
  readonly targets: readonly string[];
  /** Canonicals: only by these maps, and where none of them is closer than the others, by the one named first. */
  readonly maps?: readonly string[];
  /** False where the order of `maps` says nothing; default true. */
  readonly isInOrder?: boolean;
  /** What is known beside the code; without it, rules that ask for it are not decided. */
  readonly context?: TranslationContext;
  /** The code stands where procedures do. */
  readonly isProcedure?: boolean;
  /** The coding is on the target's side of the maps. */
  readonly reverse?: boolean;
}

export interface TranslationContext {
  /** In years; a whole number is an age in completed years. */
  readonly ageYears?: number;
  readonly sex?: 'male' | 'female';
  /** Values of other elements that a map depends on (R4 ConceptMap dependsOn), by property. */
  readonly dependencies?: readonly {
    readonly property: string;
    readonly system?: string;
    readonly value: string;
  }[];
}

export interface Product {
  /** The element that it is a value of; where none is named, it belongs beside the translation in the same element. */
  readonly property?: string;
  readonly coding: CodingOf;
}

export interface TranslationMatch {
  readonly equivalence: Equivalence;
  readonly coding: CodingOf;
  /** `url|version`. */
  readonly map: string;
  /** False: a candidate for a person to review, never to be used by itself. */
  readonly isTranslation: boolean;
  /** Why it is none. */
  readonly why?: TranslationRule;
  readonly products?: readonly Product[];
  readonly comment?: string;
}

export interface Translation {
  /** Whether any match is a translation. */
  readonly result: boolean;
  /** Translations before candidates, in the order of the targets. */
  readonly matches: readonly TranslationMatch[];
  /** `url|version` of the maps that state that there is no target. */
  readonly unmatched: readonly string[];
  readonly findings: readonly { readonly rule: TranslationRule }[];
}

/**
 * Why something is no translation, or what was noted about one. `one-way-map`: found by reading a one-way map backwards. `several-alternatives`: a
 * map gives several targets and does not say which. `choice`: a GEM leaves the choice to a person. `combination`: several codes say it only together (GEMs). `rule-undecided`, `dependency-undecided`: what a rule or dependsOn asks for is
 * not known. `incomplete-code`: a placeholder is to be filled in. `not-classifiable`: the map states that it needs a person. `contradictory-maps`: maps claim different codes
 * to be equivalent. `maps-differ`: maps lead to different codes and none is closer. `target-narrower`: the target says more than was said. `closer-match`: another map is
 * closer. `disjoint`: the map states that it is something else. `version-differs`: the map is for another version. `code-reformatted`: found as the code is written in
 * FHIR (E11.9 for E119). `map-missing`, `map-cycle`: a map names another for the rest, which is not there or
 * leads back. `too-many`: more combinations than are listed.
 */
export type TranslationRule =
  | 'one-way-map'
  | 'several-alternatives'
  | 'choice'
  | 'combination'
  | 'rule-undecided'
  | 'dependency-undecided'
  | 'incomplete-code'
  | 'not-classifiable'
  | 'contradictory-maps'
  | 'maps-differ'
  | 'target-narrower'
  | 'closer-match'
  | 'disjoint'
  | 'version-differs'
  | 'code-reformatted'
  | 'map-missing'
  | 'map-cycle'
  | 'too-many';

/** What one map says of one code. */
export interface Said {
  readonly matches: readonly TranslationMatch[];
  readonly isUnmatched: boolean;
  readonly findings: readonly TranslationRule[];
}
