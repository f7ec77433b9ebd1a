import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ChannelStatus } from '../../exchange/channels/index.ts';
import type { FlowObserver, NodeState, QueueFigures } from '../status/index.ts';

/** What is looked up when somebody asks, instead of being counted along. */
export interface MetricsReading {
  readonly node: NodeState;
  readonly queues: readonly QueueFigures[];
  readonly channels: readonly ChannelStatus[];
  /** Names of the alarms, and which are on. */
  readonly alarms: readonly { readonly name: string; readonly on: boolean }[];
}

export interface Metrics extends FlowObserver {
  readonly contentType: string;
  /** The text that Prometheus reads. Without `reading` (the database does not answer) only what was counted. */
  render(reading: MetricsReading | undefined): Promise<string>;
}

/** Seconds. From a commit on a quick disk to a destination that was away for an hour. */
const buckets = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.04, 0.1, 0.3, 1, 5, 30, 300, 3600];

const connectionStates = ['stopped', 'starting', 'up', 'down', 'paused'] as const;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counted = counters(registry);
  const gauges = lookedUp(registry);
  return {
    ...counted,
    contentType: registry.contentType,
    async render(reading) {
      gauges.set(reading);
      return registry.metrics();
    },
  };
}

function counters(registry: Registry): FlowObserver {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: string[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  const accepted = counter('isthmus_accepted_total', 'Messages acknowledged after their commit', [
    'channel',
    'duplicate',
  ]);
  const refused = counter('isthmus_refused_total', 'Messages not taken', ['channel', 'code']);
  const planned = counter('isthmus_planned_total', 'Messages the pipeline is done with', [
    'channel',
    'outcome',
  ]);
  const attempts = counter('isthmus_attempts_total', 'Attempts at a destination', ['queue', 'outcome']);
  const parked = counter('isthmus_parked_total', 'Entries set aside', ['queue', 'code']);
  const acknowledgment = histogram(
    'isthmus_acknowledgment_seconds',
    'From the whole message having arrived to its commit',
    ['channel'],
  );
  const pipeline = histogram('isthmus_pipeline_seconds', 'From receipt to the end of the pipeline', [
    'channel',
  ]);
  const delivery = histogram('isthmus_delivery_seconds', 'From receipt to delivery', ['queue']);
  const attempt = histogram('isthmus_attempt_seconds', 'Duration of one attempt', ['queue']);
  return {
    accepted({ channel, duplicate, ms }) {
      accepted.inc({ channel, duplicate: String(duplicate) });
      acknowledgment.observe({ channel }, ms / 1000);
    },
    refused: (labels) => refused.inc(labels),
    planned({ channel, outcome, ms }) {
      planned.inc({ channel, outcome });
      pipeline.observe({ channel }, ms / 1000);
    },
    attempted({ queue, outcome, ms }) {
      attempts.inc({ queue, outcome });
      attempt.observe({ queue }, ms / 1000);
    },
    delivered: ({ queue, ms }) => delivery.observe({ queue }, ms / 1000),
    parked: (labels) => parked.inc(labels),
  };
}

function lookedUp(registry: Registry): { set(reading: MetricsReading | undefined): void } {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('isthmus_database_up', '1 when the database answered this request');
  const owner = gauge('isthmus_owner', '1 on the node that owns the queues');
  const depth = gauge('isthmus_queue_depth', 'Entries that are not done', ['queue']);
  const states = gauge('isthmus_queue_exceptions', 'Entries out of the ordinary', ['queue', 'state']);
  const oldest = gauge('isthmus_queue_oldest_seconds', 'Age of the oldest entry that is not done', ['queue']);
  const connection = gauge('isthmus_connection_state', '1 for the state the connection is in', [
    'channel',
    'connection',
    'state',
  ]);
  const peers = gauge('isthmus_connection_peers', 'Peers or lanes connected', ['channel', 'connection']);
  const alarm = gauge('isthmus_alarm', '1 while the alarm is on', ['alarm']);
  const all = [depth, states, oldest, connection, peers, alarm];
  return {
    set(reading) {
      up.set(reading ? 1 : 0);
      for (const each of all) each.reset();
      if (!reading) return;
      owner.set(reading.node === 'owner' ? 1 : 0);
      for (const queue of reading.queues) {
        depth.set({ queue: queue.name }, queue.depth);
        oldest.set({ queue: queue.name }, ageSeconds(queue.oldestAt));
        for (const state of ['parked', 'held', 'retrying', 'blocked'] as const)
          states.set({ queue: queue.name, state }, queue[state]);
      }
      for (const { channel, name, status } of connectionsOf(reading.channels)) {
        for (const state of connectionStates)
          connection.set({ channel, connection: name, state }, status.state === state ? 1 : 0);
        peers.set({ channel, connection: name }, status.connections);
      }
      for (const { name, on } of reading.alarms) alarm.set({ alarm: name }, on ? 1 : 0);
    },
  };
}

const ageSeconds = (since: Date | null) => (since ? Math.max(0, (Date.now() - since.getTime()) / 1000) : 0);

function connectionsOf(channels: readonly ChannelStatus[]) {
  return channels.flatMap(({ channel, source, destinations }) => [
    ...(source ? [{ channel, name: 'from', status: source }] : []),
    ...destinations.map(({ name, connection }) => ({ channel, name, status: connection })),
  ]);
}
