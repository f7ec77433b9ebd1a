import { sql } from '../../foundation/database/index.ts';

/** Every statement of the queue that runs more than once, by name. Bulk values travel as arrays; bodies as one binary blob that the
 * statement cuts up, because arrays of bytea would be sent as hexadecimal text. */

/** Group commit of an intake (Q1, Q2, Q10): duplicates found, sequences handed out, messages and entries written, in one statement. */
export const acceptBatch = sql(
  'queue_accept_batch',
  `with input as materialized (
     select i.* from unnest($5::int[], $6::text[], $7::int[], $8::int[], $9::text[], $10::text[], $11::bigint[], $12::bigint[],
                            $13::text[], $14::text[], $15::text[], $16::text[], $17::int[], $18::text[], $19::text[])
       with ordinality as i(queue_id, channel, body_from, body_length, sender, control_id, control_hash, content_prefix,
                            type, content_type, correlation_id, keys, route_id, reuse, body_key, ord)
   ), duplicate as materialized (
     select distinct on (i.ord) i.ord, i.queue_id, m.id as message_id, m.received_at
     from input i
     join message m on m.control_hash = i.control_hash and m.content_prefix = i.content_prefix
     where m.channel = i.channel and m.sender = i.sender and m.control_id is not distinct from nullif(i.control_id, '')
       and m.content_hash = substring($4::bytea from (i.ord::int - 1) * 32 + 1 for 32)
     order by i.ord, m.id
   ), reused as materialized (
     select i.ord from input i
     where i.reuse <> 'accept' and i.control_id <> '' and i.ord not in (select ord from duplicate)
       and exists (select 1 from message m where m.control_hash = i.control_hash and m.sender = i.sender
                   and m.control_id = i.control_id and m.channel = i.channel)
   ), fresh as materialized (
     select i.*, nextval('message_id') as message_id from input i
     where i.ord not in (select ord from duplicate)
       and not (i.reuse = 'refuse' and i.ord in (select ord from reused))
     order by i.ord
   ), bump as (
     update queue q set next_sequence = q.next_sequence + c.n
     from (select queue_id, count(*) as n from fresh group by queue_id) c
     where q.id = c.queue_id and q.epoch = $1
     returning q.id, q.next_sequence - c.n as base
   ), placed as materialized (
     select f.*, b.base + row_number() over (partition by f.queue_id order by f.ord) - 1 as sequence
     from fresh f join bump b on b.id = f.queue_id
   ), written as (
     insert into message (id, channel, received_at, type, content_type, sender, control_id, correlation_id,
                          control_hash, content_prefix, content_hash, body_key, body)
     select message_id, channel, $2, type, content_type, sender, nullif(control_id, ''), correlation_id, control_hash, content_prefix,
            substring($4::bytea from (ord::int - 1) * 32 + 1 for 32), nullif(body_key, ''),
            substring($3::bytea from body_from + 1 for body_length)
     from placed order by message_id
   ), queued as (
     insert into entry (queue_id, sequence, message_id, route_id, keys)
     select queue_id, sequence, message_id, route_id, string_to_array(keys, chr(31)) from placed order by queue_id, sequence
   )
   select ord::int, 'new' as outcome, message_id, sequence, $2::timestamptz as received_at,
          ord in (select ord from reused) as reused from placed
   union all
   select d.ord::int, 'duplicate', d.message_id, e.sequence, d.received_at, false
   from duplicate d left join entry e on e.message_id = d.message_id and e.queue_id = d.queue_id
   union all
   select ord::int, 'reused', 0, 0, $2, true from reused where ord in (select ord from input where reuse = 'refuse')`,
);

/**
 * The pipeline's last statement: outgoing entries, their queues' locks in id order, and the intakes' positions (Q3). All or nothing:
 * the positions move only from where their batches began and under this epoch, else nothing is written, so that a batch written twice,
 * because its first commit came late, is written once.
 */
