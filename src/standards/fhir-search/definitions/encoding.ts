/**
 * How the search parameters of R4 and of US Core are carried in search-parameters.json: for each resource type one JSON text, `code` → row. What holds for
 * every type stands under `Resource`. Made by scripts/definitions/search-parameters.ts.
 */
export interface EncodedParameter {
  /** Canonical URL, R4's own without `http://hl7.org/fhir/SearchParameter/`. */
  readonly u: string;
  /** SearchParameterType. */
  readonly t: string;
  /**
   * Where values stand, `path:type` or `path:code|system|system`. A path is JSON names joined by dots; a name may carry a filter:
   * `telecom[system=email]`, `extension[url=http://example.org/race]` (there may be dots in it), `subject<Patient>` (the reference leads to a Patient), `entry[0]`.
   */
  readonly a?: readonly string[];
  /** Types that literal references lead to; all when it is `*`. */
  readonly g?: readonly string[];
  /** Not indexed: the union of these parameters. */
  readonly any?: readonly string[];
  /** A composite: codes of its components. */
  readonly c?: readonly string[];
  /** A composite of elements: base path, and the alternatives of each component below it. */
  readonly n?: readonly EncodedComposite[];
  /** A composite of the resource itself: not indexed, all of these parameters must match; one list per alternative. */
  readonly all?: readonly (readonly string[])[];
  /** Published, not answered here, and why. */
  readonly no?: string;
}

interface EncodedComposite {
  readonly b: string;
  readonly k: readonly (readonly string[])[];
}
