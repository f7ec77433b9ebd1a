import { IsthmusError } from '../../../foundation/errors/index.ts';
import { parseSearch, type SearchQuery } from '../../../standards/fhir-search/index.ts';
import type { ExportSelection, RecordSnapshot, StoredResource } from '../../../trust/access/index.ts';
import type { LeasedJob } from '../job/lease.ts';

/** Ids that fitted one filter, remembered so that a resource that fits two comes once. */
const IDS_LIMIT = 1_000_000;
const PAGE = 500;

/** A query of `_typeFilter` (`category=laboratory&date=ge2026`), strictly. Throws SearchError. */
export function filterQuery(type: string, query: string, now: Date): SearchQuery {
  const parameters = [...new URLSearchParams(query)];
  const how = { handling: 'strict', now, maxCount: PAGE, defaultCount: PAGE } as const;
  return parseSearch([type], parameters, how).query;
}

/** The pages of a selection; where the job has filters for the type, of what fits one of them today. */
export async function* filteredPages(
  snapshot: RecordSnapshot,
  selection: ExportSelection,
  { wanted, createdAt }: Pick<LeasedJob, 'wanted' | 'createdAt'>,
): AsyncGenerator<readonly StoredResource[]> {
  const filters = wanted.filters?.filter(({ type }) => type === selection.type) ?? [];
  if (filters.length === 0) {
    yield* snapshot.resources(selection);
    return;
  }
  const seen = new Set<string>();
  for (const { type, query } of filters) {
    for await (const page of snapshot.matching(filterQuery(type, query, createdAt), selection)) {
      const fresh = page.filter(({ id }) => !seen.has(id));
      if (seen.size + fresh.length > IDS_LIMIT)
        throw new IsthmusError('TOO_LARGE', { place: '_typeFilter', rule: `at most ${IDS_LIMIT} resources` });
      if (filters.length > 1) for (const { id } of fresh) seen.add(id);
      yield fresh;
    }
  }
}