export const appendEntries = sql(
  'queue_append_entries',
  `with moving as materialized (
     select p.queue_id, x.low from queue_progress p
     join unnest($11::int[], $12::bigint[], $13::bigint[]) as x(queue_id, low, previous) on x.queue_id = p.queue_id
     where p.epoch = $1 and (x.previous is null or p.low_water = x.previous)
     order by p.queue_id for update of p
   ), whole as materialized (
     select count(*) = cardinality($11::int[]) as yes from moving
   ), input as materialized (
     select i.* from unnest($3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[], $10::text[])
       with ordinality as i(queue_id, message_id, keys, label, content_type, content_from, content_length, content_key, ord)
     where (select yes from whole)
   ), counts as materialized (
     select queue_id, count(*) as n from input group by queue_id
   ), locked as materialized (
     select q.id from queue q where q.id in (select queue_id from counts) order by q.id for update
   ), bump as (
     update queue q set next_sequence = q.next_sequence + c.n
     from counts c join locked l on l.id = c.queue_id
     where q.id = c.queue_id
     returning q.id, q.next_sequence - c.n as base
   ), placed as materialized (
     select i.*, b.base + row_number() over (partition by i.queue_id order by i.ord) - 1 as sequence
     from input i join bump b on b.id = i.queue_id
   ), queued as (
     insert into entry (queue_id, sequence, message_id, keys, label, content_type, content_key, content)
     select queue_id, sequence, message_id, string_to_array(keys, chr(31)), nullif(label, ''), nullif(content_type, ''),
            nullif(content_key, ''),
            case when content_length >= 0 then substring($2::bytea from content_from + 1 for content_length) end
     from placed order by queue_id, sequence
   ), advanced as (
     update queue_progress p set low_water = greatest(p.low_water, m.low)
     from moving m where p.queue_id = m.queue_id and (select yes from whole)
   ), journal as (
     insert into delivery (queue_id, sequence, attempt, at, outcome, acknowledgment, code, detail, duration_ms)
     select d.queue_id, d.sequence, d.attempt, to_timestamp(d.at), d.outcome, nullif(d.acknowledgment, ''), nullif(d.code, ''),
            nullif(d.detail, ''), d.duration_ms
     from unnest($14::int[], $15::bigint[], $16::int[], $17::double precision[], $18::text[], $19::text[], $20::text[], $21::text[], $22::real[])
       as d(queue_id, sequence, attempt, at, outcome, acknowledgment, code, detail, duration_ms)
     where (select yes from whole)
   )
   select coalesce((select array_agg(sequence order by ord) from placed), '{}') as sequences,
          (select yes from whole) as written,
          exists (select 1 from queue_progress p where p.queue_id = any($11::int[]) and p.epoch <> $1) as stale`,
);

/** Positions behind the sends, with the journal (Q4, Q7). */
export const settle = sql(
  'queue_settle',
  `with advanced as (
     update queue_progress p set low_water = x.low, gaps = x.gaps::bigint[]
     from unnest($2::int[], $3::bigint[], $4::text[]) as x(queue_id, low, gaps)
     where p.queue_id = x.queue_id and p.epoch = $1
     returning p.queue_id
   ), journal as (
     insert into delivery (queue_id, sequence, attempt, at, outcome, acknowledgment, code, detail, duration_ms)
     select d.queue_id, d.sequence, d.attempt, to_timestamp(d.at), d.outcome, nullif(d.acknowledgment, ''), nullif(d.code, ''),
            nullif(d.detail, ''), d.duration_ms
     from unnest($5::int[], $6::bigint[], $7::int[], $8::double precision[], $9::text[], $10::text[], $11::text[], $12::text[], $13::real[])
       as d(queue_id, sequence, attempt, at, outcome, acknowledgment, code, detail, duration_ms)
     join advanced a on a.queue_id = d.queue_id
   )
   select queue_id from advanced`,
);

export const writeExceptions = sql(
  'queue_write_exceptions',
  `with input as materialized (
     select * from unnest($2::int[], $3::bigint[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::double precision[], $10::double precision[])
       as i(queue_id, sequence, state, attempts, keys, code, reason, next_attempt_at, until)
     where exists (select 1 from queue_progress p where p.queue_id = i.queue_id and p.epoch = $1)
   ), written as (
     insert into queue_exception (queue_id, sequence, state, attempts, code, reason, next_attempt_at, until)
     select queue_id, sequence, state, attempts, nullif(code, ''), nullif(reason, ''), to_timestamp(next_attempt_at), to_timestamp(until)
     from input
     on conflict (queue_id, sequence) do update set state = excluded.state, attempts = excluded.attempts, code = excluded.code,
       reason = excluded.reason, next_attempt_at = excluded.next_attempt_at, until = excluded.until, since = now()
   )
   insert into queue_exception_key (queue_id, key, sequence)
   select queue_id, unnest(string_to_array(keys, chr(31))), sequence from input
   on conflict do nothing`,
);

