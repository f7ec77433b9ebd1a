import type { Keyring } from '../../foundation/crypto/index.ts';
import { type Database, sql } from '../../foundation/database/index.ts';
import { controlHashOf } from './intake.ts';
import { idempotencyKeyOf, opened } from './reader.ts';
import type { Leg, Order } from './types.ts';

/**
 * Looking into the queues, for lists, traces and the one on call. Read-only, straight from the tables, so it works while the
 * engine runs, stands by or is down. Above trust these are reached through openMessages(context), which fills the scope.
 */

/** What a context may see; undefined means all channels. */
export interface MessageScope {
  readonly channels?: readonly string[];
}

export type EntryState = 'waiting' | 'retrying' | 'held' | 'parked' | 'blocked' | 'removed' | 'done';

export interface QueueSummary {
  readonly name: string;
  readonly leg: Leg;
  readonly channel: string;
  readonly order: Order;
  /** No longer in the configuration: what it has is kept, as parked. */
  readonly removed: boolean;
  /** All that is not settled: waiting and exceptions. */
  readonly depth: number;
  readonly waiting: number;
  readonly parked: number;
  readonly held: number;
  readonly retrying: number;
  readonly blocked: number;
  /** When the oldest unsettled message was received. */
  readonly oldestAt: Date | null;
  readonly lastSequence: number;
  readonly holdReason: string | null;
  readonly heldSince: Date | null;
}

export interface EntrySummary {
  readonly queue: string;
  readonly sequence: number;
  readonly messageId: number;
  readonly type: string;
  readonly label: string | null;
  readonly keys: readonly string[];
  readonly state: EntryState;
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly since: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly receivedAt: Date;
  readonly controlId: string | null;
}

export interface MessageSummary {
  readonly id: number;
  readonly channel: string;
  readonly type: string;
  readonly contentType: string;
  readonly sender: string;
  readonly controlId: string | null;
  readonly correlationId: string;
  readonly receivedAt: Date;
  readonly bytes: number;
  readonly states: readonly {
    readonly queue: string;
    readonly sequence: number;
    readonly state: EntryState;
  }[];
}

export interface StoredMessage extends MessageSummary {
  readonly body: Uint8Array;
}

export interface TraceStep {
  readonly queue: string;
  readonly leg: Leg;
  readonly sequence: number;
  readonly label: string | null;
  readonly idempotencyKey: string;
  readonly state: EntryState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly attempts: readonly TraceAttempt[];
}

export interface TraceAttempt {
  readonly attempt: number;
  readonly at: string;
  readonly outcome: string;
  readonly acknowledgment: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  /** To the microsecond. */
  readonly durationMs: number;
}

export interface MessageFilter {
  readonly channel?: string;
  readonly type?: string;
  readonly controlId?: string;
  readonly sender?: string;
  readonly correlationId?: string;
  readonly key?: string;
  readonly state?: EntryState;
  readonly receivedAfter?: Date;
  readonly receivedBefore?: Date;
  readonly beforeId?: number;
  readonly limit?: number;
}

export interface EntryFilter {
  readonly queue: string;
  readonly state?: EntryState;
  readonly afterSequence?: number;
  readonly limit?: number;
}

/** State of entry e of queue q with progress p and, when there is one, exception x. */
const stateOf = `case when x.state is not null then x.state
  when e.sequence <= p.low_water and not (e.sequence = any(p.gaps)) then 'done'
  when q.removed_at is not null then 'removed' else 'waiting' end`;

