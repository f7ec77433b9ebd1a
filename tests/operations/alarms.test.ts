import { expect, test } from 'vitest';
import {
  type AlertDescriptor,
  backlog,
  type ChannelStatus,
  disconnected,
  parked,
} from '../../src/exchange/channels/index.ts';
import type { ConnectionStatus } from '../../src/exchange/connectors/index.ts';
import { manualClock } from '../../src/foundation/clock/index.ts';
import { type AlarmReading, conditionsOf, createAlarms } from '../../src/operations/alarms/index.ts';
import type { QueueFigures } from '../../src/operations/status/index.ts';

const since = new Date('2026-01-01T00:00:00Z');
const queue = (name: string, more: Partial<QueueFigures> = {}): QueueFigures => ({
  name,
  channel: name.split('>')[0] ?? name,
  leg: name.includes('>') ? 'outgoing' : 'intake',
  removed: false,
  ...{ depth: 0, waiting: 0, parked: 0, held: 0, retrying: 0, blocked: 0 },
  oldestAt: null,
  holdReason: null,
  ...more,
});
const connection = (more: Partial<ConnectionStatus>): ConnectionStatus => ({
  ...{ state: 'up', address: 'mllp://127.0.0.1:2575', connections: 1, since },
  ...more,
});
const channel = (source: ConnectionStatus, to: ConnectionStatus = connection({})): ChannelStatus => ({
  channel: 'adt',
  state: 'running',
  system: 'general',
  source,
  destinations: [
    {
      ...{ name: 'televisit', queue: 'adt>televisit', system: 'televisit', connection: to },
      consumer: { queue: 'adt>televisit', state: 'running', inFlight: 0 },
    },
  ],
});

function watched(alerts: readonly AlertDescriptor[]) {
  const clock = manualClock();
  const said: string[] = [];
  const alarms = createAlarms({
    clock,
    onRaised: ({ name, text }) => said.push(`on ${name}: ${text}`),
    onCleared: ({ name }, durationMs) => said.push(`over ${name} after ${durationMs}`),
  });
  alarms.watch(conditionsOf(alerts));
  const look = (reading: Partial<AlarmReading>) => {
    alarms.look({ queues: [], channels: [], ...reading });
    return said.splice(0);
  };
  return { clock, alarms, look };
}

test('a backlog is alarmed once above its limit, and cleared once', () => {
  const { clock, look } = watched([backlog('televisit').above(500)]);
  expect(look({ queues: [queue('adt>televisit', { depth: 500 })] })).toEqual([]);
  expect(look({ queues: [queue('adt>televisit', { depth: 501 })] })).toEqual([
    'on backlog televisit above 500: 501 messages wait for televisit, more than 500',
  ]);
  expect(look({ queues: [queue('adt>televisit', { depth: 900 })] })).toEqual([]);
  clock.advance(2_000);
  expect(look({ queues: [queue('adt>televisit', { depth: 3 })] })).toEqual([
    'over backlog televisit above 500 after 2000',
  ]);
  expect(look({})).toEqual([]);
});

test('a destination is found by its own name in every channel, or by its queue alone', () => {
  const queues = [
    queue('adt>televisit', { depth: 6 }),
    queue('lab>televisit', { depth: 6 }),
    queue('televisit', { depth: 99 }),
  ];
  expect(watched([backlog('televisit').above(10)]).look({ queues })[0]).toContain('12 messages wait');
  expect(watched([backlog('lab>televisit').above(10)]).look({ queues })).toEqual([]);
});

test('a system is disconnected when its listener has no peer, or the way to it is down, for long enough', () => {
  const { clock, look } = watched([disconnected('general').for('30s')]);
  const silent = { channels: [channel(connection({ connections: 0 }))] };
  expect(look(silent)).toEqual([]);
  clock.advance(29_999);
  expect(look(silent)).toEqual([]);
  clock.advance(1);
  expect(look(silent)).toEqual(['on disconnected general for 30s: general is not connected: adt.from']);
  expect(look({ channels: [channel(connection({}))] })).toHaveLength(1);
});

test('a peer that comes back in between starts the time again', () => {
  const { clock, look } = watched([disconnected('general').for('30s')]);
  const silent = { channels: [channel(connection({ connections: 0 }))] };
  look(silent);
  clock.advance(20_000);
  look({ channels: [channel(connection({}))] });
  look(silent);
  clock.advance(20_000);
  expect(look(silent)).toEqual([]);
});

test('a source that answers requests is not silent without a peer', () => {
  const { look } = watched([disconnected('general').for('1s')]);
  const { clock, look: lookLong } = watched([disconnected('televisit').for('1s')]);
  expect(look({ channels: [channel(connection({ address: '/in/visits', connections: 0 }))] })).toEqual([]);
  const down = {
    channels: [channel(connection({}), connection({ state: 'down', address: 'https://televisit.example' }))],
  };
  lookLong(down);
  clock.advance(1_000);
  expect(lookLong(down)).toEqual([
    'on disconnected televisit for 1s: televisit is not connected: adt>televisit',
  ]);
});

test('parked messages are counted everywhere, in a channel, or at a destination', () => {
  const queues = [queue('adt', { parked: 1 }), queue('lab>televisit', { parked: 2 })];
  expect(watched([parked().above(0)]).look({ queues })[0]).toContain('3 parked in adt, lab>televisit');
  expect(watched([parked('adt').above(0)]).look({ queues })[0]).toContain('1 parked in adt;');
  expect(watched([parked('televisit').above(2)]).look({ queues })).toEqual([]);
});

test('what waits for a person is alarmed without being asked for', () => {
  const { look, alarms } = watched([]);
  expect(
    look({ queues: [queue('adt', { held: 2 }), queue('adt>x', { holdReason: 'an operator' })] }),
  ).toEqual(['on hold: on hold: adt (2 keys), adt>x (whole); isthmus queue shows why']);
  expect(alarms.all()).toEqual([{ name: 'hold', on: true }]);
});

test('an alarm that is no longer asked for is cleared; another limit is another alarm', () => {
  const { look, alarms } = watched([backlog('televisit').above(1)]);
  const queues = [queue('adt>televisit', { depth: 5 })];
  look({ queues });
  alarms.watch(conditionsOf([backlog('televisit').above(10)]));
  expect(alarms.current()).toEqual([]);
  expect(look({ queues })).toEqual(['over backlog televisit above 1 after 0']);
});
