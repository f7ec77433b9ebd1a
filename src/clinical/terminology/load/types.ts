import type {
  CodeSystemView,
  ConceptMapView,
  Designation,
  MapRow,
} from '../../../standards/terminology/index.ts';

/** What is wrong with a file, or worth knowing of it. Places, codes and rules; terminologies hold nothing of patients. */
export interface Finding {
  /** With one error nothing of the load is ever seen. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1; absent where it is about the whole file. */
  readonly line?: number;
  readonly rule: string;
}

/** How much was read, in bytes as they lie on disk. */
export interface Meter {
  read: number;
}

/** One file of what is loaded, unpacked as it is read. */
export interface InputFile {
  /** As people find it: the path within a folder or an archive, without `.gz`. */
  readonly name: string;
  /** On disk. */
  readonly bytes: number;
  /** Throws Damaged for an archive that is cut off or broken. */
  open(meter: Meter): AsyncGenerator<Buffer>;
}

export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** What is said of a code system beside its concepts. */
export type CodeSystemHeader = Pick<
  CodeSystemView,
  | 'name'
  | 'title'
  | 'status'
  | 'isExperimental'
  | 'isCaseSensitive'
  | 'content'
  | 'hierarchyMeaning'
  | 'language'
  | 'valueSet'
  | 'properties'
  | 'count'
> & {
  /** Uses that designations have again and again; what is stored names them by their place here. */
  readonly uses?: readonly NonNullable<Designation['use']>[];
};

/** What is said of a concept map beside its rows. Without groups they are made of the systems of the rows. */
export type ConceptMapHeader = Pick<
  ConceptMapView,
  'name' | 'status' | 'sourceScope' | 'targetScope' | 'isOneWay'
> & { readonly title?: string; readonly groups?: ConceptMapView['groups'] };

interface OfVersion {
  readonly url: string;
  /** Empty where there is none. */
  readonly version: string;
}

/** One version that a load makes. */
export type Target =
  | (OfVersion & { readonly kind: 'code-system'; readonly header: CodeSystemHeader })
  | (OfVersion & { readonly kind: 'concept-map'; readonly header: ConceptMapHeader });

export interface LoadedConcept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  /** Default true. */
  readonly isActive?: boolean;
  readonly isAbstract?: boolean;
  readonly designations?: readonly Designation[];
  readonly parents?: readonly string[];
  readonly properties?: readonly LoadedProperty[];
}

export interface LoadedProperty {
  readonly name: string;
  /** `concept`: a code of the same system, kept as a relation. */
  readonly type: 'concept' | 'code' | 'Coding' | 'string' | 'integer' | 'boolean' | 'dateTime' | 'decimal';
  readonly value: string;
}

/** By which a concept is found when it is there twice. */
export interface ConceptKey {
  readonly load: number;
  readonly folded: string;
  readonly ordinal: number;
  readonly code: string;
  readonly place: Place;
}

/** Where a format puts what it reads. A target is named by its place in `Reading.targets`. */
export interface Rows {
  concept(target: number, concept: LoadedConcept, place: Place): void;
  /** A relation of a concept that comes in another record than the concept; `parent` is the hierarchy. */
  relation(target: number, relation: { code: string; kind: string; target: string }): void;
  property(target: number, code: string, property: LoadedProperty): void;
  map(target: number, row: MapRow): void;
  error(place: Place, rule: string): void;
  warn(place: Place, rule: string): void;
}

/** Files as one format understands them. */
export interface Reading {
  readonly targets: readonly Target[];
  /** Gives the rows of all files, the same in the same order each time it is called; yields now and then, so that they are written. */
  read(rows: Rows): AsyncGenerator<void>;
  /** What a format can only check when everything is there, such as a concept without a name. */
  readonly checks?: {
    /** Of a finding that has no line. */
    readonly place: Place;
    readonly mustHaveDisplay?: boolean;
    /** The only active concept that is below no other. */
    readonly root?: string;
  };
}

export interface FormatOptions {
  /** Of what is loaded, where the files do not say it or another one is wanted. */
  readonly version?: string;
  /** Canonical of a map of local codes. */
  readonly url?: string;
  /** Of text files: `utf-8` (default) or `windows-1252`. */
  readonly encoding?: 'utf-8' | 'windows-1252';
}
