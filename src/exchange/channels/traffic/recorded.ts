import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { IsthmusError } from '../../../foundation/errors/index.ts';

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
