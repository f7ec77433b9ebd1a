import { type Database, sql } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { IntakeTarget } from './intake.ts';
import type { QueueIdentity, Reader } from './reader.ts';
import type { Order } from './types.ts';

/**
 * Which queues there are, and the routes that pin a message's destinations at acceptance (Q6). Queues are never deleted: one that
 * left the configuration is marked removed and keeps its entries, visibly.
 */

export interface ChannelQueues {
  readonly channel: string;
  /** Order of the pipeline. */
  readonly order: Order;
  readonly destinations: readonly { readonly name: string; readonly order: Order }[];
}

interface KnownQueue extends QueueIdentity {
  readonly leg: 'intake' | 'outgoing';
  readonly channel: string;
  readonly order: Order;
  removed: boolean;
}

interface QueueRow {
  readonly id: number;
  readonly name: string;
  readonly leg: 'intake' | 'outgoing';
  readonly channel: string;
  readonly ordering: Order;
  readonly removed: boolean;
}

const upsertQueue = sql(
  'queue_upsert',
  `with defined as (
     insert into queue (name, leg, channel, ordering, epoch) values ($1, $2, $3, $4, $5)
     on conflict (name) do update set ordering = excluded.ordering, removed_at = null
     returning id
   )
   insert into queue_progress (queue_id, epoch) select id, $5 from defined on conflict (queue_id) do nothing`,
);
const removeOthers = sql(
  'queue_remove_others',
  'update queue set removed_at = now() where removed_at is null and not (name = any($1::text[]))',
);
const allQueues = sql(
  'queue_all',
  'select id, name, leg, channel, ordering, removed_at is not null as removed from queue order by id',
);
const upsertRoute = sql(
  'route_upsert',
  `with made as (insert into route (channel, queue_ids) values ($1, $2::int[]) on conflict (channel, queue_ids) do nothing returning id)
   select id from made union all select id from route where channel = $1 and queue_ids = $2::int[] limit 1`,
);
const allRoutes = sql('route_all', 'select id, channel, queue_ids from route');
const installationId = sql('installation_id', 'select id from installation');

export const outgoingName = (channel: string, destination: string): string => `${channel}>${destination}`;

export class Registry {
  readonly #database: Database;
  readonly #queues = new Map<string, KnownQueue>();
  readonly #byId = new Map<number, KnownQueue>();
  readonly #routes = new Map<number, ReadonlySet<number>>();
  readonly #currentRoute = new Map<string, number>();
  readonly #readers = new Map<number, Reader>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the queues of these channels, and no others, the current ones. */
  async define(channels: readonly ChannelQueues[], epoch: number): Promise<void> {
    const wanted = channels.flatMap((channel) => [
      { name: channel.channel, leg: 'intake', channel: channel.channel, order: channel.order },
      ...channel.destinations.map((destination) => ({
        name: outgoingName(channel.channel, destination.name),
        leg: 'outgoing',
        channel: channel.channel,
        order: destination.order,
      })),
    ]);
    for (const queue of wanted)
      await this.#database.query(upsertQueue, [queue.name, queue.leg, queue.channel, queue.order, epoch]);
    await this.#database.query(removeOthers, [wanted.map((queue) => queue.name)]);
    await this.load();
    for (const channel of channels) {
      const ids = channel.destinations.map(
        (destination) => this.byName(outgoingName(channel.channel, destination.name)).id,
      );
      const [route] = await this.#database.query<{ id: number }>(upsertRoute, [
        channel.channel,
        ids.sort((a, b) => a - b),
      ]);
      if (route) this.#currentRoute.set(channel.channel, route.id);
    }
    await this.#loadRoutes();
  }

  async load(): Promise<void> {
    const [installation] = await this.#database.query<{ id: string }>(installationId);
    for (const row of await this.#database.query<QueueRow>(allQueues)) {
      const known = {
        id: row.id,
        name: row.name,
        installation: installation?.id ?? '',
        leg: row.leg,
        channel: row.channel,
        order: row.ordering,
        removed: row.removed,
      };
      this.#queues.set(row.name, known);
      this.#byId.set(row.id, known);
    }
    await this.#loadRoutes();
  }

  async #loadRoutes(): Promise<void> {
    for (const row of await this.#database.query<{ id: number; queue_ids: number[] }>(allRoutes)) {
      this.#routes.set(row.id, new Set(row.queue_ids));
    }
  }

  byName(name: string): KnownQueue {
    const queue = this.#queues.get(name);
    if (!queue) throw new IsthmusError('QUEUE_UNKNOWN', { place: name });
    return queue;
  }

  /** Whether the queue is in the configuration. */
  isCurrent(name: string): boolean {
    return this.#queues.get(name)?.removed === false;
  }

  byId(id: number): KnownQueue | undefined {
    return this.#byId.get(id);
  }

  /** Where a channel's messages go as of now. */
  intakeTarget(channel: string): IntakeTarget {
    const queue = this.byName(channel);
    const routeId = this.#currentRoute.get(channel);
    if (routeId === undefined)
      throw new IsthmusError('QUEUE_UNKNOWN', { place: channel, rule: 'the channel has no route yet' });
    return { queueId: queue.id, queue: queue.name, channel, routeId };
  }

  /** The queues pinned when the message was accepted. */
  pinned(routeId: number | null): ReadonlySet<number> {
    return (routeId === null ? undefined : this.#routes.get(routeId)) ?? new Set();
  }

  attachReader(queueId: number, reader: Reader): void {
    this.#readers.set(queueId, reader);
  }

  detachReader(queueId: number): void {
    this.#readers.delete(queueId);
  }

  /** After a commit whose outcome was unknown: what it may have appended is found in the table. */
  async refreshReaders(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.refresh();
  }

  reader(queueId: number): Reader | undefined {
    return this.#readers.get(queueId);
  }
}
