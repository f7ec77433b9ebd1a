import type { QueueEngine, QueueEvents } from '../../../exchange/queue/index.ts';
import type { FlowObserver } from '../../../operations/status/index.ts';
import type { Timeline } from '../../../operations/timeline/index.ts';
import type { Names } from './names.ts';
import type { Receipts } from './receipts.ts';

export interface Watching {
  readonly timeline: Timeline;
  readonly observer: FlowObserver;
  readonly receipts: Receipts;
  /** Of the configuration in force. */
  readonly names: () => Names;
}

/** Turns what the queue says into lines, counts and durations. Of a message only its id, type and label go on from here. */
export function watchQueue({ events }: QueueEngine, watching: Watching): void {
  events.on('accepted', ({ draft, message }) => {
    if (message.duplicate) return;
    const isJson = draft.type === '' && draft.contentType.includes('json');
    watching.receipts.note(message.messageId, isJson ? 'JSON' : draft.type);
  });
  events.on('reused', (event) => onReused(event, watching));
  events.on('planned', (event) => onPlanned(event, watching));
  events.on('attempted', (event) => onAttempted(event, watching));
  events.on('stalled', (event) => onStalled(event, watching));
  events.on('parked', (event) => onParked(event, watching));
  events.on('held', (event) => onHeld(event, watching));
  events.on('operated', (event) => onOperated(event, watching));
}

function onReused(
  { queue, messageId }: QueueEvents['reused'],
  { timeline, names, receipts }: Watching,
): void {
  timeline.add({
    what: receipts.typeOf(messageId) ?? '',
    from: names().sourceOf(queue),
    to: queue,
    outcome: 'control id used before for other content',
    tone: 'warn',
    channel: queue,
    queue,
    messageId,
  });
}

function onPlanned(event: QueueEvents['planned'], { timeline, observer, receipts }: Watching): void {
  const { queue, entry, outcome, outgoing } = event;
  const ms = receipts.msSince(entry.messageId, entry.receivedAt);
  observer.planned({ channel: queue, outcome, ms });
  const ends = (outcome === 'go' && outgoing.length === 0) || outcome === 'filtered' || outcome === 'blocked';
  if (!ends) return;
  const told = { go: 'recorded', filtered: 'filtered', blocked: 'waits behind a held key' } as const;
  timeline.add({
    what: entry.type,
    from: queue,
    to: outcome === 'go' ? 'record' : '',
    outcome: told[outcome],
    tone: outcome === 'blocked' ? 'warn' : 'plain',
    channel: queue,
    queue,
    messageId: entry.messageId,
    durationMs: ms,
  });
}

function onAttempted(
  event: QueueEvents['attempted'],
  { timeline, observer, receipts, names }: Watching,
): void {
  const { queue, entry, result, durationMs } = event;
  observer.attempted({ queue, outcome: result.outcome, ms: durationMs });
  const told = tellingOf(event, receipts, names().legOf(queue).done);
  if (!told) return;
  if (result.outcome === 'delivered') observer.delivered({ queue, ms: told.durationMs });
  const { channel, to } = names().legOf(queue);
  timeline.add({
    what: entry.label ?? entry.type,
    from: channel,
    to,
    outcome: told.outcome,
    tone: told.tone,
    channel,
    queue,
    messageId: entry.messageId,
    durationMs: told.durationMs,
  });
}

interface Telling {
  readonly outcome: string;
  readonly tone: 'good' | 'plain' | 'warn';
  readonly durationMs: number;
}

/** What of an attempt stands in the timeline; parks and stalls have lines of their own. */
function tellingOf(
  { entry, result, verdict, durationMs }: QueueEvents['attempted'],
  receipts: Receipts,
  done: string,
): Telling | undefined {
  if (result.outcome === 'delivered')
    return { outcome: done, tone: 'good', durationMs: receipts.msSince(entry.messageId, entry.receivedAt) };
  if (result.outcome === 'withheld') return { outcome: 'withheld', tone: 'plain', durationMs };
  if (verdict === 'retry')
    return { outcome: `failed ${result.code}, will be repeated`, tone: 'warn', durationMs };
  return undefined;
}

/** A destination that stays away is told of at its first failure and then ever less often. */
function onStalled({ queue, failures, waitMs, result }: QueueEvents['stalled'], parts: Watching): void {
  if (!Number.isInteger(Math.log2(failures))) return;
  const { channel, to } = parts.names().legOf(queue);
  const code = 'code' in result ? ` ${result.code}` : '';
  const outcome = `waits${code}, attempt ${failures} failed, again in ${(waitMs / 1000).toFixed(1)} s`;
  parts.timeline.add({
    what: '',
    from: channel,
    to,
    outcome,
    tone: 'warn',
    channel,
    queue,
  });
}

function onParked(
  { queue, entry, code }: QueueEvents['parked'],
  { timeline, observer, names }: Watching,
): void {
  observer.parked({ queue, code: code ?? 'none' });
  const { channel, to } = names().legOf(queue);
  timeline.add({
    what: entry.label ?? entry.type,
    from: channel,
    to,
    outcome: `parked ${code ?? ''}`.trim(),
    tone: 'bad',
    channel,
    queue,
    messageId: entry.messageId,
  });
}

function onHeld({ queue }: QueueEvents['held'], { timeline, names }: Watching): void {
  const { channel, to } = names().legOf(queue);
  timeline.add({ what: '', from: channel, to, outcome: 'on hold', tone: 'bad', channel, queue });
}

function onOperated(
  { action, queue, affected }: QueueEvents['operated'],
  { timeline, names }: Watching,
): void {
  const { channel, to } = names().legOf(queue);
  const outcome = `${action} by an operator: ${affected}`;
  timeline.add({ what: '', from: channel, to, outcome, tone: 'plain', channel, queue });
}
