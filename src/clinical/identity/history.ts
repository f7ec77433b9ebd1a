import type { Queryable } from '../../foundation/database/index.ts';
import * as statements from './sql.ts';
import type { EventKind, IdentityEventRecord, Move } from './types.ts';

interface EventRow {
  readonly id: number;
  readonly kind: EventKind;
  readonly at: Date;
  readonly actor: string;
  readonly reason: string;
  readonly message_id: number | null;
  readonly model_version: string | null;
  readonly score: string | null;
  readonly undoes: number | null;
  readonly one: string | null;
  readonly other: string | null;
  readonly moves: string | null;
}

export async function readEvent(queryable: Queryable, id: number): Promise<IdentityEventRecord | undefined> {
  const [row] = await queryable.query<EventRow>(statements.readEvent, [id]);
  return row && recordOf(row);
}

/** The newest `limit` events about these source patients, oldest first. */
export async function readHistory(
  queryable: Queryable,
  sources: readonly string[],
  limit: number,
): Promise<IdentityEventRecord[]> {
  const rows = await queryable.query<EventRow>(statements.historyOf, [sources, limit]);
  const undone = undoneBy(rows);
  return rows.map((row) => {
    const by = undone.get(row.id);
    return { ...recordOf(row), ...(by === undefined ? {} : { undoneBy: by }) };
  });
}

/** Which of these events is taken back by which, today: an undo that was itself undone takes nothing back. */
export function undoneBy(
  events: readonly { readonly id: number; readonly undoes: number | null }[],
): ReadonlyMap<number, number> {
  const undone = new Map<number, number>();
  for (const { id, undoes } of [...events].sort((one, other) => other.id - one.id))
    if (undoes !== null && !undone.has(id)) undone.set(undoes, id);
  return undone;
}

const recordOf = (row: EventRow): IdentityEventRecord => ({
  id: row.id,
  kind: row.kind,
  at: row.at,
  actor: row.actor,
  reason: row.reason,
  ...(row.message_id === null ? {} : { messageId: row.message_id }),
  ...(row.model_version === null ? {} : { modelVersion: row.model_version }),
  ...(row.score === null ? {} : { score: JSON.parse(row.score) as object }),
  ...(row.undoes === null ? {} : { undoes: row.undoes }),
  ...(row.one === null ? {} : { one: row.one }),
  ...(row.other === null ? {} : { other: row.other }),
  moves: row.moves === null ? [] : (JSON.parse(row.moves) as Move[]),
});