const queueSummaries = sql(
  'inspect_queues',
  `select q.name, q.leg, q.channel, q.ordering as "order", q.removed_at is not null as removed,
     (q.next_sequence - 1 - p.low_water + cardinality(p.gaps) - ahead.n + held.n)::bigint as depth,
     (q.next_sequence - 1 - p.low_water + cardinality(p.gaps) - ahead.n)::bigint as waiting,
     held.parked, held.held, held.retrying, held.blocked,
     (select min(m.received_at) from (
        select e.message_id from entry e where e.queue_id = q.id and e.sequence = (
          select least(min(g), case when q.next_sequence - 1 > p.low_water then p.low_water + 1 end, held.first) from unnest(p.gaps) g)
      ) o join message m on m.id = o.message_id) as "oldestAt",
     q.next_sequence - 1 as "lastSequence", p.hold_reason as "holdReason", p.held_since as "heldSince"
   from queue q join queue_progress p on p.queue_id = q.id
   cross join lateral (
     select count(*)::bigint as n, min(sequence) as first,
       count(*) filter (where state = 'parked')::int as parked, count(*) filter (where state = 'held')::int as held,
       count(*) filter (where state = 'retrying')::int as retrying, count(*) filter (where state = 'blocked')::int as blocked
     from queue_exception x where x.queue_id = q.id
   ) held
   cross join lateral (select count(*)::bigint as n from queue_exception x where x.queue_id = q.id and x.sequence > p.low_water) ahead
   where $1::text[] is null or q.channel = any($1)
   order by q.channel, q.leg, q.name`,
);

const entrySummaries = sql(
  'inspect_entries',
  `select * from (
     select q.name as queue, e.sequence, e.message_id as "messageId", m.type, e.label, e.keys, ${stateOf} as state,
       coalesce(x.attempts, 0) as attempts, x.code, x.reason, x.since, x.next_attempt_at as "nextAttemptAt",
       m.received_at as "receivedAt", m.control_id as "controlId"
     from queue q join queue_progress p on p.queue_id = q.id
     join entry e on e.queue_id = q.id
     join message m on m.id = e.message_id
     left join queue_exception x on x.queue_id = e.queue_id and x.sequence = e.sequence
     where q.name = $1 and e.sequence > $3 and ($5::text[] is null or q.channel = any($5))
       and (e.sequence > p.low_water or e.sequence = any(p.gaps) or x.sequence is not null or $2 = 'done')
   ) listed
   where $2::text is null or state = $2
   order by sequence limit $4`,
);

const messageSummaries = sql(
  'inspect_messages',
  `select m.id, m.channel, m.type, m.content_type as "contentType", m.sender, m.control_id as "controlId",
     m.correlation_id as "correlationId", m.received_at as "receivedAt", octet_length(m.body) as bytes, s.states
   from message m cross join lateral (
     select coalesce(json_agg(json_build_object('queue', q.name, 'sequence', e.sequence, 'state', ${stateOf}) order by q.id, e.sequence), '[]') as states,
       coalesce(array_agg(${stateOf}), '{}') as all_states, bool_or(e.keys @> array[$6::text]) as has_key
     from entry e join queue q on q.id = e.queue_id join queue_progress p on p.queue_id = q.id
     left join queue_exception x on x.queue_id = e.queue_id and x.sequence = e.sequence
     where e.message_id = m.id
   ) s
   where ($1::text is null or m.channel = $1) and ($2::text is null or m.type = $2 or starts_with(m.type, $2 || '^'))
     and ($3::text is null or m.control_id = $3) and ($4::text is null or m.sender = $4)
     and ($5::text is null or m.correlation_id = $5) and ($6::text is null or s.has_key)
     and ($7::text is null or $7 = any(s.all_states))
     and ($8::timestamptz is null or m.received_at >= $8) and ($9::timestamptz is null or m.received_at < $9)
     and ($10::bigint is null or m.id < $10) and ($12::text[] is null or m.channel = any($12))
     and ($13::bigint is null or m.id = $13) and ($14::bigint is null or m.control_hash = $14)
     and ($7::text is null or $7 not in ('parked', 'held', 'retrying', 'blocked') or m.id in (
       select e.message_id from queue_exception x join entry e on e.queue_id = x.queue_id and e.sequence = x.sequence where x.state = $7))
   order by m.id desc limit $11`,
);

