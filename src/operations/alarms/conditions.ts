import {
  type AlertDescriptor,
  type BacklogAlert,
  type ChannelStatus,
  type DisconnectedAlert,
  durationMs,
  type ParkedAlert,
} from '../../exchange/channels/index.ts';
import type { ConnectionStatus } from '../../exchange/connectors/index.ts';
import type { QueueFigures } from '../status/index.ts';

export interface AlarmReading {
  readonly queues: readonly QueueFigures[];
  readonly channels: readonly ChannelStatus[];
}

/** One condition: what to say when it holds, and for how long it must have held before it counts. */
export interface Condition {
  /** Stable, for metrics and lists: `backlog televisit above 500`. */
  readonly name: string;
  readonly forMs: number;
  /** Undefined while all is well. No patient data. */
  readonly look: (reading: AlarmReading) => string | undefined;
}

/** The conditions of a configuration's alerts, and the one that needs no asking for: what waits for a person is always alarmed. */
export function conditionsOf(alerts: readonly AlertDescriptor[]): Condition[] {
  return [...alerts.map(conditionOf), { name: 'hold', forMs: 0, look: lookForHolds }];
}

function conditionOf(alert: AlertDescriptor): Condition {
  switch (alert.alert) {
    case 'backlog':
      return {
        name: `backlog ${alert.destination} above ${alert.above}`,
        forMs: 0,
        look: (reading) => lookAtBacklog(alert, reading),
      };
    case 'parked':
      return {
        name: `parked ${alert.of === undefined ? '' : `${alert.of} `}above ${alert.above}`,
        forMs: 0,
        look: (reading) => lookForParked(alert, reading),
      };
    case 'disconnected':
      return {
        name: `disconnected ${alert.system} for ${alert.for}`,
        forMs: durationMs(alert.for) ?? 0,
        look: (reading) => lookForSilence(alert, reading),
      };
  }
}

/** A destination is named by its own name, wherever it appears, or by its queue. */
const isQueueOf = (queue: QueueFigures, name: string) =>
  queue.leg === 'outgoing' && (queue.name === name || queue.name.endsWith(`>${name}`));

function lookAtBacklog({ destination, above }: BacklogAlert, { queues }: AlarmReading): string | undefined {
  const waiting = sum(
    queues.filter((queue) => isQueueOf(queue, destination)),
    (queue) => queue.depth,
  );
  return waiting > above ? `${waiting} messages wait for ${destination}, more than ${above}` : undefined;
}

function lookForParked({ of, above }: ParkedAlert, { queues }: AlarmReading): string | undefined {
  const where = queues.filter((queue) => of === undefined || queue.channel === of || isQueueOf(queue, of));
  const parked = sum(where, (queue) => queue.parked);
  if (parked <= above) return undefined;
  const names = where.filter((queue) => queue.parked > 0).map((queue) => queue.name);
  return `${parked} parked in ${names.join(', ')}; isthmus messages --state parked lists them`;
}

function lookForHolds({ queues }: AlarmReading): string | undefined {
  const on = queues.filter((queue) => queue.holdReason !== null || queue.held > 0);
  if (on.length === 0) return undefined;
  const told = on.map((queue) =>
    queue.holdReason === null ? `${queue.name} (${queue.held} keys)` : `${queue.name} (whole)`,
  );
  return `on hold: ${told.join(', ')}; isthmus queue shows why`;
}

function lookForSilence({ system }: DisconnectedAlert, { channels }: AlarmReading): string | undefined {
  const silent = channels.flatMap((channel) => [
    ...(channel.source && channel.system === system && isSilentSource(channel.source)
      ? [`${channel.channel}.from`]
      : []),
    ...channel.destinations
      .filter((destination) => destination.system === system && destination.connection.state === 'down')
      .map((destination) => destination.queue),
  ]);
  return silent.length > 0 ? `${system} is not connected: ${silent.join(', ')}` : undefined;
}

/** A source that listens for standing connections is silent when nobody is connected; one that polls or answers, when it is down. */
function isSilentSource({ state, address, connections }: ConnectionStatus): boolean {
  if (state === 'down') return true;
  return state === 'up' && connections === 0 && /^mllps?:/.test(address);
}

const sum = <T>(items: readonly T[], value: (item: T) => number) =>
  items.reduce((total, item) => total + value(item), 0);
