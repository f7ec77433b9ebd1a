import type { Channels, ChannelsEvents } from '../../../exchange/channels/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import type { Answered } from '../measured-sources.ts';
import type { Watching } from './watch-queue.ts';

/** Connections, pauses and reloads, as lines and in the log. */
export function watchChannels({ events }: Channels, { timeline }: Watching, logger: Logger): void {
  const last = new Map<string, string>();
  events.on('connection', ({ channel, name, system, status }: ChannelsEvents['connection']) => {
    const connection = `${channel}.${name}`;
    if (last.get(connection) === status.state) return;
    last.set(connection, status.state);
    if (status.state !== 'up' && status.state !== 'down') return;
    const isSource = name === 'from';
    timeline.add({
      what: '',
      from: isSource ? (system ?? 'source') : channel,
      to: isSource ? channel : name,
      outcome: status.state === 'up' ? (isSource ? 'listening' : 'connected') : 'connection down',
      tone: status.state === 'up' ? 'plain' : 'warn',
      channel,
    });
  });
  events.on('paused', ({ channel }) => {
    logger.warn({ channel }, 'a channel is paused');
    timeline.add({ what: '', from: channel, to: '', outcome: 'paused', tone: 'warn', channel });
  });
  events.on('resumed', ({ channel }) => {
    logger.info({ channel }, 'a channel goes on');
    timeline.add({ what: '', from: channel, to: '', outcome: 'goes on', tone: 'plain', channel });
  });
}

/** What a source told its peer. */
export function noteAnswered(answered: Answered, { timeline, observer, receipts, names }: Watching): void {
  const { channel } = answered;
  const from = names().sourceOf(channel);
  if (answered.outcome === 'refused') {
    const { code } = answered;
    observer.refused({ channel, code });
    timeline.add({ what: '', from, to: channel, outcome: `refused ${code}`, tone: 'warn', channel });
    return;
  }
  const { messageId, duplicate, arrivedMs, ms } = answered;
  observer.accepted({ channel, duplicate, ms });
  if (!duplicate) receipts.arrived(messageId, arrivedMs);
  timeline.add({
    what: receipts.typeOf(messageId) ?? '',
    from,
    to: channel,
    outcome: duplicate ? 'came again' : 'acknowledged',
    tone: 'plain',
    channel,
    queue: channel,
    messageId,
    durationMs: ms,
  });
}
