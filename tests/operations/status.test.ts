import { expect, test } from 'vitest';
import type { ChannelStatus } from '../../src/exchange/channels/index.ts';
import { manualClock } from '../../src/foundation/clock/index.ts';
import { createMetrics } from '../../src/operations/metrics/index.ts';
import {
  composePicture,
  createSharedReading,
  createTally,
  everyObserver,
  type QueueFigures,
} from '../../src/operations/status/index.ts';

const now = new Date('2026-01-01T00:01:00Z');
const since = new Date('2026-01-01T00:00:00Z');
const empty = {
  removed: false,
  depth: 0,
  waiting: 0,
  parked: 0,
  held: 0,
  retrying: 0,
  blocked: 0,
  holdReason: null,
};
const intake: QueueFigures = { ...empty, name: 'adt', channel: 'adt', leg: 'intake', oldestAt: null };
const outgoing: QueueFigures = {
  ...{ ...empty, name: 'adt>televisit', channel: 'adt', leg: 'outgoing' },
  ...{ depth: 7, waiting: 4, parked: 1, held: 1, blocked: 1, oldestAt: since },
};
const channels: readonly ChannelStatus[] = [
  {
    ...{ channel: 'adt', state: 'running', system: 'general' },
    source: { state: 'up', address: 'mllp://127.0.0.1:2575', connections: 1, since },
    destinations: [
      {
        ...{ name: 'televisit', queue: 'adt>televisit', system: 'televisit' },
        connection: {
          state: 'down',
          address: 'https://televisit.example',
          connections: 0,
          since,
          reason: 'refused',
        },
        consumer: { queue: 'adt>televisit', state: 'stalled', inFlight: 0 },
      },
    ],
  },
];

test('the picture joins what is configured, what waits and what was counted', () => {
  const tally = createTally();
  for (let ms = 1; ms <= 100; ms += 1) tally.accepted({ channel: 'adt', duplicate: false, ms });
  tally.accepted({ channel: 'adt', duplicate: true, ms: 1 });
  tally.refused({ channel: 'adt', code: 'HL7_NO_MSH' });
  tally.planned({ channel: 'adt', outcome: 'filtered', ms: 2 });
  tally.delivered({ queue: 'adt>televisit', ms: 9 });
  tally.attempted({ queue: 'adt>televisit', outcome: 'transient', ms: 5 });
  const parts = {
    now,
    since,
    node: 'owner',
    channels,
    queues: [intake, outgoing],
    tally,
    alarms: [],
  } as const;
  const [channel] = composePicture(parts).channels;
  expect(channel).toMatchObject({ accepted: 100, duplicates: 1, refused: 1, filtered: 1, planned: 0 });
  expect(channel?.acknowledgment).toEqual({ p50: 50, p99: 99 });
  expect(channel?.destinations[0]).toMatchObject({
    ...{ queue: 'adt>televisit', depth: 7, parked: 1, held: 2, oldestMs: 60_000, delivered: 1, failed: 1 },
    connection: { system: 'televisit', state: 'down', reason: 'refused' },
  });
});

test('a queue that left the configuration is shown for as long as it keeps something', () => {
  const gone = { ...outgoing, removed: true };
  const parts = { now, since, node: 'owner', channels: [], tally: createTally(), alarms: [] } as const;
  expect(composePicture({ ...parts, queues: [gone] }).leftovers).toMatchObject([
    { queue: 'adt>televisit', depth: 7 },
  ]);
  expect(composePicture({ ...parts, queues: [{ ...gone, depth: 0 }] }).leftovers).toEqual([]);
});

test('one reading serves all who ask within its age, and a failed one is not kept', async () => {
  const clock = manualClock();
  let count = 0;
  let fails = false;
  const shared = createSharedReading({
    clock,
    maxAgeMs: 100,
    read: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(++count)),
  });
  expect(await Promise.all([shared.read(), shared.read()])).toEqual([1, 1]);
  clock.advance(100);
  fails = true;
  await expect(shared.read()).rejects.toThrow('away');
  fails = false;
  expect(await shared.read()).toBe(2);
});

test('metrics count what observers heard, and look up the rest', async () => {
  const metrics = createMetrics();
  const observer = everyObserver([createTally(), metrics]);
  observer.accepted({ channel: 'adt', duplicate: false, ms: 1.5 });
  observer.refused({ channel: 'adt', code: 'HL7_NO_MSH' });
  observer.planned({ channel: 'adt', outcome: 'go', ms: 3 });
  observer.attempted({ queue: 'adt>televisit', outcome: 'delivered', ms: 2 });
  observer.delivered({ queue: 'adt>televisit', ms: 9 });
  observer.parked({ queue: 'adt>televisit', code: 'ANSWER_REJECT' });
  const alarms = [{ name: 'hold', on: true }];
  const text = await metrics.render({ node: 'owner', queues: [intake, outgoing], channels, alarms });
  for (const line of [
    'isthmus_accepted_total{channel="adt",duplicate="false"} 1',
    'isthmus_refused_total{channel="adt",code="HL7_NO_MSH"} 1',
    'isthmus_attempts_total{queue="adt>televisit",outcome="delivered"} 1',
    'isthmus_parked_total{queue="adt>televisit",code="ANSWER_REJECT"} 1',
    'isthmus_acknowledgment_seconds_bucket{le="0.002",channel="adt"} 1',
    'isthmus_acknowledgment_seconds_bucket{le="0.001",channel="adt"} 0',
    'isthmus_delivery_seconds_count{queue="adt>televisit"} 1',
    'isthmus_queue_depth{queue="adt>televisit"} 7',
    'isthmus_queue_exceptions{queue="adt>televisit",state="parked"} 1',
    'isthmus_connection_state{channel="adt",connection="televisit",state="down"} 1',
    'isthmus_connection_state{channel="adt",connection="televisit",state="up"} 0',
    'isthmus_owner 1',
    'isthmus_alarm{alarm="hold"} 1',
  ])
    expect(text.split('\n')).toContain(line);
});

test('without the database the counts are still told, and that it is away', async () => {
  const text = await createMetrics().render(undefined);
  expect(text).toContain('isthmus_database_up 0');
  expect(text).not.toContain('isthmus_queue_depth{');
});
