import type { SearchQuery } from '../../../standards/fhir-search/index.ts';
import { fitting, type Reading, rendered } from '../read/rows.ts';
import type { Position, SearchPage } from '../read/types.ts';
import { includedWith, linkOf } from './include.ts';
import { matchRows, positionOf, type Selection, select, totalOf } from './matches.ts';

const MAX_COUNT = 1000;

/** One page of a search; see RecordReads.search. */
export async function search(
  reading: Reading,
  asked: SearchQuery,
  page: { readonly after?: Position } = {},
): Promise<SearchPage> {
  const query = { ...asked, count: Math.min(Math.max(asked.count, 0), MAX_COUNT) };
  const selection = await select(reading, query);
  if (query.count === 0) return totalAlone(reading, selection, query);
  const rows = await matchRows(reading, selection, {
    query,
    ...(page.after ? { position: page.after } : {}),
  });
  const shown = fitting(rows.slice(0, query.count));
  const last = shown.at(-1);
  const next = rows.length > shown.length && last ? { next: positionOf(last) } : {};
  const isWhole = !page.after && rows.length <= query.count;
  const total = isWhole ? rows.length : await totalIfAsked(reading, selection, query);
  const included = await includedWith(
    reading,
    { include: query.include.map(linkOf), revinclude: query.revinclude.map(linkOf) },
    shown,
  );
  return {
    matches: rendered(reading, shown),
    included: rendered(reading, included.rows),
    ...(total === undefined ? {} : { total }),
    ...next,
    ...(included.isTruncated ? { truncatedIncludes: true } : {}),
  };
}

const totalIfAsked = async (
  reading: Reading,
  selection: Selection,
  { total }: SearchQuery,
): Promise<number | undefined> => (total === 'none' ? undefined : totalOf(reading, selection, total));

async function totalAlone(
  reading: Reading,
  selection: Selection,
  { total }: SearchQuery,
): Promise<SearchPage> {
  const how = total === 'none' ? 'accurate' : total;
  return { matches: [], included: [], total: await totalOf(reading, selection, how) };
}
