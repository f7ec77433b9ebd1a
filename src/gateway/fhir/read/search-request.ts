import {
  type IgnoredParameter,
  parseSearch,
  type SearchQuery,
} from '../../../standards/fhir-search/index.ts';
import { invalid } from '../failure.ts';
import type { FhirRequest, Parameter, Services } from '../interaction.ts';
import { CURSOR } from './cursor.ts';
import { expansionsOf } from './expansions.ts';

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
 * The parameters of a search as a query of the record; of several types `_type` names those that are wanted. Throws SearchError for a value that
 * is none of its kind, and in strict handling for what is not supported (http.html#prefer).
 */
export async function searchRequestOf(
  types: string | readonly string[],
  { parameters, prefer, base }: Pick<FhirRequest, 'parameters' | 'prefer' | 'base'>,
  services: Pick<Services, 'clock' | 'terminology'>,
): Promise<SearchRequest> {
  const asked = parameters.filter(([name]) => name !== CURSOR);
  const expansions = await expansionsOf(asked, services);
  const { query, used, ignored, form } = parseSearch(types, asked, {
    handling: prefer.handling,
    now: services.clock.now(),
    maxCount: MAX_COUNT,
    defaultCount: DEFAULT_COUNT,
    baseUrls: [base],
    expansions,
  });
  return {
    query: form.summary === 'count' ? countOnly(query) : query,
    ...{ used, ignored },
    cursor: cursorOf(parameters),
  };
}

/** The cursor of a page; an address names one at most. */
export function cursorOf(parameters: readonly Parameter[]): string | undefined {
  const cursors = parameters.filter(([name]) => name === CURSOR);
  if (cursors.length > 1) throw invalid(CURSOR, 'given once');
  return cursors[0]?.[1];
}

const countOnly = (query: SearchQuery): SearchQuery => ({ ...query, sort: [], include: [], revinclude: [] });
