-- Channels that an operator paused: the pause holds until somebody resumes, over restarts and changes of owner.
create table channel_pause (
  channel text primary key,
  reason  text not null,
  since   timestamptz not null
);
