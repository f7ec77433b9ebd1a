import { allOf, type Part, part, TRUE } from '../../../foundation/database/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import { PUBLISHER } from '../persons/publisher.ts';
import { type ReadRow, renderRow } from '../render.ts';
import { type Visibility, visible } from '../search/scope.ts';
import type { HistoryEntry, HistoryMethod, ResourceState } from '../types.ts';
import { rowOf, visibilityOf } from './names.ts';
import { COLUMNS, fixedRows, ORIGIN, type Reading } from './rows.ts';
import type { ResourceName } from './types.ts';

export interface VersionRow extends ReadRow {
  readonly method: HistoryMethod;
}

const VERSION_COLUMNS = part`${COLUMNS}, r.method`;

/**
 * S57. A passed version is seen by who may see both it and what the resource is today, or was at last when it has been deleted: what has moved to
 * another patient takes its past with it, and nobody is shown a version that named somebody else.
 */
export function visiblePassed(visibility: Visibility, types?: readonly string[]): Part {
  const own = visible(part`r`, visibility, types);
  if (own === TRUE) return TRUE;
  const told = toldOfOthers(visibility);
  const today = visible(part`c`, visibility, types);
  const atLast = visible(part`d`, visibility, types);
  return allOf([
    own,
    told,
    part`(EXISTS (SELECT FROM resource c WHERE c.id = r.id AND c.type = r.type AND ${today})
      OR NOT EXISTS (SELECT FROM resource c WHERE c.id = r.id AND c.type = r.type)
        AND EXISTS (SELECT FROM resource_history d WHERE d.id = r.id AND d.type = r.type AND d.method = 'DELETE' AND ${atLast}
                      AND NOT EXISTS (SELECT FROM resource_history n WHERE n.id = d.id AND n.type = d.type AND n.version > d.version)))`,
  ]);
}

/** A Patient that was published of several sources, while they were one person, is shown while they are: it names them all (ID12). */
const toldOfOthers = (visibility: Visibility): Part =>
  visibility.kind === 'of'
    ? part`(r.type <> 'Patient' OR r.source_system <> ${PUBLISHER} OR coalesce(r.other_patients <@ ${visibility.sources}::text[], TRUE))`
    : TRUE;

const isNamed = ({ type, id }: ResourceName): Part => part`r.id = ${id} AND r.type = ${type}`;

/** A deletion is told only to who could see what was deleted. */
export async function stateOf(reading: Reading, name: ResourceName): Promise<ResourceState> {
  const current = await rowOf(reading, name);
  if (current) return { kind: 'current', resource: renderRow(current, reading.keyring) };
  if (!isResourceId(name.id)) return { kind: 'absent' };
  const seen = visiblePassed(await visibilityOf(reading), [name.type]);
  const [deleted] = await fixedRows<{ version: number; last_updated: Date }>(
    reading,
    'record.deleted',
    part`SELECT r.version, r.last_updated FROM resource_history r
      WHERE ${isNamed(name)} AND r.method = 'DELETE' AND ${seen}
        AND NOT EXISTS (SELECT FROM resource c WHERE c.id = r.id AND c.type = r.type)
      ORDER BY r.version DESC LIMIT 1`,
  );
  return deleted
    ? { kind: 'deleted', version: deleted.version, at: deleted.last_updated }
    : { kind: 'absent' };
}

export async function versionOf(
  reading: Reading,
  name: ResourceName,
  version: number,
): Promise<HistoryEntry | undefined> {
  if (!isResourceId(name.id) || !Number.isSafeInteger(version) || version < 1 || version > MAX_VERSION)
    return undefined;
  const visibility = await visibilityOf(reading);
  const wanted = part`${isNamed(name)} AND r.version = ${version}`;
  const [row] = await fixedRows<VersionRow>(
    reading,
    'record.read-version',
    part`SELECT ${VERSION_COLUMNS} FROM resource r ${ORIGIN} WHERE ${wanted} AND ${visible(part`r`, visibility, [name.type])}
      UNION ALL
      SELECT ${VERSION_COLUMNS} FROM resource_history r ${ORIGIN} WHERE ${wanted} AND ${visiblePassed(visibility, [name.type])}
      LIMIT 1`,
  );
  return row && entryOf(reading, row);
}

const MAX_VERSION = 2 ** 31 - 1;

export function entryOf({ keyring }: Reading, row: VersionRow): HistoryEntry {
  const { type, id, version, method } = row;
  const entry = { type, id, version, method, lastUpdated: row.last_updated };
  return method === 'DELETE' ? entry : { ...entry, resource: renderRow(row, keyring) };
}
