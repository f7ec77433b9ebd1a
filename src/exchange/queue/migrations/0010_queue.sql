-- The durable queue. docs/design/queue.md explains each table; rule numbers (Q…) are those of that page.

create table installation (
  only_row  boolean primary key default true check (only_row),
  id        text not null default substr(md5(gen_random_uuid()::text), 1, 10)
);
insert into installation default values;

-- Who owns the queues. The epoch only grows; every change of state proves its epoch (Q8).
create table lease (
  name        text primary key,
  epoch       bigint not null default 0,
  owner       text,
  -- Where the owner runs, so that a successor on the same machine can see that it is dead and need not wait for expiry.
  owner_host  text,
  owner_pid   integer,
  owner_start text,
  expires_at  timestamptz not null default '-infinity'
);
insert into lease (name) values ('engine');

create table queue (
  id            integer generated always as identity primary key,
  name          text not null unique,
  leg           text not null check (leg in ('intake', 'outgoing')),
  channel       text not null,
  ordering      text not null check (ordering in ('strict', 'key')),
  -- Handed out under this row's lock, taken last: commit order is sequence order (Q2).
  next_sequence bigint not null default 1,
  epoch         bigint not null default 0,
  created_at    timestamptz not null default now(),
  removed_at    timestamptz
) with (fillfactor = 20);

-- Progress: all up to low_water is settled, but for `gaps` and the rows of queue_exception (Q4).
create table queue_progress (
  queue_id    integer primary key references queue,
  low_water   bigint not null default 0,
  gaps        bigint[] not null default '{}',
  epoch       bigint not null default 0,
  hold_reason text,
  held_since  timestamptz
) with (fillfactor = 20);

-- The destinations of a channel as they were when a message was accepted (Q6).
create table route (
  id         integer generated always as identity primary key,
  channel    text not null,
  queue_ids  integer[] not null,
  created_at timestamptz not null default now(),
  unique (channel, queue_ids)
);

create sequence message_id;

-- What a source took in: stored once, never changed.
create table message (
  id             bigint primary key default nextval('message_id'),
  channel        text not null,
  received_at    timestamptz not null,
  type           text not null,
  content_type   text not null,
  sender         text not null,
  control_id     text,
  correlation_id text not null,
  control_hash   bigint not null,
  content_prefix bigint not null,
  content_hash   bytea not null,
  body_key       text,
  body           bytea not null
);
alter sequence message_id owned by message.id;
-- The prefix is of channel, sender and content: the same message twice violates this index (Q10).
create unique index message_control on message (control_hash, content_prefix);
create index message_received on message using brin (received_at);

-- One message's place in a queue: append-only. No foreign key to message: both are inserted in one statement, retention
-- deletes them in one statement, and the check would cost a look-up a row on the hot path.
create table entry (
  queue_id     integer not null,
  sequence     bigint not null,
  message_id   bigint not null,
  route_id     integer,
  keys         text[] not null,
  label        text,
  content_type text,
  content_key  text,
  content      bytea,
  primary key (queue_id, sequence)
);
create index entry_message on entry (message_id);

-- What does not follow the low-water mark: waits for a retry, a person, or an entry before it on one of its keys (Q5).
create table queue_exception (
  queue_id        integer not null,
  sequence        bigint not null,
  state           text not null check (state in ('retrying', 'held', 'parked', 'blocked')),
  attempts        integer not null default 0,
  next_attempt_at timestamptz,
  until           timestamptz,
  code            text,
  reason          text,
  since           timestamptz not null default now(),
  primary key (queue_id, sequence)
);
create table queue_exception_key (
  queue_id integer not null,
  key      text not null,
  sequence bigint not null,
  primary key (queue_id, key, sequence)
);

-- The journal of attempts and decisions, beside the entry: append-only.
create table delivery (
  queue_id       integer not null,
  sequence       bigint not null,
  attempt        integer not null,
  at             timestamptz not null,
  outcome        text not null,
  acknowledgment text,
  code           text,
  detail         text,
  duration_ms    real
);
create index delivery_entry on delivery (queue_id, sequence);

-- The hash of what was sent first, written before it is sent (Q9). Only for entries that are rendered when they leave.
create table rendering (
  queue_id  integer not null,
  sequence  bigint not null,
  hash      bytea not null,
  pinned_at timestamptz not null default now(),
  primary key (queue_id, sequence)
);

-- What an operator asked for. The owner applies it, under its epoch, and answers here (Q11).
create table operator_action (
  id           bigint generated always as identity primary key,
  action       text not null check (action in ('release', 'skip', 'replay', 'hold', 'resume')),
  queue        text not null,
  sequence     bigint,
  message_id   bigint,
  actor        text not null,
  reason       text not null,
  requested_at timestamptz not null default now(),
  applied_at   timestamptz,
  result       text,
  affected     bigint
);
create index operator_action_waiting on operator_action (id) where applied_at is null;
