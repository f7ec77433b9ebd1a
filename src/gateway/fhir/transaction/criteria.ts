import { parseExact } from '../../../standards/fhir/index.ts';
import {
  type Clause,
  parseSearch,
  SearchError,
  type SearchQuery,
  valuesOf,
} from '../../../standards/fhir-search/index.ts';
import type { Json, RecordReads, StoredResource } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import { type Candidate, matches } from './match.ts';

/** What an entry, or a conditional reference, looks for. */
export interface Criteria {
  readonly type: string;
  /** Equal for criteria that ask the same: what is locked, and what is looked up once. */
  readonly key: string;
  readonly where: readonly Clause[];
}

/** Criteria are to find one resource; who finds more of them names none. */
const ENOUGH = 2;
/** What is found is less by what the same transaction deletes or replaces, so by so many more has to be looked for. */
const MAX_ENOUGH = 1_000;
const LOOKUP_VALUES = 500;
const LOOKUP_PAGE = 1_000;
const MAX_PAGES = 20;

/** Parses `identifier=a|b` for a type. Throws INVALID_REQUEST at `place` when it is not understood or names no condition. */
export function parseCriteria(
  type: string,
  text: string,
  { place, now }: { place: string; now: Date },
): Criteria {
  const { where } = parsed(type, text, { place, now });
  if (where.length === 0) throw invalid(place, 'criteria with one search parameter at least');
  return { type, key: criteriaKey(type, where), where };
}

function parsed(type: string, text: string, { place, now }: { place: string; now: Date }): SearchQuery {
  const parameters = [...new URLSearchParams(text)];
  try {
    return parseSearch(type, parameters, { handling: 'strict', now, maxCount: ENOUGH, defaultCount: ENOUGH })
      .query;
  } catch (error) {
    if (error instanceof SearchError) throw invalid(place, `${error.place}: ${error.rule}`);
    throw error;
  }
}

/** The same for the same conditions in another order, and for none but them. */
const criteriaKey = (type: string, where: readonly Clause[]): string =>
  `${type}?${where
    .map((clause) => JSON.stringify(clause))
    .sort()
    .join('&')}`;

/**
 * What is in the record for each criteria, by key; of many that are found, two more than `replaced` are as good as all. Criteria of one type
 * that ask for one token of the same parameter, which nearly all do, are one search together.
 */
export async function lookUp(
  record: RecordReads,
  wanted: readonly Criteria[],
  replaced: number,
): Promise<ReadonlyMap<string, readonly StoredResource[]>> {
  const enough = Math.min(ENOUGH + replaced, MAX_ENOUGH);
  const found = new Map<string, readonly StoredResource[]>();
  const together = new Map<string, Map<string, Criteria>>();
  for (const criteria of wanted) {
    if (found.has(criteria.key)) continue;
    found.set(criteria.key, []);
    const param = singleToken(criteria.where)?.param;
    const group = param === undefined ? criteria.key : `${criteria.type} ${param}`;
    const members = together.get(group) ?? new Map<string, Criteria>();
    together.set(group, members.set(criteria.key, criteria));
  }
  for (const members of together.values()) {
    const [one, ...others] = members.values();
    if (!one) continue;
    if (others.length === 0) found.set(one.key, await searchAll(record, one, enough));
    else await lookUpTokens(record, [one, ...others], found);
  }
  return found;
}

/** One search for the tokens of many criteria, and which of them each match answers. */
async function lookUpTokens(
  record: RecordReads,
  criteria: readonly Criteria[],
  found: Map<string, readonly StoredResource[]>,
): Promise<void> {
  for (let start = 0; start < criteria.length; start += LOOKUP_VALUES) {
    const some = criteria.slice(start, start + LOOKUP_VALUES);
    const tokens = some.flatMap(({ where }) => singleToken(where) ?? []);
    const [first] = tokens;
    const type = some[0]?.type;
    if (!first || type === undefined) continue;
    const anyOf = tokens.flatMap((token) => token.anyOf);
    // Every match, because a value with many must not hide those of another.
    const matched = await searchAll(record, { type, where: [{ ...first, anyOf }] });
    const candidates = matched.map((resource) => ({
      resource,
      candidate: candidateOf(parseExact(resource.json) as Json, resource.id),
    }));
    for (const { key, where } of some)
      found.set(
        key,
        candidates.flatMap(({ resource, candidate }) => (matches(candidate, where) ? [resource] : [])),
      );
  }
}

type TokenClause = Extract<Clause, { kind: 'token' }>;

/** The condition, when it is the only one and names a code. */
export function singleToken(where: readonly Clause[]): TokenClause | undefined {
  const [clause, ...others] = where;
  return clause?.kind === 'token' &&
    !clause.not &&
    others.length === 0 &&
    clause.anyOf.every(({ code }) => code !== undefined)
    ? clause
    : undefined;
}

const query = (type: string, where: readonly Clause[], count: number): SearchQuery => ({
  ...{ types: [type], where, count, total: 'none' },
  ...{ sort: [], include: [], revinclude: [] },
});

/** So many matches, or all there are, over several pages where they are large. */
async function searchAll(
  record: RecordReads,
  { type, where }: Pick<Criteria, 'type' | 'where'>,
  enough = Number.POSITIVE_INFINITY,
): Promise<readonly StoredResource[]> {
  const matched: StoredResource[] = [];
  const asked = query(type, where, Math.min(enough, LOOKUP_PAGE));
  let page = await record.search(asked);
  for (let pages = 1; ; pages++) {
    matched.push(...page.matches);
    if (!page.next || matched.length >= enough) return matched;
    if (pages === MAX_PAGES) throw invalid('Bundle', 'criteria that find one resource each');
    page = await record.search(asked, { after: page.next });
  }
}

export const candidateOf = (resource: Json, id: string): Candidate => ({
  type: resource.resourceType,
  id,
  values: valuesOf(resource),
});
