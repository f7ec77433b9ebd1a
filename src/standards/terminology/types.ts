/** A resource of terminology as parsed JSON: CodeSystem, ValueSet or ConceptMap. What its members are is not known: it came from outside. */
export type Definition = { readonly [element: string]: unknown };

export interface Designation {
  /** BCP 47. */
  readonly language?: string;
  readonly use?: { readonly system?: string; readonly code: string; readonly display?: string };
  readonly value: string;
  /** `url|version` of the supplement that it comes from. */
  readonly source?: string;
}

export interface ConceptProperty {
  readonly code: string;
  readonly type: 'code' | 'Coding' | 'string' | 'integer' | 'boolean' | 'dateTime' | 'decimal';
  /** As text; of a Coding `system|code`. */
  readonly value: string;
}

/** A concept of a code system (R4 CodeSystem.concept). */
export interface Concept {
  /** As the code system writes it, also where it was asked for in another case. */
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly isActive: boolean;
  /** Not to be used as a value, only to group others (CodeSystem.property notSelectable). */
  readonly isAbstract: boolean;
  readonly designations: readonly Designation[];
  readonly properties: readonly ConceptProperty[];
  readonly parents: readonly string[];
}

/** R4 ValueSet.compose.include.filter. */
export interface Filter {
  readonly property: string;
  readonly op:
    | 'is-a'
    | 'descendent-of'
    | 'is-not-a'
    | 'generalizes'
    | '='
    | 'regex'
    | 'in'
    | 'not-in'
    | 'exists';
  readonly value: string;
}

/** Where a list goes on: the code after which to start, and how many at most. */
export interface Slice {
  readonly after?: string;
  readonly limit: number;
}

/**
 * One version of a code system, wherever it lies: in memory (built in, a resource of the record) or in tables (loaded). Every answer is about
 * this version alone. Hierarchies may be cyclic in bad data: no method loops.
 */
export interface CodeSystemView {
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly title?: string;
  readonly status: 'draft' | 'active' | 'retired' | 'unknown';
  readonly isExperimental?: boolean;
  readonly isCaseSensitive: boolean;
  readonly content: 'not-present' | 'example' | 'fragment' | 'complete' | 'supplement';
  readonly hierarchyMeaning?: 'grouped-by' | 'is-a' | 'part-of' | 'classified-with';
  readonly language?: string;
  /** Canonical of the value set of all its codes. */
  readonly valueSet?: string;
  readonly properties: readonly { readonly code: string; readonly uri?: string; readonly type?: string }[];
  /** How many concepts it has. */
  readonly count?: number;
  /** By the code as asked. What it does not have is absent. */
  find(codes: readonly string[]): Promise<ReadonlyMap<string, Concept>>;
  /** Codes directly below; of nothing, the roots. In the order of definition. */
  children(code: string | undefined, slice: Slice): Promise<readonly string[]>;
  /** Is the one a proper ancestor of the other? False for unknown codes. */
  isAncestor(ancestor: string, code: string): Promise<boolean>;
  /** Concepts that meet all filters and, where given, have a word that begins with each word of `text`; in the order of definition. */
  select(
    filters: readonly Filter[],
    slice: Slice & { readonly text?: string; readonly activeOnly?: boolean },
  ): Promise<readonly Concept[]>;
  /** How many `select` would give in all, up to `limit`. */
  total(
    filters: readonly Filter[],
    options: { readonly limit: number; readonly text?: string; readonly activeOnly?: boolean },
  ): Promise<number>;
  /** Which of the codes meet all filters. */
  matching(codes: readonly string[], filters: readonly Filter[]): Promise<ReadonlySet<string>>;
}

/** R4 ConceptMapEquivalence: the target as seen from the source (`wider`: the target is wider). */
export type Equivalence =
  | 'relatedto'
  | 'equivalent'
  | 'equal'
  | 'wider'
  | 'subsumes'
  | 'narrower'
  | 'specializes'
  | 'inexact'
  | 'unmatched'
  | 'disjoint';

/** What the CMS General Equivalence Mappings say beside a target (GEMs technical documentation, flags). */
export interface GemFlags {
  readonly isApproximate: boolean;
  readonly isNoMap: boolean;
  readonly isCombination: boolean;
  readonly scenario: number;
  readonly choiceList: number;
}

/** What a SNOMED CT complex map says beside a target (RF2 der2_iisssccRefset_ExtendedMap). */
export interface ComplexMapRule {
  readonly group: number;
  readonly priority: number;
  /** `TRUE`, `OTHERWISE TRUE` or `IFA …`. */
  readonly rule: string;
  readonly advice?: string;
  /** 447637006 properly classified … */
  readonly category?: string;
}

export interface MapRow {
  readonly source: { readonly system: string; readonly code: string; readonly display?: string };
  /** Absent: it is stated that there is none. */
  readonly target?: { readonly system: string; readonly code: string; readonly display?: string };
  readonly equivalence: Equivalence;
  readonly comment?: string;
  readonly dependsOn?: readonly {
    readonly property: string;
    readonly system?: string;
    readonly value: string;
  }[];
  readonly product?: readonly {
    readonly property: string;
    readonly system?: string;
    readonly value: string;
  }[];
  readonly gem?: GemFlags;
  readonly complex?: ComplexMapRule;
}

/** R4 ConceptMap.group.unmapped. */
export interface Unmapped {
  readonly mode: 'provided' | 'fixed' | 'other-map';
  readonly code?: string;
  readonly display?: string;
  readonly url?: string;
}

/** One version of a concept map, wherever it lies. */
export interface ConceptMapView {
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly status: 'draft' | 'active' | 'retired' | 'unknown';
  readonly sourceScope?: string;
  readonly targetScope?: string;
  /** True where reading it backwards is no translation (NLM's and SNOMED's maps, GEMs): it yields candidates for a person to review. */
  readonly isOneWay: boolean;
  readonly groups: readonly {
    readonly source?: string;
    readonly sourceVersion?: string;
    readonly target?: string;
    readonly targetVersion?: string;
    readonly unmapped?: Unmapped;
  }[];
  /** The rows of these source codes of one system, in the order of the map, by code. */
  rows(system: string, codes: readonly string[]): Promise<ReadonlyMap<string, readonly MapRow[]>>;
  /** The rows that lead to these target codes, by code. */
  reverse(system: string, codes: readonly string[]): Promise<ReadonlyMap<string, readonly MapRow[]>>;
}

/** Which maps: by canonical, or by the systems they lead between; a ConceptMap names value sets as well. */
export interface MapQuery {
  readonly url?: string;
  readonly version?: string;
  readonly sourceSystem?: string;
  readonly targetSystem?: string;
}

/** Where definitions come from, as of one state of what is loaded: asked twice, it says the same. */
export interface TerminologySource {
  /** Without a version the current one: the latest that is active. */
  codeSystem(url: string, version?: string): Promise<CodeSystemView | undefined>;
  codeSystemVersions(url: string): Promise<readonly string[]>;
  /** Supplements (CodeSystem.supplements) of the code system, as resources. */
  supplements(url: string): Promise<readonly Definition[]>;
  valueSet(url: string, version?: string): Promise<Definition | undefined>;
  valueSetVersions(url: string): Promise<readonly string[]>;
  conceptMaps(query: MapQuery): Promise<readonly ConceptMapView[]>;
}
