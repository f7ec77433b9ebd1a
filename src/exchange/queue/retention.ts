import { type Database, sql } from '../../foundation/database/index.ts';

/**
 * Retention (Q12): what is older than the limit and settled in every queue is deleted, in small steps. What is parked, held or
 * waiting stays, however old.
 */

const deleteOld = sql(
  'queue_retention',
  `with old as materialized (
     select id from message where id > $1 and received_at < $2 order by id limit $3
   ), open as materialized (
     select distinct e.message_id from entry e join old on old.id = e.message_id join queue_progress p on p.queue_id = e.queue_id
     where e.sequence > p.low_water or e.sequence = any(p.gaps)
        or exists (select 1 from queue_exception x where x.queue_id = e.queue_id and x.sequence = e.sequence)
   ), gone as materialized (
     select id from old where id not in (select message_id from open)
   ), entries as (
     delete from entry e using gone where e.message_id = gone.id returning e.queue_id, e.sequence
   ), journal as (
     delete from delivery d using entries x where d.queue_id = x.queue_id and d.sequence = x.sequence
   ), pins as (
     delete from rendering r using entries x where r.queue_id = x.queue_id and r.sequence = x.sequence
   ), messages as (
     delete from message m using gone where m.id = gone.id returning m.id
   )
   select coalesce((select max(id) from old), 0) as last, (select count(*)::int from old) as seen, (select count(*)::int from messages) as deleted`,
);

export interface RetentionOptions {
  /** Messages received before this are candidates. */
  readonly before: Date;
  readonly stepMessages?: number;
  readonly onProgress?: (deleted: number) => void;
  readonly signal?: AbortSignal;
}

/** Deletes what may go; returns how many messages went. */
export async function applyRetention(database: Database, options: RetentionOptions): Promise<number> {
  const step = options.stepMessages ?? 1_000;
  let after = 0;
  let deleted = 0;
  for (;;) {
    if (options.signal?.aborted) return deleted;
    const [row] = await database.query<{ last: number; seen: number; deleted: number }>(deleteOld, [
      after,
      options.before,
      step,
    ]);
    if (!row || row.seen === 0) return deleted;
    after = row.last;
    deleted += row.deleted;
    options.onProgress?.(deleted);
  }
}
