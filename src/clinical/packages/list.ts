import type { Database, Queryable, Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { type ListRow, statements } from './sql.ts';
import { compareVersions } from './versions.ts';

export interface LoadedPackage {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly loadedAt: Date;
  /** How many definitions it has, by resource type. */
  readonly counts: Readonly<Record<string, number>>;
}

/** By name, the newest version first. */
export async function listPackages(database: Queryable): Promise<LoadedPackage[]> {
  const packages = new Map<string, LoadedPackage & { counts: Record<string, number> }>();
  for (const row of await database.query<ListRow>(statements.list)) {
    const key = `${row.name}#${row.version}`;
    const one = packages.get(key) ?? {
      name: row.name,
      version: row.version,
      ...(row.title === null ? {} : { title: row.title }),
      loadedAt: row.loaded_at,
      counts: {},
    };
    packages.set(key, one);
    if (row.type !== null) one.counts[row.type] = row.count;
  }
  return [...packages.values()].sort((one, other) => {
    if (one.name !== other.name) return one.name < other.name ? -1 : 1;
    return compareVersions(other.version, one.version);
  });
}

export interface RemoveOptions {
  readonly name: string;
  /** All versions when left out. */
  readonly version?: string;
  /** What belongs into the same transaction, such as the audit entry. */
  readonly alongside?: (transaction: Transaction) => Promise<void>;
}

/** Removes one version, or all of them. Returns those that are gone, the oldest first. Throws PACKAGE_UNKNOWN when there is none. */
export async function removePackage(
  database: Database,
  { name, version, alongside }: RemoveOptions,
): Promise<string[]> {
  return database.transaction(async (transaction) => {
    const removed = await transaction.query<{ version: string }>(statements.remove, [name, version ?? null]);
    if (removed.length === 0)
      throw new IsthmusError('PACKAGE_UNKNOWN', {
        place: version === undefined ? name : `${name} ${version}`,
      });
    await transaction.query(statements.notify);
    await alongside?.(transaction);
    return removed.map((row) => row.version).sort(compareVersions);
  });
}
