import { allOf, anyOf, part, sql } from '../../../foundation/database/index.ts';
import { isResourceId, isResourceType } from '../../../standards/fhir/index.ts';
import { type Include, searchParametersOf } from '../../../standards/fhir-search/index.ts';
import { type NamedRow, rowsReferredTo, visibilityOf } from '../read/names.ts';
import {
  fitting,
  ORIGIN,
  PAGE_BYTES,
  type PageRow,
  pageColumns,
  plannedRows,
  type Reading,
} from '../read/rows.ts';
import type { ResourceName } from '../read/types.ts';
import { refersTo } from './entry-conditions.ts';
import { visible } from './scope.ts';

/** Included at most, beside the matches of one page, and no more once their contents fill a page themselves. */
const MAX_INCLUDED = 5_000;
/** How far `:iterate` goes. */
const MAX_ROUNDS = 8;

export interface Included {
  readonly rows: readonly NamedRow[];
  readonly isTruncated: boolean;
}

type Seed = ResourceName & { readonly refs?: readonly string[] };

/** An include whose target may be several types; none given means any. */
export interface Link {
  readonly source: string;
  readonly param: string;
  readonly targets?: ReadonlySet<string>;
  readonly iterate: boolean;
}

export interface Links {
  readonly include: readonly Link[];
  readonly revinclude: readonly Link[];
}

export const linkOf = ({ source, param, target, iterate }: Include): Link => ({
  source,
  param,
  iterate,
  ...(target === undefined ? {} : { targets: new Set([target]) }),
});

/**
 * What `_include` and `_revinclude` add to a page (S54): the first round starts from the matches, each further one from what the round before added
 * and only by what is to be iterated, until nothing new comes. Every resource is asked for within the scope, like a match.
 */
export async function includedWith(
  reading: Reading,
  links: Links,
  matches: readonly Seed[],
): Promise<Included> {
  const gathered = new Gathered(matches);
  let seeds = matches;
  for (let round = 0; seeds.length > 0 && round < MAX_ROUNDS; round++) {
    const applies = ({ iterate }: Link) => round === 0 || iterate;
    const before = gathered.rows.length;
    const names = links.include.filter(applies).flatMap((link) => namesFrom(link, seeds));
    gathered.add(await rowsReferredTo(reading, gathered.unknown(names)));
    for (const link of links.revinclude.filter(applies)) {
      if (gathered.isTruncated) break;
      gathered.add(await referring(reading, link, { seeds, limit: gathered.room + 1 }));
    }
    seeds = gathered.rows.slice(before);
    if (gathered.isTruncated) break;
  }
  return { rows: gathered.rows, isTruncated: gathered.isTruncated };
}

/** Each resource once, none of the matches, no more than there is room for. */
class Gathered {
  readonly rows: NamedRow[] = [];
  isTruncated = false;
  #bytes = 0;
  readonly #known: Set<string>;

  constructor(matches: readonly ResourceName[]) {
    this.#known = new Set(matches.map(nameOf));
  }

  get room(): number {
    return MAX_INCLUDED - this.rows.length;
  }

  unknown(names: readonly ResourceName[]): ResourceName[] {
    const fresh = new Map(names.map((name) => [nameOf(name), name] as const));
    for (const name of this.#known) fresh.delete(name);
    return [...fresh.values()].slice(0, this.room + 1);
  }

  add(rows: readonly (NamedRow & PageRow)[]): void {
    const here = fitting(rows);
    for (const row of here) {
      if (this.#known.has(nameOf(row))) continue;
      if (this.room === 0 || this.#bytes >= PAGE_BYTES) {
        this.isTruncated = true;
        return;
      }
      this.#known.add(nameOf(row));
      this.rows.push(row);
      this.#bytes += row.text?.length ?? row.content?.length ?? 0;
    }
    this.isTruncated ||= here.length < rows.length;
  }
}

const nameOf = ({ type, id }: ResourceName): string => `${type}/${id}`;

/** Where references of these resources lead. */
const namesFrom = (link: Link, seeds: readonly Seed[]): ResourceName[] =>
  seeds
    .filter(({ type }) => link.source === '*' || link.source === type)
    .flatMap(({ refs = [] }) => refs.flatMap((entry) => nameFrom(link, entry) ?? []));

/** An entry is `param|Type/id` (entries.ts); what is no such reference leads nowhere. */
function nameFrom({ param, targets }: Link, entry: string): ResourceName | undefined {
  const bar = entry.indexOf('|');
  const slash = entry.indexOf('/', bar);
  if (slash === -1 || (param !== '*' && entry.slice(0, bar) !== param)) return undefined;
  const type = entry.slice(bar + 1, slash);
  const isAsked = targets ? targets.has(type) : isResourceType(type);
  const id = entry.slice(slash + 1);
  return isAsked && isResourceId(id) ? { type, id } : undefined;
}

/** Resources that refer to these by the parameter. */
async function referring(
  reading: Reading,
  link: Link,
  { seeds, limit }: { seeds: readonly Seed[]; limit: number },
): Promise<(NamedRow & PageRow)[]> {
  const { source, targets } = link;
  const aimed = seeds.filter(({ type }) => !targets || targets.has(type));
  if (aimed.length === 0) return [];
  const others = aimed.filter(({ type }) => type !== 'Patient').map(nameOf);
  const patients = await samePersons(
    reading,
    aimed.filter(({ type }) => type === 'Patient').map(({ id }) => id),
  );
  const place = { row: part`r`, types: [source], depth: 0 };
  const refers = parametersOf(link).flatMap((param) => [
    refersTo(place, param, { patients, others: [] }),
    refersTo(place, param, { patients: [], others }),
  ]);
  const condition = allOf([
    // As a filter: references are few, and the index on types would be read for all of its rows to join them.
    part`(r.type = ${source}) IS TRUE`,
    anyOf(refers),
    visible(part`r`, await visibilityOf(reading), [source]),
  ]);
  return plannedRows(
    reading,
    'record.referring',
    part`SELECT ${pageColumns(part`r.rid`)}, r.refs FROM (SELECT r.* FROM resource r WHERE ${condition} LIMIT ${limit}) r ${ORIGIN} ORDER BY r.rid`,
  );
}

function parametersOf({ source, param }: Link): string[] {
  if (param !== '*') return [param];
  return [...searchParametersOf(source).values()]
    .filter(({ type }) => type === 'reference')
    .map(({ code }) => code);
}

const samePersonsOf = sql(
  'record.same-persons',
  `SELECT DISTINCT s.source_patient_id AS id FROM person_link l JOIN person_link s ON s.person_id = l.person_id
    WHERE l.source_patient_id = ANY($1::text[])`,
);

/** With every source patient of the same persons: what is stored refers to any of them. */
async function samePersons({ queryable }: Reading, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return ids;
  const rows = await queryable.query<{ id: string }>(samePersonsOf, [ids]);
  return [...new Set([...ids, ...rows.map(({ id }) => id)])];
}
