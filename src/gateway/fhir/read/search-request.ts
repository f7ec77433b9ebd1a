import {
  type IgnoredParameter,
  parseSearch,
  type SearchQuery,
} from '../../../standards/fhir-search/index.ts';
import { invalid } from '../failure.ts';
import type { FhirRequest, Parameter, Services } from '../interaction.ts';
import { CURSOR } from './cursor.ts';
import { summaryOf } from './shape.ts';

/** Parameters of the answer's form, not of the search; they stay in the links. */
const FORM: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

const DEFAULT_COUNT = 50;
export const MAX_COUNT = 1_000;

export interface SearchRequest {
  readonly query: SearchQuery;
  /** What was used, for the links. */
  readonly used: readonly Parameter[];
  /** What was not, in lenient handling; in strict it throws. */
  readonly ignored: readonly IgnoredParameter[];
  readonly cursor: string | undefined;
}

/**
 * The parameters of a search as a query of the record. Throws SearchError for a value that is none of its kind, and in strict handling for what
 * is not supported (http.html#prefer).
 */
export function searchRequestOf(
  types: readonly string[],
  { parameters, prefer }: Pick<FhirRequest, 'parameters' | 'prefer'>,
  { clock }: Pick<Services, 'clock'>,
): SearchRequest {
  const asked = parameters.filter(([name]) => !FORM.has(name) && name !== CURSOR);
  const parsed = parseSearch(types, asked, {
    handling: prefer.handling,
    now: clock.now(),
    maxCount: MAX_COUNT,
    defaultCount: DEFAULT_COUNT,
  });
  const form = parameters.filter(([name]) => FORM.has(name));
  return {
    query: summaryOf(parameters) === 'count' ? countOnly(parsed.query) : parsed.query,
    used: [...parsed.used, ...form],
    ignored: parsed.ignored,
    cursor: cursorOf(parameters),
  };
}

/** The cursor of a page; an address names one at most. */
export function cursorOf(parameters: readonly Parameter[]): string | undefined {
  const cursors = parameters.filter(([name]) => name === CURSOR);
  if (cursors.length > 1) throw invalid(CURSOR, 'given once');
  return cursors[0]?.[1];
}

const countOnly = (query: SearchQuery): SearchQuery => ({
  ...query,
  ...{ count: 0, total: 'accurate', sort: [], include: [], revinclude: [] },
});
