import { allOf, NOTHING, type Part, part } from '../../../foundation/database/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type { ReadRow } from '../render.ts';
import { prepareCompiling } from '../search/compiling.ts';
import { conditionOf } from '../search/conditions.ts';
import { type Visibility, visible } from '../search/scope.ts';
import { COLUMNS, fixedRows, ORIGIN, type PageRow, pageColumns, type Reading } from './rows.ts';
import type { ResourceName } from './types.ts';

/** The scope of one operation, with the person's source patients as they are linked now. */
export const visibilityOf = async (reading: Reading): Promise<Visibility> =>
  (await prepareCompiling(reading, [], conditionOf)).visibility;

export interface NamedRow extends ReadRow {
  readonly refs: readonly string[];
}

/** The current resources of these names within the scope, each once. */
export function rowsOfNames(reading: Reading, names: readonly ResourceName[]): Promise<NamedRow[]> {
  return namedRows<NamedRow>(reading, names, { id: part`w.id`, columns: COLUMNS });
}

/**
 * The same for names that were found in what is stored: where a patient is now known as another person, the name leads to the person, as it does in
 * what a reader is shown. As a page, in the order in which they came to be.
 */
export function rowsReferredTo(
  reading: Reading,
  names: readonly ResourceName[],
): Promise<(NamedRow & PageRow)[]> {
  return namedRows<NamedRow & PageRow>(reading, names, {
    id: part`CASE w.type WHEN 'Patient' THEN
      coalesce((SELECT k.person_id FROM person_link k WHERE k.source_patient_id = w.id), w.id) ELSE w.id END`,
    columns: pageColumns(part`r.rid`),
    order: part`ORDER BY r.rid`,
  });
}

async function namedRows<Row extends NamedRow>(
  reading: Reading,
  names: readonly ResourceName[],
  { id, columns, order = NOTHING }: { id: Part; columns: Part; order?: Part },
): Promise<Row[]> {
  const wanted = names.filter((name) => isResourceId(name.id));
  if (wanted.length === 0) return [];
  const visibility = await visibilityOf(reading);
  const types = wanted.map(({ type }) => type);
  const ids = wanted.map((name) => name.id);
  const named = part`SELECT DISTINCT w.type, ${id} AS id FROM unnest(${types}::text[], ${ids}::text[]) AS w (type, id)`;
  return fixedRows<Row>(
    reading,
    'record.read-many',
    part`SELECT ${columns}, r.refs FROM (${named}) n JOIN resource r ON r.id = n.id AND r.type = n.type ${ORIGIN}
         WHERE ${visible(part`r`, visibility)} ${order}`,
  );
}

/** The current version of one, or none within the scope. */
export async function rowOf(
  reading: Reading,
  name: ResourceName,
  locking?: Part,
): Promise<ReadRow | undefined> {
  if (!isResourceId(name.id)) return undefined;
  const visibility = await visibilityOf(reading);
  const condition = allOf([
    part`r.id = ${name.id}`,
    part`r.type = ${name.type}`,
    visible(part`r`, visibility, [name.type]),
  ]);
  const statement = part`SELECT ${COLUMNS} FROM resource r ${ORIGIN} WHERE ${condition}`;
  const rows = await fixedRows<ReadRow>(
    reading,
    'record.read',
    locking ? part`${statement} ${locking}` : statement,
  );
  return rows[0];
}
