/**
 * A StructureDefinition as far as a validator, a projection or a search needs it: the snapshot's elements in their order, without prose.
 * The same shape holds a resource type, a datatype, a primitive type and a profile of any of them.
 */
export interface Structure {
  /** Canonical URL, without version. */
  readonly url: string;
  /** Business version; `4.0.1` for the types of R4 itself. */
  readonly version?: string;
  /** The type that is described or constrained: `Patient`, `HumanName`, `string`. */
  readonly type: string;
  readonly kind: 'resource' | 'complex-type' | 'primitive-type' | 'logical';
  readonly abstract: boolean;
  /** Canonical URL of what it is derived from. */
  readonly base?: string;
  /** A profile (derivation `constraint`, and an extension's definition is one) narrows; a type (`specialization`) describes anew. */
  readonly derivation: 'specialization' | 'constraint';
  /** For an extension's definition: where it may stand. */
  readonly contexts?: readonly ExtensionContext[];
  /** The snapshot, depth first; the first is the type itself. Slices follow the element they slice. */
  readonly elements: readonly ElementRule[];
}

export interface ExtensionContext {
  readonly type: 'fhirpath' | 'element' | 'extension';
  readonly expression: string;
}

export interface ElementRule {
  /** Unique in the structure, with slice names: `Patient.extension:race.value[x]`. Equal to `path` outside of profiles. */
  readonly id: string;
  /** `Observation.component.value[x]`. */
  readonly path: string;
  /** The path's last part without `[x]`: `value`. For the first element the type's name. */
  readonly name: string;
  /** The path ends in `[x]`: in JSON the name is followed by the type's (`valueQuantity`). */
  readonly choice: boolean;
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
  /** An array in JSON: decided by the base type, so also where a profile narrows `*` to 1. */
  readonly array: boolean;
  /** None for the first element and where `contentReference` stands. */
  readonly types: readonly ElementType[];
  /** Path of the element whose children this one has as well: `Observation.referenceRange`. */
  readonly contentReference?: string;
  readonly binding?: ElementBinding;
  readonly invariants: readonly Invariant[];
  readonly summary: boolean;
  readonly modifier: boolean;
  readonly mustSupport: boolean;
  /** The element must be exactly this value (JSON, with exact decimals). */
  readonly fixed?: FixedValue;
  /** The element must contain at least this (ElementDefinition.pattern[x]). */
  readonly pattern?: FixedValue;
  /** Longest allowed text, in characters. */
  readonly maxLength?: number;
  readonly minValue?: FixedValue;
  readonly maxValue?: FixedValue;
  /** A profile divides the occurrences into slices, told apart by these discriminators. */
  readonly slicing?: Slicing;
  /** The element is this slice of the element with the same path; a reslice has `parent/child`. */
  readonly sliceName?: string;
  /** On the `value` of a primitive type: the form its text must have, to be anchored at both ends. */
  readonly regex?: string;
}

export interface ElementType {
  /**
   * A FHIR type: `string`, `Reference`, `BackboneElement`. FHIRPath's system types are resolved to the FHIR type they stand for (`id` for a resource's id, `string`
   * for an element's id, `uri` for Extension.url); only the `value` of a primitive type keeps `System.String`, `System.Boolean`, ….
   */
  readonly code: string;
  /** Profiles one of which the value must meet. */
  readonly profiles?: readonly string[];
  /** For Reference and canonical: the profiles or types one of which the target must be (`…/StructureDefinition/Patient`). */
  readonly targetProfiles?: readonly string[];
  /** For Reference: how the target may be given; anyhow when left out. */
  readonly aggregation?: readonly ('contained' | 'referenced' | 'bundled')[];
}

export interface ElementBinding {
  readonly strength: 'required' | 'extensible' | 'preferred' | 'example';
  /** Canonical of the value set, perhaps with `|version`. */
  readonly valueSet: string;
  /** Where even an extensible or preferred binding ends (extension elementdefinition-maxValueSet). */
  readonly maxValueSet?: string;
}

export interface Invariant {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** FHIRPath, evaluated on the element; none when the invariant is stated in prose only. */
  readonly expression?: string;
  /** Good advice rather than a rule (extension elementdefinition-bestpractice): `dom-6`. */
  readonly bestPractice?: boolean;
  /** Canonical URL of the structure that brought it in, when it is not this one. */
  readonly source?: string;
}

export interface FixedValue {
  /** FHIR type of the value: `CodeableConcept`, `uri`. */
  readonly type: string;
  readonly value: unknown;
}

export interface Slicing {
  readonly discriminators: readonly {
    readonly type: 'value' | 'exists' | 'pattern' | 'type' | 'profile';
    /** Simple FHIRPath from the sliced element: `$this`, `code`, `resolve()`, `extension('url')`. */
    readonly path: string;
  }[];
  readonly ordered: boolean;
  readonly rules: 'closed' | 'open' | 'openAtEnd';
}

/** What a value set holds, as far as a required binding can be checked by it. */
export interface ValueSetCodes {
  readonly url: string;
  readonly version?: string;
  /**
   * Canonical of each code system → its codes in the set, or `all` of a system whose codes are not listed here. Undefined when the set is open: it
   * is defined by rules over systems that are not here (BCP 47, MIME types, UCUM), so that nothing can be said against a code.
   */
  readonly systems?: ReadonlyMap<string, ReadonlySet<string> | 'all'>;
}
