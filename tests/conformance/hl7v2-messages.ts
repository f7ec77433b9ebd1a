import { Hl7Error, MllpDecoder, splitBatch } from '../../src/standards/hl7v2/index.ts';
import type { CorpusFile } from './corpora.ts';

export interface Extracted {
  readonly messages: readonly Uint8Array[];
  /** The file is an envelope, or several messages, that splitBatch refused. */
  readonly envelopeError?: Hl7Error;
}

const notMessages = /(^|\/)(README|LICEN[CS]E|NOTICE)[^/]*$|\.(md|csv|xml|fhir|ccda)$/i;
const beginning = /^(?:\ufeff)?\s*(?:MSH|FHS|BHS)[^A-Za-z0-9\s]/;

/**
 * The messages in one file, whatever its form: MLLP capture, batch, one or several messages, or messages as strings in JSON.
 * undefined when the file is documentation or holds something else.
 */
export function messagesIn(file: CorpusFile): Extracted | undefined {
  if (notMessages.test(file.path)) return undefined;
  const text = file.bytes.toString('latin1');
  if (/\.(nd)?json$/.test(file.path)) return fromJson(file.bytes.toString('utf8'));
  if (file.bytes[0] === 0x0b) return fromMllp(file.bytes);
  if (beginning.test(file.bytes.toString('utf8', 0, 256))) return fromEnvelope(file.bytes);
  if (file.path.includes('BadInputs/') || /\.hl7(v2)?$/i.test(file.path)) {
    return text.trim() === '' ? undefined : { messages: [file.bytes] };
  }
  return undefined;
}

function fromMllp(bytes: Buffer): Extracted {
  const decoder = new MllpDecoder({ maxFrameBytes: 64 * 1024 * 1024 });
  const events = [...decoder.push(bytes), ...decoder.end()];
  return { messages: events.flatMap((event) => (event.kind === 'frame' ? [event.body] : [])) };
}

function fromEnvelope(bytes: Buffer): Extracted {
  try {
    return { messages: splitBatch(bytes).messages };
  } catch (error) {
    if (!(error instanceof Hl7Error)) throw error;
    return { messages: cutAtHeaders(bytes), envelopeError: error };
  }
}

/** What is left to try when the envelope is wrong: every line that begins with MSH begins a message. */
function cutAtHeaders(bytes: Buffer): Uint8Array[] {
  const text = bytes.toString('latin1');
  const starts = Array.from(text.matchAll(/(?<=^|[\r\n])MSH[^A-Za-z0-9]/g), (match) => match.index);
  const ends = Array.from(
    text.matchAll(/(?<=[\r\n])(?:BTS|FTS|BHS|FHS)[^A-Za-z0-9]/g),
    (match) => match.index,
  );
  const marks = [...starts, ...ends, bytes.length].sort((a, b) => a - b);
  return starts.map((start) =>
    bytes.subarray(
      start,
      marks.find((mark) => mark > start),
    ),
  );
}

function fromJson(text: string): Extracted | undefined {
  const messages: Uint8Array[] = [];
  const visit = (value: unknown) => {
    if (typeof value === 'string' && /^MSH[^A-Za-z0-9\s]/.test(value))
      messages.push(Buffer.from(value, 'utf8'));
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  const documents = parsed(text) ?? text.split('\n').flatMap((line) => parsed(line) ?? []);
  visit(documents);
  return messages.length > 0 ? { messages } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: then perhaps NDJSON, or nothing for us
  }
}
