import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../../src/foundation/clock/index.ts';
import {
  createTimeline,
  type FlowEvent,
  type FlowEventDraft,
  formatLine,
  safeWord,
  type Timeline,
} from '../../src/operations/timeline/index.ts';

const draft = (more: Partial<FlowEventDraft> = {}): FlowEventDraft => ({
  what: 'ADT^A08',
  from: 'general',
  to: 'adt',
  outcome: 'acknowledged',
  tone: 'plain',
  ...more,
});

/** Adds an event and gives it back as a reader gets it. */
function added(timeline: Timeline, more: Partial<FlowEventDraft> = {}): FlowEvent {
  timeline.add(draft(more));
  const last = timeline.recent().at(-1);
  if (!last) throw new Error('nothing is remembered');
  return last;
}

test('remembers as many as its capacity, and gives a reader that was away what came after', () => {
  const timeline = createTimeline({ clock: manualClock(), capacity: 3 });
  const [, second, third, fourth] = [1, 2, 3, 4].map((messageId) => added(timeline, { messageId }));
  expect(timeline.recent()).toEqual([second, third, fourth]);
  expect(timeline.recent(third?.id)).toEqual([fourth]);
  expect(timeline.recent(fourth?.id)).toEqual([]);
});

test('ids go on growing over a restart, so that an open page misses nothing', () => {
  const clock = manualClock();
  const before = added(createTimeline({ clock }));
  clock.advance(1_000);
  expect(added(createTimeline({ clock })).id).toBeGreaterThan(before.id);
});

test('a listener that throws is told of and harms no other', () => {
  const errors: unknown[] = [];
  const heard: FlowEvent[] = [];
  const timeline = createTimeline({ clock: manualClock(), onListenerError: (error) => errors.push(error) });
  timeline.subscribe(() => {
    throw new Error('broken');
  });
  const stop = timeline.subscribe((event) => heard.push(event));
  timeline.add(draft());
  stop();
  timeline.add(draft());
  expect([errors.length, heard.length]).toEqual([2, 1]);
});

test('what a sender writes where a type belongs never reaches a line, unless it looks like one', () => {
  expect(['ADT^A08', 'Observation/5c-1.2', 'adt>televisit', ''].map(safeWord)).toEqual([
    'ADT^A08',
    'Observation/5c-1.2',
    'adt>televisit',
    '',
  ]);
  for (const text of [
    'Doe Jane',
    'Doe, Jane',
    '\u001b[31mADT',
    '<script>',
    'ADT\nA08',
    'x'.repeat(81),
    'Müller',
  ])
    expect(safeWord(text)).toBe('?');
  fc.assert(fc.property(fc.string(), (text) => /^[\w.:^/>#-]*$|^\?$/.test(safeWord(text))));
});

test('a line has its columns, and colours only where they are asked for', () => {
  const clock = manualClock(new Date(2026, 0, 31, 10, 42, 7, 113));
  const timeline = createTimeline({ clock });
  const event = added(timeline, { messageId: 1042, durationMs: 1.23 });
  expect(formatLine(event, { colours: false })).toBe(
    '10:42:07.113  ADT^A08                   general → adt             #1042    acknowledged    1.2 ms',
  );
  expect(formatLine({ ...event, tone: 'bad' }, { colours: true })).toContain('\u001b[31m');
  expect(formatLine({ ...event, tone: 'bad' }, { colours: false })).not.toContain('\u001b');
});

test.each([
  [0.84, '0.8 ms'],
  [9.96, '10.0 ms'],
  [12.4, '12 ms'],
  [3_400, '3.4 s'],
  [420_000, '7 min'],
])('%d ms reads %s', (durationMs, expected) => {
  const timeline = createTimeline({ clock: manualClock() });
  expect(formatLine(added(timeline, { durationMs }), { colours: false }).endsWith(expected)).toBe(true);
});

test('a long reference keeps its type and the end of its id', () => {
  const timeline = createTimeline({ clock: manualClock() });
  const line = formatLine(
    added(timeline, { what: 'DiagnosticReport/0b6ff4d2-1111-8222-9333-0123456789ab' }),
    {
      colours: false,
    },
  );
  expect(line).toContain('DiagnosticReport/…6789ab');
});
