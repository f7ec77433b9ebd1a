import pg from 'pg';
import type { Claims, Place } from './checker.ts';
import { uidOf } from './messages.ts';

/**
 * What the product says of itself, read from its tables by SQL of the suite's own: which entries are open, which are settled, how many
 * there ever were. `destination` is the part of the queue's name after `>`.
 */
export async function claimsOf(url: string): Promise<Claims> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // One snapshot: an entry that passes the pipeline between two looks must not be missed by both.
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<Row>(
      `select split_part(q.name, '>', 2) as destination, substring(m.body for 4096) as head, x.state,
         (e.sequence > p.low_water or e.sequence = any(p.gaps)) as waiting,
         exists (select 1 from delivery d where d.queue_id = e.queue_id and d.sequence = e.sequence
                 and d.outcome in ('withheld', 'skipped')) as waived
       from entry e join queue q on q.id = e.queue_id join queue_progress p on p.queue_id = q.id
       join message m on m.id = e.message_id
       left join queue_exception x on x.queue_id = e.queue_id and x.sequence = e.sequence
       where q.leg = 'outgoing'`,
    );
    const open: Place[] = [];
    const settled: Place[] = [];
    const waived: Place[] = [];
    const entries: Record<string, number> = {};
    for (const row of rows) {
      const place = { destination: row.destination, uid: uidOf(row.head) };
      entries[row.destination] = (entries[row.destination] ?? 0) + 1;
      if (row.waiting || row.state) open.push(place);
      else if (row.waived) waived.push(place);
      else settled.push(place);
    }
    for (const { place, isWaived } of await inIntake(client)) {
      (isWaived ? waived : open).push(place);
      entries[place.destination] = (entries[place.destination] ?? 0) + 1;
    }
    return { open, settled, waived, entries };
  } finally {
    await client.end();
  }
}

interface Row {
  readonly destination: string;
  readonly head: Buffer;
  readonly state: string | null;
  readonly waiting: boolean;
  readonly waived: boolean;
}

/** What has not passed the pipeline, or never will: it counts for every destination of its route. */
async function inIntake(client: pg.Client): Promise<{ place: Place; isWaived: boolean }[]> {
  const { rows } = await client.query<{ destination: string; head: Buffer; waived: boolean }>(
    `select split_part(d.name, '>', 2) as destination, substring(m.body for 4096) as head, w.waived
     from entry e join queue q on q.id = e.queue_id join queue_progress p on p.queue_id = q.id
     join message m on m.id = e.message_id join route r on r.id = e.route_id join queue d on d.id = any(r.queue_ids)
     left join queue_exception x on x.queue_id = e.queue_id and x.sequence = e.sequence
     cross join lateral (select exists (select 1 from delivery j where j.queue_id = e.queue_id and j.sequence = e.sequence
                         and j.outcome in ('filtered', 'skipped')) as waived) w
     where q.leg = 'intake' and (e.sequence > p.low_water or x.sequence is not null or w.waived)`,
  );
  return rows.map((row) => ({
    place: { destination: row.destination, uid: uidOf(row.head) },
    isWaived: row.waived,
  }));
}
