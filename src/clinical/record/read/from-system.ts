import type { Keyring } from '../../../foundation/crypto/index.ts';
import { part, type Queryable } from '../../../foundation/database/index.ts';
import type { StoredResource } from '../types.ts';
import { fitting, fixedRows, ORIGIN, type PageRow, pageColumns, type Reading, rendered } from './rows.ts';

export interface FromSystem {
  readonly type: string;
  /** By its name in the configuration. */
  readonly system: string;
  /** Where the page before ended. */
  readonly after?: number;
  readonly limit: number;
}

export interface SystemPage {
  readonly resources: readonly StoredResource[];
  /** Where the next page goes on; absent on the last one. */
  readonly next?: number;
}

/** Resources of a type as a system last said them, whoever they are about, in the order in which they came to be: for who works on what is stored. */
export async function resourcesFrom(
  queryable: Queryable,
  { type, system, after = 0, limit }: FromSystem,
  keyring?: Keyring,
): Promise<SystemPage> {
  const reading: Reading = { queryable, scope: { kind: 'everything' }, ...(keyring ? { keyring } : {}) };
  const rows = await fixedRows<PageRow & { readonly rid: number }>(
    reading,
    'record.from-system',
    part`SELECT r.rid, ${pageColumns(part`r.rid`)}
           FROM (SELECT r.* FROM resource r
                  WHERE r.type = ${type} AND r.source_system = ${system} AND r.rid > ${after}::bigint
                  ORDER BY r.rid LIMIT ${limit + 1}::bigint) r ${ORIGIN} ORDER BY r.rid`,
  );
  const shown = fitting(rows.slice(0, limit));
  const last = shown.at(-1);
  return {
    resources: rendered(reading, shown),
    ...(rows.length > shown.length && last ? { next: last.rid } : {}),
  };
}
