import { type Database, sql } from '../../../foundation/database/index.ts';

/** Which channels are paused, and why: what an operator stopped stays stopped over a restart. */
export interface PauseStore {
  /** By channel. */
  all(): Promise<ReadonlyMap<string, string>>;
  set(channel: string, reason: string): Promise<void>;
  clear(channel: string): Promise<void>;
  /** Called when another process changed it. */
  watch(onChange: () => void): Promise<{ stop(): Promise<void> }>;
}

const notifyChannel = 'isthmus_channel_pause';

const allPauses = sql('channel_pauses', 'select channel, reason from channel_pause');
const setPause = sql(
  'channel_pause_set',
  `with changed as (
     insert into channel_pause (channel, reason, since) values ($1, $2, now())
     on conflict (channel) do update set reason = excluded.reason returning channel
   ) select pg_notify('${notifyChannel}', channel) from changed`,
);
const clearPause = sql(
  'channel_pause_clear',
  `with changed as (delete from channel_pause where channel = $1 returning channel)
   select pg_notify('${notifyChannel}', channel) from changed`,
);

/** The pauses in the database: any process may set one, the owner of the channels hears of it. */
export function pauseStore(database: Database): PauseStore {
  return {
    async all() {
      const rows = await database.query<{ channel: string; reason: string }>(allPauses);
      return new Map(rows.map(({ channel, reason }) => [channel, reason]));
    },
    async set(channel, reason) {
      await database.query(setPause, [channel, reason]);
    },
    async clear(channel) {
      await database.query(clearPause, [channel]);
    },
    watch: (onChange) => database.listen(notifyChannel, onChange),
  };
}

/** Pauses that a restart forgets, for tools and tests. */
export function pausesInMemory(): PauseStore {
  const pauses = new Map<string, string>();
  return {
    all: () => Promise.resolve(pauses),
    set: (channel, reason) => Promise.resolve(void pauses.set(channel, reason)),
    clear: (channel) => Promise.resolve(void pauses.delete(channel)),
    watch: () => Promise.resolve({ stop: () => Promise.resolve() }),
  };
}
