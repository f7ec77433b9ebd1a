import type { ChannelStatus } from '../../exchange/channels/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { type Alarm, type Alarms, createAlarms } from '../../operations/alarms/index.ts';
import { createMetrics, type Metrics } from '../../operations/metrics/index.ts';
import {
  composePicture,
  createSharedReading,
  createTally,
  everyObserver,
  type FlowObserver,
  type FlowPicture,
  type NodeState,
  type QueueFigures,
  type SharedReading,
} from '../../operations/status/index.ts';
import { createTimeline, type Timeline } from '../../operations/timeline/index.ts';

export interface OperationsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: () => NodeState;
  readonly channels: () => readonly ChannelStatus[];
  readonly readQueues: () => Promise<readonly QueueFigures[]>;
}

/** Everything that looks on: timeline, counters, metrics, alarms and the picture made of them. */
export interface Operations {
  readonly timeline: Timeline;
  readonly alarms: Alarms;
  readonly observer: FlowObserver;
  picture(): Promise<FlowPicture>;
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Looks at the conditions of all alarms once. */
  lookForAlarms(): Promise<void>;
}

const queuesMaxAgeMs = 900;

export function createOperations(options: OperationsOptions): Operations {
  const { clock, logger, state, channels } = options;
  const since = clock.now();
  const timeline = createTimeline({
    clock,
    onListenerError: (error) => logger.error({ error }, 'a listener of the timeline failed'),
  });
  const tally = createTally();
  const metrics = createMetrics();
  const alarms = createAlarms({
    clock,
    onRaised: (alarm) => tellOfAlarm({ alarm, timeline, logger }),
    onCleared: (alarm, durationMs) => tellOfAlarm({ alarm, timeline, logger, durationMs }),
  });
  const queues = createSharedReading({ clock, maxAgeMs: queuesMaxAgeMs, read: options.readQueues });
  return {
    timeline,
    alarms,
    observer: everyObserver([tally, metrics]),
    async picture() {
      const parts = { now: clock.now(), since, node: state(), channels: channels(), tally };
      return composePicture({ ...parts, queues: await queues.read(), alarms: alarms.current() });
    },
    metrics: () => render({ metrics, queues, alarms, state, channels, logger }),
    async lookForAlarms() {
      alarms.look({ queues: await queues.read(), channels: channels() });
    },
  };
}

interface AlarmNews {
  readonly alarm: Alarm;
  readonly timeline: Timeline;
  readonly logger: Logger;
  /** Present when it is over. */
  readonly durationMs?: number;
}

function tellOfAlarm({ alarm, timeline, logger, durationMs }: AlarmNews): void {
  const { name, text } = alarm;
  if (durationMs === undefined) {
    logger.warn({ alarm: name, text }, 'an alarm is on');
    timeline.add({ what: 'alarm', from: '', to: '', outcome: text, tone: 'bad' });
  } else {
    logger.info({ alarm: name, durationMs }, 'an alarm is over');
    timeline.add({ what: 'alarm', from: '', to: '', outcome: `over: ${name}`, tone: 'good', durationMs });
  }
}

interface MetricsParts extends Pick<OperationsOptions, 'state' | 'channels' | 'logger'> {
  readonly metrics: Metrics;
  readonly queues: SharedReading<readonly QueueFigures[]>;
  readonly alarms: Alarms;
}

async function render({ metrics, queues, alarms, state, channels, logger }: MetricsParts) {
  const found = await queues.read().catch((error: unknown) => {
    logger.debug({ error }, 'the queues could not be read for the metrics');
    return undefined;
  });
  const reading = found && { queues: found, node: state(), channels: channels(), alarms: alarms.all() };
  return { contentType: metrics.contentType, text: await metrics.render(reading) };
}
