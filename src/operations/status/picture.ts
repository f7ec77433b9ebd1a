import type { ChannelStatus, DestinationStatus } from '../../exchange/channels/index.ts';
import type { ConnectionStatus } from '../../exchange/connectors/index.ts';
import { safeWord } from '../timeline/index.ts';
import type { Latency, Tally } from './tally.ts';

export type NodeState = 'starting' | 'owner' | 'standby' | 'stopping';

/** What the queue's tables say of one queue; the shape of the queue's own summaries. */
export interface QueueFigures {
  readonly name: string;
  readonly channel: string;
  readonly leg: 'intake' | 'outgoing';
  readonly removed: boolean;
  readonly depth: number;
  readonly waiting: number;
  readonly parked: number;
  readonly held: number;
  readonly retrying: number;
  readonly blocked: number;
  readonly oldestAt: Date | null;
  readonly holdReason: string | null;
}

export interface QueuePicture {
  readonly queue: string;
  readonly depth: number;
  readonly parked: number;
  readonly held: number;
  /** Age of the oldest message that is not done, in milliseconds. */
  readonly oldestMs: number | undefined;
  readonly holdReason: string | undefined;
}

interface ConnectionPicture {
  readonly system: string;
  readonly state: ConnectionStatus['state'];
  readonly address: string;
  readonly connections: number;
  readonly reason: string | undefined;
}

export interface DestinationPicture extends QueuePicture {
  readonly name: string;
  readonly connection: ConnectionPicture;
  readonly consumer: string;
  readonly delivered: number;
  readonly failed: number;
  readonly latency: Latency | undefined;
}

export interface ChannelPicture {
  readonly name: string;
  readonly state: ChannelStatus['state'];
  readonly reason: string | undefined;
  readonly source: ConnectionPicture | undefined;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly acknowledgment: Latency | undefined;
  readonly intake: QueuePicture;
  readonly planned: number;
  readonly filtered: number;
  readonly pipeline: Latency | undefined;
  readonly destinations: readonly DestinationPicture[];
}

/** Everything the flow page draws, as of one moment. Counts are since the start of the process, depths are what is. */
export interface FlowPicture {
  readonly asOf: string;
  readonly since: string;
  readonly node: NodeState;
  readonly channels: readonly ChannelPicture[];
  /** Queues that left the configuration and still keep something. */
  readonly leftovers: readonly QueuePicture[];
  readonly alarms: readonly { readonly name: string; readonly text: string; readonly since: string }[];
}

export interface PictureParts {
  readonly now: Date;
  readonly since: Date;
  readonly node: NodeState;
  readonly channels: readonly ChannelStatus[];
  readonly queues: readonly QueueFigures[];
  readonly tally: Tally;
  readonly alarms: readonly { readonly name: string; readonly text: string; readonly since: Date }[];
}

export function composePicture(parts: PictureParts): FlowPicture {
  const { now, channels, queues } = parts;
  const figures = new Map(queues.map((queue) => [queue.name, queue]));
  return {
    asOf: now.toISOString(),
    since: parts.since.toISOString(),
    node: parts.node,
    channels: channels.map((channel) => channelPicture(channel, figures, parts)),
    leftovers: queues
      .filter((queue) => queue.removed && queue.depth > 0)
      .map((queue) => queuePicture(queue.name, queue, now)),
    alarms: parts.alarms.map(({ since, ...alarm }) => ({ ...alarm, since: since.toISOString() })),
  };
}

type Figures = ReadonlyMap<string, QueueFigures>;

function channelPicture(
  status: ChannelStatus,
  figures: Figures,
  { now, tally }: PictureParts,
): ChannelPicture {
  const { planned, filtered, accepted, duplicates, refused, acknowledgment, pipeline } = tally.channel(
    status.channel,
  );
  return {
    name: status.channel,
    state: status.state,
    reason: status.reason,
    source: status.source && connectionPicture(status.system ?? 'source', status.source),
    accepted,
    duplicates,
    refused,
    acknowledgment,
    intake: queuePicture(status.channel, figures.get(status.channel), now),
    planned,
    filtered,
    pipeline,
    destinations: status.destinations.map((destination) =>
      destinationPicture(destination, figures, { now, tally }),
    ),
  };
}

function destinationPicture(
  { name, queue, system, connection, consumer }: DestinationStatus,
  figures: Figures,
  { now, tally }: Pick<PictureParts, 'now' | 'tally'>,
): DestinationPicture {
  return {
    ...queuePicture(queue, figures.get(queue), now),
    ...tally.queue(queue),
    name,
    connection: connectionPicture(system, connection),
    consumer: consumer.state,
  };
}

const connectionPicture = (system: string, status: ConnectionStatus): ConnectionPicture => ({
  system: safeWord(system),
  state: status.state,
  address: status.address,
  connections: status.connections,
  reason: status.reason,
});

function queuePicture(queue: string, figures: QueueFigures | undefined, now: Date): QueuePicture {
  return {
    queue,
    depth: figures?.depth ?? 0,
    parked: figures?.parked ?? 0,
    held: (figures?.held ?? 0) + (figures?.blocked ?? 0),
    oldestMs: figures?.oldestAt ? Math.max(0, now.getTime() - figures.oldestAt.getTime()) : undefined,
    holdReason: figures?.holdReason ?? undefined,
  };
}
