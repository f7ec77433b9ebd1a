import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { deidentify } from './deidentify.ts';

/** One accepted message in a recording: a line of JSON. */
export interface RecordedMessage {
  readonly channel: string;
  readonly receivedAt: string;
  readonly contentType: string;
  /** False when the body holds what it held when it came in. */
  readonly deidentified: boolean;
  /** The message's bytes in base64. */
  readonly body: string;
}

/** An accepted message as it is recorded: from the engine's events, or from the message store. */
export interface Recordable {
  readonly channel: string;
  readonly receivedAt: Date;
  readonly contentType: string;
  /** The ordering keys: the first is the patient whose dates are shifted together. */
  readonly keys: readonly string[];
  readonly body: Uint8Array;
}

export interface EncodeOptions {
  /** Secret and the same over recordings, so that stand-ins are the same and nobody else can undo them. 32 random bytes. */
  readonly key: Uint8Array;
  /** Keeps what identifies people. Default false. */
  readonly identified?: boolean;
}

/**
 * A message as a line of a recording, or undefined when its kind cannot be de-identified. Throws when it cannot be read as the kind it says it
 * is: then it must be left out, never written as it is.
 */
export function encodeRecorded(
  message: Recordable,
  { key, identified = false }: EncodeOptions,
): string | undefined {
  const body = identified ? message.body : deidentify(message, key);
  if (!body) return undefined;
  const receivedAt = message.receivedAt.toISOString();
  const line: RecordedMessage = {
    channel: message.channel,
    receivedAt: identified ? receivedAt : receivedAt.slice(0, 4),
    contentType: message.contentType,
    deidentified: !identified,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
  };
  return `${JSON.stringify(line)}\n`;
}

const shape = z.object({
  channel: z.string(),
  receivedAt: z.string(),
  contentType: z.string(),
  deidentified: z.boolean(),
  body: z.base64(),
});

/** The messages of a recording, one at a time. Throws INVALID_REQUEST naming the line that is none. */
export async function* readRecording(
  file: string,
): AsyncGenerator<RecordedMessage & { readonly line: number }> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    yield { ...parse(text, `${file}:${line}`), line };
  }
}

function parse(text: string, place: string): RecordedMessage {
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw new IsthmusError('INVALID_REQUEST', { place, rule: 'a line of a recording', cause });
  }
}
