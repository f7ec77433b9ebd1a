/** R4 search.html#ptypes. */
export type SearchParameterType =
  | 'string'
  | 'token'
  | 'date'
  | 'uri'
  | 'reference'
  | 'quantity'
  | 'number'
  | 'composite'
  | 'special';

/** One value that a resource has for a search parameter, as the definitions' expressions find it. */
export type SearchValue =
  | {
      readonly kind: 'token';
      readonly system?: string;
      readonly code?: string;
      readonly texts?: readonly string[];
    }
  /** Identifier.type of an identifier, for `:of-type`. */
  | {
      readonly kind: 'typed-identifier';
      readonly system?: string;
      readonly code: string;
      readonly value: string;
    }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'uri'; readonly value: string }
  /** `local` is `Type/id` without base and version; a canonical or absolute reference is `url` alone. */
  | {
      readonly kind: 'reference';
      readonly local?: string;
      readonly url?: string;
      readonly identifier?: TokenValue;
    }
  | { readonly kind: 'date'; readonly from?: Date; readonly to?: Date }
  | {
      readonly kind: 'quantity';
      /** Decimal texts; a plain value has low = high, an open end of a Range is absent. */
      readonly low?: string;
      readonly high?: string;
      readonly system?: string;
      readonly code?: string;
      readonly unit?: string;
    }
  | { readonly kind: 'composite'; readonly components: readonly (readonly SearchValue[])[] };

export interface IndexedValue {
  readonly param: string;
  readonly value: SearchValue;
}

/** search.html#token: `system` null asks for a code without a system (`|code`); without `code` any code of the system (`system|`). */
export interface TokenValue {
  readonly system?: string | null;
  readonly code?: string;
}

/** search.html#prefix. */
export type SearchPrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

export interface DateValue {
  readonly prefix: SearchPrefix;
  /** What the parameter's own precision spans; `ap` is widened already. */
  readonly from: Date;
  readonly to: Date;
}

/**
 * Decimal texts without exponent. `low` and `high` are the range that the precision of `value` implies, 100 is [99.5, 100.5); `ap` is widened
 * already. `system` null asks for `code` as code or unit of whatever system (`5.4||mg`); left out, any unit will do.
 */
export interface QuantityValue {
  readonly prefix: SearchPrefix;
  readonly value: string;
  readonly low: string;
  readonly high: string;
  readonly system?: string | null;
  readonly code?: string;
}

export type ReferenceValue =
  /** `types` are the targets that a bare id may mean. */
  { readonly types: readonly string[]; readonly id: string } | { readonly url: string };

/** One condition; the conditions of a query are ANDed, the values of one are ORed. */
export type Clause =
  | {
      readonly kind: 'token';
      readonly param: string;
      readonly anyOf: readonly TokenValue[];
      readonly not?: boolean;
    }
  | {
      readonly kind: 'of-type';
      readonly param: string;
      readonly anyOf: readonly { readonly system?: string; readonly code: string; readonly value: string }[];
    }
  | { readonly kind: 'text'; readonly param: string; readonly anyOf: readonly string[] }
  | {
      readonly kind: 'string';
      readonly param: string;
      readonly match: 'starts' | 'exact' | 'contains';
      readonly anyOf: readonly string[];
    }
  | {
      readonly kind: 'uri';
      readonly param: string;
      readonly match: 'exact' | 'below' | 'above';
      readonly anyOf: readonly string[];
    }
  | { readonly kind: 'date'; readonly param: string; readonly anyOf: readonly DateValue[] }
  | { readonly kind: 'quantity'; readonly param: string; readonly anyOf: readonly QuantityValue[] }
  | { readonly kind: 'reference'; readonly param: string; readonly anyOf: readonly ReferenceValue[] }
  | { readonly kind: 'reference-identifier'; readonly param: string; readonly anyOf: readonly TokenValue[] }
  | { readonly kind: 'missing'; readonly param: string; readonly missing: boolean }
  | { readonly kind: 'id'; readonly anyOf: readonly string[] }
  | { readonly kind: 'last-updated'; readonly anyOf: readonly DateValue[] }
  /** A composite whose components lie in one element: every row is a token and one further value. */
  | { readonly kind: 'composite'; readonly param: string; readonly anyOf: readonly CompositeValue[] }
  /** `subject:Patient.name=…`: the reference leads to a resource of this type for which `where` holds. */
  | { readonly kind: 'chain'; readonly param: string; readonly target: string; readonly where: Clause }
  /** `_has:Observation:patient:code=…`: a resource of `type` refers here by `param`, and `where` holds for it. */
  | { readonly kind: 'has'; readonly type: string; readonly param: string; readonly where: Clause }
  /** The resource lies in the compartment of this patient. */
  | { readonly kind: 'compartment'; readonly patient: string }
  /** At least one of the alternatives holds; each is a list of conditions that all must hold. */
  | { readonly kind: 'any'; readonly of: readonly (readonly Clause[])[] };

export interface CompositeValue {
  readonly token: TokenValue;
  readonly other:
    | { readonly kind: 'token'; readonly value: TokenValue }
    | { readonly kind: 'quantity'; readonly value: QuantityValue }
    | { readonly kind: 'date'; readonly value: DateValue }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'reference'; readonly value: ReferenceValue };
}

export interface SortKey {
  readonly param: string;
  readonly type: SearchParameterType;
  readonly descending: boolean;
}

/** `_include=MedicationRequest:medication:Medication`, `_revinclude=Provenance:target`. `param` `*` is every reference. */
export interface Include {
  readonly source: string;
  readonly param: string;
  readonly target?: string;
  readonly iterate: boolean;
}

/** A search as it was understood; nothing in it is SQL, and nothing of it is unchecked. */
export interface SearchQuery {
  /** One type, or several for a search of the whole system with `_type`. */
  readonly types: readonly string[];
  readonly where: readonly Clause[];
  readonly sort: readonly SortKey[];
  readonly include: readonly Include[];
  readonly revinclude: readonly Include[];
  /** Matches per page; 0 asks for the total alone. */
  readonly count: number;
  readonly total: 'none' | 'estimate' | 'accurate';
}
