import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Events } from '../../../foundation/events/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import type { AcceptedMessage, MessageDraft } from '../../queue/index.ts';
import type { ChannelsEvents } from '../lifecycle/types.ts';
import { encodeRecorded } from './recorded.ts';

export interface RecordOptions {
  readonly events: Events<Pick<ChannelsEvents, 'accepted'>>;
  /** Lines are added; a new file can be read by its owner only. */
  readonly file: string;
  /** Keeps stand-ins the same over recordings, and keeps others from undoing them: 32 random bytes that stay secret. */
  readonly key: Uint8Array;
  readonly logger: Logger;
  /** Only these channels; default all. */
  readonly channels?: readonly string[];
  /** Keeps what identifies people: the file is then patient data. Default false. */
  readonly identified?: boolean;
  /** Ends by itself after so many messages. */
  readonly limit?: number;
}

export interface TrafficRecorder {
  readonly recorded: number;
  /** Messages left out: of a kind that cannot be de-identified, or more than the disk takes. */
  readonly leftOut: number;
  /** Resolves when the limit is reached or `stop` was called, and everything is on disk. Rejects when the file cannot be written. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Bytes that may wait for the disk; beyond, messages are left out, for recording must never slow the intake. */
const maxWaitingBytes = 16 * 1024 * 1024;

/** Writes accepted messages to a file, de-identified unless told otherwise (CH80-CH84). Duplicates are not recorded again. */
export async function recordTraffic(options: RecordOptions): Promise<TrafficRecorder> {
  await mkdir(dirname(options.file), { recursive: true });
  const stream = createWriteStream(options.file, { flags: 'a', mode: 0o600 });
  const wanted = options.channels && new Set(options.channels);
  const count = { recorded: 0, leftOut: 0 };
  const off = options.events.on('accepted', ({ channel, draft, message }) => {
    if (message.duplicate || (wanted && !wanted.has(channel))) return;
    const line =
      stream.writableLength > maxWaitingBytes ? undefined : toLine({ channel, draft, message }, options);
    if (line === undefined) {
      count.leftOut++;
      return;
    }
    stream.write(line);
    count.recorded++;
    if (count.recorded === options.limit) end();
  });
  const end = () => {
    off();
    stream.end();
  };
  stream.on('error', () => off());
  const done = finished(stream);
  return {
    get recorded() {
      return count.recorded;
    },
    get leftOut() {
      return count.leftOut;
    },
    done,
    stop() {
      end();
      return done;
    },
  };
}

interface Accepted {
  readonly channel: string;
  readonly draft: MessageDraft;
  readonly message: AcceptedMessage;
}

/** What cannot be de-identified is never written as it is. */
function toLine(
  { channel, draft, message }: Accepted,
  { logger, ...options }: RecordOptions,
): string | undefined {
  const { body, contentType, keys } = draft;
  try {
    return encodeRecorded({ channel, receivedAt: message.receivedAt, body, contentType, keys }, options);
  } catch (error) {
    logger.warn(
      { err: error, channel, messageId: message.messageId },
      'a message was left out: it could not be de-identified',
    );
    return undefined;
  }
}
