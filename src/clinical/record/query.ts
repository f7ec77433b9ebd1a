/** What a search asks for, already parsed; `search.ts` turns it into SQL whose text no caller touches. */
export interface RecordQuery {
  readonly type: string;
  /** Any of these ids. */
  readonly ids?: readonly string[];
  /** Any of these persons, by id. */
  readonly patients?: readonly string[];
  /** All of these, each satisfied by any of its alternatives. */
  readonly tokens?: readonly TokenClause[];
  readonly references?: readonly ReferenceClause[];
  readonly date?: readonly DateClause[];
  readonly lastUpdated?: readonly DateClause[];
  /** 1 to 1000. */
  readonly count: number;
  readonly after?: FormerPosition;
}

export interface TokenClause {
  readonly param: string;
  readonly anyOf: readonly { readonly code: string; readonly system?: string }[];
}
export interface ReferenceClause {
  readonly param: string;
  readonly anyOf: readonly string[];
}

/** The prefixes of search.html#prefix that are served. */
export type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb';
export const datePrefixes: readonly DatePrefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'];

export interface DateClause {
  readonly prefix: DatePrefix;
  readonly from: Date;
  readonly to: Date;
}

/** Where a page ended: newest first, then by id. */
export interface FormerPosition {
  readonly lastUpdated: Date;
  readonly id: string;
}
