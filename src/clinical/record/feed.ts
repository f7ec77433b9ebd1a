import { type Queryable, sql } from '../../foundation/database/index.ts';

/** Where a follower of the change feed stands: after this row. `xid` is a decimal text, PostgreSQL's xid8. */
export interface FeedPosition {
  readonly xid: string;
  readonly id: number;
}

export interface FeedRow {
  readonly position: FeedPosition;
  readonly type: string;
  readonly resourceId: string;
  readonly version: number;
  readonly kind: 'created' | 'updated' | 'deleted';
  readonly messageId?: number;
}

export const feedStart: FeedPosition = { xid: '0', id: 0 };

interface Row {
  readonly xid: string;
  readonly id: number;
  readonly type: string;
  readonly resource_id: string;
  readonly version: number;
  readonly kind: 'created' | 'updated' | 'deleted';
  readonly message_id: number | null;
}

/** Only what no running transaction can still come before: rows below the snapshot's xmin, ordered by (xid, id). */
const changesAfter = sql(
  'record.changes-after',
  `SELECT f.xid::text AS xid, f.id, f.type, resource_id, version, kind, message_id
     FROM change_feed f
    WHERE (f.xid, f.id) > ($1::text::xid8, $2::bigint) AND f.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY f.xid, f.id
    LIMIT $3`,
);

/** The next changes after a position, in commit-safe order: following by the last position returned never skips one. */
export async function readFeed(database: Queryable, after: FeedPosition, limit: number): Promise<FeedRow[]> {
  const rows = await database.query<Row>(changesAfter, [after.xid, after.id, limit]);
  return rows.map((row) => ({
    position: { xid: row.xid, id: row.id },
    type: row.type,
    resourceId: row.resource_id,
    version: row.version,
    kind: row.kind,
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
  }));
}
