import type { AuditPort } from '../../../foundation/audit/index.ts';
import { type Database, sql } from '../../../foundation/database/index.ts';

/** Who pauses or resumes a channel, and why. */
export interface PauseRequest {
  readonly channel: string;
  readonly reason: string;
  readonly actor: string;
}

/** Which channels are paused, and why: what an operator stopped stays stopped over a restart. */
export interface PauseStore {
  /** By channel. */
  all(): Promise<ReadonlyMap<string, string>>;
  pause(request: PauseRequest): Promise<void>;
  resume(request: PauseRequest): Promise<void>;
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

/**
 * The pauses in the database: any process may set one, the owner of the channels hears of it. The audit entry and the pause are
 * committed together.
 */
export function pauseStore(database: Database, audit: AuditPort): PauseStore {
  const change = (action: string, { channel, reason, actor }: PauseRequest) =>
    database.transaction(async (transaction) => {
      const isPause = action === 'channel.pause';
      await transaction.query(isPause ? setPause : clearPause, isPause ? [channel, reason] : [channel]);
      const target = `channel ${channel}`;
      await audit.recordIn(transaction, { action, actor, target, reason, outcome: 'success' });
    });
  return {
    async all() {
      const rows = await database.query<{ channel: string; reason: string }>(allPauses);
      return new Map(rows.map(({ channel, reason }) => [channel, reason]));
    },
    pause: (request) => change('channel.pause', request),
    resume: (request) => change('channel.resume', request),
    watch: (onChange) => database.listen(notifyChannel, onChange),
  };
}

/** Pauses that a restart forgets, for tools and tests. */
export function pausesInMemory(): PauseStore {
  const pauses = new Map<string, string>();
  return {
    all: () => Promise.resolve(pauses),
    pause: ({ channel, reason }) => Promise.resolve(void pauses.set(channel, reason)),
    resume: ({ channel }) => Promise.resolve(void pauses.delete(channel)),
    watch: () => Promise.resolve({ stop: () => Promise.resolve() }),
  };
}
