import type { Queryable } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import * as statements from './sql.ts';
import type { UnmappedCode, UnmappedFilter, UnmappedList, UnmappedState } from './types.ts';

interface UnmappedRow {
  readonly id: number;
  readonly translation: string;
  readonly system: string;
  readonly code: string;
  readonly display: string | null;
  readonly element: string;
  readonly source: string;
  readonly count: number;
  readonly first_seen: Date;
  readonly last_seen: Date;
  readonly message_id: number | null;
  readonly state: UnmappedState;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly reason: string | null;
}

export async function listUnmapped(queryable: Queryable, filter: UnmappedFilter): Promise<UnmappedList> {
  const { translation, system, element, source, state, since, limit } = filter;
  const conditions = [translation, system, element, source, state, since].map((value) => value ?? null);
  const rows = await queryable.query<UnmappedRow>(statements.listUnmapped, [...conditions, limit]);
  const [counts] = await queryable.query<{ codes: number; occurrences: number }>(
    statements.countFiltered,
    conditions,
  );
  return {
    codes: rows.map(codeOf),
    total: counts?.codes ?? 0,
    occurrences: counts?.occurrences ?? 0,
  };
}

/** Throws UNMAPPED_UNKNOWN. */
export async function readUnmapped(queryable: Queryable, id: number): Promise<UnmappedCode> {
  const [row] = await queryable.query<UnmappedRow>(statements.unmappedById, [id]);
  if (!row) throw new IsthmusError('UNMAPPED_UNKNOWN', { place: String(id) });
  return codeOf(row);
}

const codeOf = (row: UnmappedRow): UnmappedCode => ({
  ...{ id: row.id, translation: row.translation, system: row.system, code: row.code },
  ...{ element: row.element, source: row.source, count: row.count, state: row.state },
  ...{ firstSeen: row.first_seen, lastSeen: row.last_seen },
  ...(row.display === null ? {} : { display: row.display }),
  ...(row.message_id === null ? {} : { messageId: row.message_id }),
  ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
  ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
  ...(row.reason === null ? {} : { reason: row.reason }),
});