export const deleteExceptions = sql(
  'queue_delete_exceptions',
  `with input as materialized (
     select * from unnest($2::int[], $3::bigint[]) as i(queue_id, sequence)
     where exists (select 1 from queue_progress p where p.queue_id = i.queue_id and p.epoch = $1)
   ), keys as (
     delete from queue_exception_key k using input i where k.queue_id = i.queue_id and k.sequence = i.sequence
   )
   delete from queue_exception x using input i where x.queue_id = i.queue_id and x.sequence = i.sequence returning x.sequence`,
);

export const pinRenderings = sql(
  'queue_pin_renderings',
  `insert into rendering (queue_id, sequence, hash)
   select i.queue_id, i.sequence, decode(i.hash, 'hex') from unnest($2::int[], $3::bigint[], $4::text[]) as i(queue_id, sequence, hash)
   where exists (select 1 from queue_progress p where p.queue_id = i.queue_id and p.epoch = $1)
   on conflict (queue_id, sequence) do update set hash = excluded.hash`,
);

export const pinnedRendering = sql(
  'queue_pinned_rendering',
  `select hash from rendering where queue_id = $1 and sequence = $2`,
);

const entryColumns = `e.queue_id, e.sequence, e.message_id, e.route_id, e.keys, e.label,
  coalesce(e.content_type, m.content_type) as content_type, m.type, m.correlation_id, m.received_at,
  coalesce(e.content, m.body) as content, case when e.content is null then m.body_key else e.content_key end as content_key`;

/** A page of entries after a position: at most $3 of them and, after the first, at most $4 bytes. */
export const readPage = sql(
  'queue_read_page',
  `select ${entryColumns} from (
     select *, sum(size) over (order by sequence) - size as before from (
       select e.queue_id, e.sequence, octet_length(coalesce(e.content, m.body)) as size
       from entry e join message m on m.id = e.message_id
       where e.queue_id = $1 and e.sequence > $2 order by e.sequence limit $3
     ) sized
   ) page
   join entry e on e.queue_id = page.queue_id and e.sequence = page.sequence
   join message m on m.id = e.message_id
   where page.before < $4
   order by e.sequence`,
);

export const readEntries = sql(
  'queue_read_entries',
  `select ${entryColumns} from entry e join message m on m.id = e.message_id
   where e.queue_id = $1 and e.sequence = any($2::bigint[]) order by e.sequence`,
);

export const progressOf = sql(
  'queue_progress_of',
  `select p.low_water, p.gaps, p.hold_reason, q.next_sequence from queue_progress p join queue q on q.id = p.queue_id where p.queue_id = $1`,
);

export const heldKeyCounts = sql(
  'queue_held_key_counts',
  `select key, count(*)::int as n from queue_exception_key where queue_id = $1 group by key`,
);

export const exceptionsInState = sql(
  'queue_exceptions_in_state',
  `select sequence, state, attempts, next_attempt_at, until, code from queue_exception where queue_id = $1 and state = any($2::text[]) order by sequence`,
);

/** The first exception of each of these keys, with its state and whether it is first on all of its own keys. */
export const headsOfKeys = sql(
  'queue_heads_of_keys',
  `select distinct h.sequence, x.state, x.attempts,
     not exists (
       select 1 from queue_exception_key mine
       join queue_exception_key other on other.queue_id = mine.queue_id and other.key = mine.key and other.sequence < mine.sequence
       where mine.queue_id = $1 and mine.sequence = h.sequence
     ) as first_on_all
   from unnest($2::text[]) as wanted(key)
   cross join lateral (
     select k.sequence from queue_exception_key k where k.queue_id = $1 and k.key = wanted.key order by k.sequence limit 1
   ) h
   join queue_exception x on x.queue_id = $1 and x.sequence = h.sequence`,
);

export const blockedHeads = sql(
  'queue_blocked_heads',
  `select distinct h.key from (
     select distinct on (k.key) k.key, k.sequence from queue_exception_key k where k.queue_id = $1 order by k.key, k.sequence
   ) h join queue_exception x on x.queue_id = $1 and x.sequence = h.sequence where x.state = 'blocked'`,
);

export const exceptionOf = sql(
  'queue_exception_of',
  `select sequence, state, attempts, code, reason from queue_exception where queue_id = $1 and sequence = $2`,
);

export const setHold = sql(
  'queue_set_hold',
  `update queue_progress set hold_reason = $3::text, held_since = case when $3::text is null then null else coalesce(held_since, now()) end
   where queue_id = $1 and epoch = $2 returning queue_id`,
);
