import type { ChannelQueues, Order } from '../../../src/exchange/queue/index.ts';
import { outgoingName } from '../../../src/exchange/queue/index.ts';

/** The channels and destinations that scripts play with: both orders on both legs, a window and `commit: 'each'`, with and without rendering. */

export type ChannelName = 'adt' | 'oru';
export type DestinationName = 'a' | 'b' | 'c' | 'd';

export interface Destination {
  readonly name: DestinationName;
  readonly channel: ChannelName;
  readonly queue: string;
  readonly order: Order;
  readonly lanes: number;
  readonly commit: 'window' | 'each';
  readonly window: number;
  /** Asks a release decision that renders the content anew. */
  readonly renders: boolean;
}

export const channels: Readonly<Record<ChannelName, Order>> = { adt: 'key', oru: 'strict' };
export const channelNames: readonly ChannelName[] = ['adt', 'oru'];

type Short = Pick<Destination, 'name' | 'channel' | 'order'> & Partial<Destination>;

const destination = (short: Short): Destination => ({
  queue: outgoingName(short.channel, short.name),
  lanes: 3,
  commit: 'window',
  window: 4,
  renders: false,
  ...short,
});

export const destinations: readonly Destination[] = [
  destination({ name: 'a', channel: 'adt', order: 'key' }),
  destination({ name: 'b', channel: 'adt', order: 'strict' }),
  destination({ name: 'c', channel: 'adt', order: 'key', lanes: 2, commit: 'each', renders: true }),
  destination({ name: 'd', channel: 'oru', order: 'key' }),
];

export const destinationOf = (queue: string): Destination | undefined =>
  destinations.find((item) => item.queue === queue);

/** The order of a queue of either leg. */
export const orderOf = (queue: string): Order =>
  destinationOf(queue)?.order ?? channels[queue as ChannelName] ?? 'key';

export const queuesOf = (names: ReadonlySet<DestinationName>, channel?: ChannelName): string[] =>
  destinations
    .filter((item) => names.has(item.name) && (channel === undefined || item.channel === channel))
    .map((item) => item.queue);

export const definitionOf = (names: ReadonlySet<DestinationName>): ChannelQueues[] =>
  channelNames.map((channel) => ({
    channel,
    order: channels[channel],
    destinations: destinations
      .filter((item) => item.channel === channel && names.has(item.name))
      .map(({ name, order }) => ({ name, order })),
  }));

/** After so many answers that say "error" an entry is parked. */
export const entryTries = 3;