const messageBody = sql(
  'inspect_message_body',
  'select body as content, body_key as content_key from message where id = $1',
);

const traceSteps = sql(
  'inspect_trace',
  `select q.id as queue_id, q.name as queue, q.leg, e.sequence, e.label, ${stateOf} as state, x.code, x.reason,
     (select id from installation) as installation,
     (select coalesce(json_agg(json_build_object('attempt', d.attempt, 'at', d.at, 'outcome', d.outcome, 'acknowledgment', d.acknowledgment,
        'code', d.code, 'detail', d.detail, 'durationMs', round(d.duration_ms::numeric, 3)) order by d.at, d.attempt), '[]')
      from delivery d where d.queue_id = e.queue_id and d.sequence = e.sequence) as attempts
   from entry e join queue q on q.id = e.queue_id join queue_progress p on p.queue_id = q.id
   left join queue_exception x on x.queue_id = e.queue_id and x.sequence = e.sequence
   where e.message_id = $1 and ($2::text[] is null or q.channel = any($2))
   order by q.leg, q.id, e.sequence`,
);

const channelsOf = (scope: MessageScope | undefined) => scope?.channels ?? null;
const listLimit = 1_000;

export function listQueues(database: Database, scope?: MessageScope): Promise<QueueSummary[]> {
  return database.query<QueueSummary>(queueSummaries, [channelsOf(scope)]);
}

/** Entries that are not settled, in order; with `state: 'done'` the settled ones. */
export function listEntries(
  database: Database,
  filter: EntryFilter,
  scope?: MessageScope,
): Promise<EntrySummary[]> {
  const limit = Math.min(filter.limit ?? 100, listLimit);
  return database.query<EntrySummary>(entrySummaries, [
    filter.queue,
    filter.state ?? null,
    filter.afterSequence ?? 0,
    limit,
    channelsOf(scope),
  ]);
}

/** Newest first; the next page is asked for with `beforeId`. */
export function listMessages(
  database: Database,
  filter: MessageFilter = {},
  scope?: MessageScope,
): Promise<MessageSummary[]> {
  return queryMessages(database, filter, scope, null);
}

export async function readMessage(
  database: Database,
  id: number,
  options: { readonly scope?: MessageScope; readonly keyring?: Keyring } = {},
): Promise<StoredMessage | undefined> {
  const [summary] = await queryMessages(database, { limit: 1 }, options.scope, id);
  if (!summary) return undefined;
  const [row] = await database.query<{ content: Buffer; content_key: string | null }>(messageBody, [id]);
  return row && { ...summary, body: opened(row, options.keyring) };
}

/** Every place of a message and what happened there. */
export async function traceOf(database: Database, id: number, scope?: MessageScope): Promise<TraceStep[]> {
  const rows = await database.query<TraceStep & { queue_id: number; installation: string }>(traceSteps, [
    id,
    channelsOf(scope),
  ]);
  return rows.map(({ queue_id, installation, ...step }) => ({
    ...step,
    idempotencyKey: idempotencyKeyOf({ id: queue_id, name: step.queue, installation }, step.sequence),
  }));
}

function queryMessages(
  database: Database,
  filter: MessageFilter,
  scope: MessageScope | undefined,
  id: number | null,
) {
  return database.query<MessageSummary>(messageSummaries, [
    filter.channel ?? null,
    filter.type ?? null,
    filter.controlId ?? null,
    filter.sender ?? null,
    filter.correlationId ?? null,
    filter.key ?? null,
    filter.state ?? null,
    filter.receivedAfter ?? null,
    filter.receivedBefore ?? null,
    filter.beforeId ?? null,
    Math.min(filter.limit ?? 100, listLimit),
    channelsOf(scope),
    id,
    filter.controlId === undefined ? null : controlHashOf(filter.controlId).toString(),
  ]);
}
