import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ChannelsEvents, Message, recordTraffic } from '../../exchange/channels/index.ts';
import { pause, systemClock } from '../../foundation/clock/index.ts';
import { secretAt } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { createEvents, type Events } from '../../foundation/events/index.ts';
import type { MessageDoor } from '../../trust/access/index.ts';
import { patientKeys } from '../engine/patient-keys.ts';
import type { RecordCommandOptions } from './command-options.ts';
import { printJson, printLine } from './output.ts';
import { type CommandStore, withStore } from './with-store.ts';

type Accepted = Pick<ChannelsEvents, 'accepted'>;

/** Records from the message store, so that the engine is not touched by it. The access is audited. */
export async function runRecord(file: string, options: RecordCommandOptions): Promise<void> {
  const { identified = false, reason } = options;
  if (identified && reason === undefined)
    throw new IsthmusError('INVALID_REQUEST', { place: '--identified', rule: 'needs --reason' });
  if (!options.follow && options.last === undefined)
    throw new IsthmusError('INVALID_REQUEST', { place: '--no-follow', rule: 'needs --last' });
  const { recorded, leftOut } = await withStore((store) => record(file, options, store));
  if (options.json) return printJson({ file, recorded, leftOut, identified });
  printLine(
    `${recorded} messages in ${file}${leftOut > 0 ? `; ${leftOut} left out, which can't be de-identified` : ''}`,
  );
}

async function record(file: string, options: RecordCommandOptions, store: CommandStore) {
  const { identified = false, reason, channel, limit } = options;
  const { audit, actor, settings, logger } = store;
  await audit.record({
    action: identified ? 'messages.record-identified' : 'messages.record',
    actor,
    target: channel ? `channels ${channel.join(', ')}` : 'all channels',
    outcome: 'success',
    ...(reason === undefined ? {} : { reason }),
  });
  const events = createEvents<Accepted>();
  const recorder = await recordTraffic({
    ...{ events, file, identified, logger },
    key: createHash('sha256')
      .update(await secretAt(join(settings.home, 'recording-key')))
      .digest(),
    ...(channel ? { channels: channel } : {}),
    ...(limit === undefined ? {} : { limit }),
  });
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  recorder.done.then(stop, stop);
  await feed({ events, messages: store.messages, options, signal: stopping.signal });
  await recorder.stop();
  return { recorded: recorder.recorded, leftOut: recorder.leftOut };
}

const lookEveryMs = 500;
const pageSize = 500;

interface Feeding {
  readonly events: Events<Accepted>;
  readonly messages: MessageDoor;
  readonly options: RecordCommandOptions;
  readonly signal: AbortSignal;
}

/** Emits what the store has, oldest first, and then what is added to it. */
async function feed({ events, messages, options, signal }: Feeding): Promise<void> {
  const newest = (await messages.messages({ limit: 1 }))[0]?.id ?? 0;
  let after = newest;
  if (options.last !== undefined) {
    const ids = (
      await idsBetween(messages, { after: 0, most: options.last, channels: options.channel })
    ).reverse();
    for (const id of ids) await emit(events, messages, id);
    after = Math.max(newest, ids.at(-1) ?? 0);
  }
  while (options.follow && !signal.aborted) {
    const ids = (await idsBetween(messages, { after, channels: options.channel })).reverse();
    for (const id of ids) {
      if (signal.aborted) return;
      await emit(events, messages, id);
      after = id;
    }
    await pause(systemClock, lookEveryMs, signal);
  }
}

interface Range {
  readonly after: number;
  readonly most?: number;
  readonly channels: readonly string[] | undefined;
}

/** Newest first; all messages after an id, or the last so many. */
async function idsBetween(messages: MessageDoor, { after, most, channels }: Range): Promise<number[]> {
  const wanted = channels && new Set(channels);
  const ids: number[] = [];
  let beforeId: number | undefined;
  for (;;) {
    const page = await messages.messages({
      limit: pageSize,
      ...(beforeId === undefined ? {} : { beforeId }),
    });
    for (const { id, channel } of page) {
      if (id <= after || ids.length === most) return ids;
      if (!wanted || wanted.has(channel)) ids.push(id);
    }
    beforeId = page.at(-1)?.id;
    if (page.length < pageSize) return ids;
  }
}

async function emit(events: Events<Accepted>, messages: MessageDoor, id: number): Promise<void> {
  const stored = await messages.message(id);
  if (!stored) return;
  const { channel, type, contentType, sender, controlId, correlationId, receivedAt, body } = stored;
  const scope = { channel, system: undefined, authority: undefined };
  const keys = keysOrSender(new Message({ content: body, contentType, type, touched: false }), scope, sender);
  events.emit('accepted', {
    channel,
    draft: {
      ...{ body, contentType, type, sender, correlationId, keys },
      reuse: 'accept',
      ...(controlId === null ? {} : { controlId }),
    },
    message: { messageId: id, sequence: 0, receivedAt, duplicate: false },
  });
}

/** Stand-ins follow from the keys: the same patient is the same stand-in in the whole recording. */
function keysOrSender(
  message: Message,
  scope: Parameters<typeof patientKeys>[1],
  sender: string,
): readonly string[] {
  try {
    const keys = patientKeys(message, scope);
    return keys.length > 0 ? keys : [sender];
  } catch {
    // A message that can't be read is refused or left out by the recorder itself.
    return [sender];
  }
}
