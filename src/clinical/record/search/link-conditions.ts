import { allOf, anyOf, type Part, part, sql, TRUE } from '../../../foundation/database/index.ts';
import type { Clause } from '../../../standards/fhir-search/index.ts';
import { referenceEntry } from '../entries.ts';
import type { Compiling } from './compiling.ts';
import { leadsIntoCompartment, refersTo } from './entry-conditions.ts';
import { isType, type Place, placeAt } from './place.ts';
import { inCompartment, visible } from './scope.ts';

/**
 * Chains and `_has` (S49). The far end of a link is looked up first, by a statement of its own: in the usual case it is a few
 * resources, and the plan of the search then sees their ids. Where it is more than that, each row is asked instead where its links
 * lead. The scope holds at the far end as it does here, so a link tells nothing of what the reader may not see.
 */
const NAMED_LIMIT = 1000;
/** Resources at the far end of `_has` that are read for what they refer to; they lead to fewer. */
const REFERRING_LIMIT = 20_000;
/** Patients whose rows are all looked at rather than walking back from the newest row. */
const FEW = 20;

type Of<Kind extends Clause['kind']> = Extract<Clause, { readonly kind: Kind }>;

export async function chain(clause: Of<'chain'>, place: Place, compiling: Compiling): Promise<Part> {
  const { param, target, where } = clause;
  const far = placeAt(place.depth + 1, [target]);
  const condition = await farCondition(far, where, compiling);
  const ids = await follow(compiling, chainEnds(far, condition, target));
  if (ids) {
    if (target === 'Patient' && ids.length <= FEW && leadsIntoCompartment(place.types, param))
      compiling.narrow.add(clause);
    const [patients, others] = target === 'Patient' ? [ids, []] : [[], ids.map((id) => `${target}/${id}`)];
    return refersTo(place, param, { patients, others });
  }
  const prefix = referenceEntry(param, `${target}/`);
  const named = part`substr(e.entry, ${prefix.length + 1})`;
  const stored =
    target === 'Patient'
      ? part`${far.row}.id = ANY(ARRAY(SELECT s.source_patient_id FROM person_link l JOIN person_link s ON s.person_id = l.person_id
               WHERE l.source_patient_id = ${named}))`
      : part`${far.row}.id = ${named}`;
  return part`EXISTS (SELECT FROM unnest(${place.row}.refs) AS e (entry) JOIN resource ${far.row} ON ${stored}
    WHERE starts_with(e.entry, ${prefix}) AND ${condition})`;
}

/** Ids at the far end of a chain; for patients those of every source patient of the same person. */
function chainEnds(far: Place, condition: Part, target: string): Part {
  const found = part`SELECT ${far.row}.id FROM resource ${far.row} WHERE ${condition}`;
  return ends(found, target === 'Patient' ? SAME_PERSONS : part`SELECT id FROM found`, NAMED_LIMIT);
}

/** `ids` of what was `found`, or null when that is more than the limit. */
const ends = (found: Part, ids: Part, limit: number): Part =>
  part`WITH found AS MATERIALIZED (${found} LIMIT ${limit + 1})
    SELECT CASE WHEN (SELECT count(*) FROM found) <= ${limit} THEN ARRAY(${ids}) END AS ids`;

const SAME_PERSONS = part`SELECT DISTINCT coalesce(s.source_patient_id, found.id) FROM found
  LEFT JOIN person_link l ON l.source_patient_id = found.id LEFT JOIN person_link s ON s.person_id = l.person_id`;

export async function has(clause: Of<'has'>, place: Place, compiling: Compiling): Promise<Part> {
  const parts: Part[] = [];
  for (const type of place.types) {
    const here = await hasOfType(clause, { ...place, types: [type] }, compiling);
    parts.push(place.types.length === 1 ? here : allOf([isType(part`${place.row}.type`, [type]), here]));
  }
  return anyOf(parts);
}

async function hasOfType(clause: Of<'has'>, place: Place, compiling: Compiling): Promise<Part> {
  const { type, param, where } = clause;
  const [hereType = ''] = place.types;
  const far = placeAt(place.depth + 1, [type]);
  const condition = await farCondition(far, where, compiling);
  const prefix = referenceEntry(param, `${hereType}/`);
  const ids = await follow(
    compiling,
    hasEnds(far, condition, { prefix, ofPatients: hereType === 'Patient' }),
  );
  if (ids) return part`${place.row}.id = ANY(${ids}::text[])`;
  const here =
    hereType === 'Patient'
      ? part`ARRAY(SELECT s.source_patient_id FROM person_link l JOIN person_link s ON s.person_id = l.person_id
               WHERE l.source_patient_id = ${place.row}.id)`
      : part`ARRAY[${place.row}.id]`;
  const anchor =
    hereType === 'Patient' && leadsIntoCompartment([type], param) ? inCompartment(far.row, here) : TRUE;
  const refers = part`${far.row}.refs && ARRAY(SELECT ${prefix}::text || id FROM unnest(${here}) AS h (id))`;
  // Who refers here comes first, by index: what is asked of them is true of too many to begin with.
  const referring = part`SELECT ${far.row}.* FROM resource ${far.row} WHERE ${allOf([isType(part`${far.row}.type`, [type]), anchor, refers])} OFFSET 0`;
  const refersHere = part`EXISTS (SELECT FROM (${referring}) ${far.row} WHERE ${condition})`;
  return hereType === 'Patient' ? allOf([isOwnPerson(place.row), refersHere]) : refersHere;
}

/** What leads to another's chart is found by nobody's resources: the other is. */
const isOwnPerson = (row: Part): Part =>
  part`NOT EXISTS (SELECT FROM person_link k WHERE k.source_patient_id = ${row}.id AND k.person_id <> ${row}.id)`;

/** Ids of what the resources at the far end refer to; of patients the persons. */
function hasEnds(
  far: Place,
  condition: Part,
  { prefix, ofPatients }: { prefix: string; ofPatients: boolean },
): Part {
  const found = part`SELECT ${far.row}.refs FROM resource ${far.row} WHERE ${condition}`;
  const named = part`SELECT DISTINCT substr(e.entry, ${prefix.length + 1}) AS id FROM found, unnest(found.refs) AS e (entry)
    WHERE starts_with(e.entry, ${prefix})`;
  const ids = part`SELECT DISTINCT l.person_id FROM (${named}) n JOIN person_link l ON l.source_patient_id = n.id`;
  return ends(found, ofPatients ? ids : named, REFERRING_LIMIT);
}

async function farCondition(far: Place, where: Clause, compiling: Compiling): Promise<Part> {
  return allOf([
    isType(part`${far.row}.type`, far.types),
    visible(far.row, compiling.visibility, far.types),
    await compiling.conditionOf(where, far, compiling),
  ]);
}

/** Undefined when there is more at the far end than is named. */
async function follow({ queryable }: Compiling, statement: Part): Promise<readonly string[] | undefined> {
  const { text, parameters } = statement.render();
  const [row] = await queryable.query<{ ids: string[] | null }>(
    sql('record.follow-link', text, { prepare: false }),
    parameters,
  );
  return row?.ids ?? undefined;
}
