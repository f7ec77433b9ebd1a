/**
 * The suite's own HL7 v2: just enough to write a message, and to recognize it and its answer again, without a line of the product.
 * Each message carries its identity in a Z-segment, so that it is known even when MSH-10 is used twice.
 */
export interface TestMessage {
  readonly uid: string;
  readonly controlId: string;
  /** One key, or two for a merge. */
  readonly keys: readonly string[];
  readonly body: Buffer;
}

interface Parts {
  readonly uid: string;
  readonly keys: readonly string[];
  readonly controlId?: string;
  /** Filled up to so many bytes. */
  readonly bytes?: number;
  readonly sender?: string;
}

export function testMessage({
  uid,
  keys,
  controlId = uid,
  bytes = 0,
  sender = 'FAULTS',
}: Parts): TestMessage {
  const [patient = '', prior] = keys;
  const event = prior === undefined ? 'ADT^A08^ADT_A01' : 'ADT^A40^ADT_A39';
  const segments = [
    `MSH|^~\\&|${sender}|GENERAL|ISTHMUS|HERE|20260101120000||${event}|${controlId}|P|2.5.1`,
    'EVN||20260101120000',
    `PID|1||${patient}^^^GENERAL^MR||Test^Person`,
    ...(prior === undefined ? [] : [`MRG|${prior}^^^GENERAL^MR`]),
    `ZFT|${uid}`,
  ];
  const text = `${segments.join('\r')}\r`;
  const missing = bytes - text.length - 'OBX|1|ED|||\r'.length;
  const body = Buffer.from(missing > 0 ? `${text}OBX|1|ED|||${'x'.repeat(missing)}\r` : text, 'latin1');
  return { uid, controlId, keys, body };
}

const field = (body: Uint8Array, pattern: RegExp): string => {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 4_096)).toString('latin1');
  return pattern.exec(head)?.[1] ?? '';
};

export const uidOf = (body: Uint8Array): string => field(body, /\rZFT\|([^|\r]*)/);
export const controlIdOf = (body: Uint8Array): string => field(body, /^MSH(?:\|[^|\r]*){8}\|([^|\r]*)/);
export const keysOf = (body: Uint8Array): string[] =>
  [field(body, /\rPID\|1\|\|([^^|\r]*)/), field(body, /\rMRG\|([^^|\r]*)/)].filter((key) => key !== '');

/** MSA-1 and MSA-2 of an acknowledgment. */
export function readAnswer(body: Uint8Array): { code: string; controlId: string } {
  return { code: field(body, /\rMSA\|([^|\r]*)/), controlId: field(body, /\rMSA\|[^|\r]*\|([^|\r]*)/) };
}

export function answerTo(body: Uint8Array, code: string, controlId = controlIdOf(body)): Buffer {
  return Buffer.from(
    `MSH|^~\\&|HERE|THERE|FAULTS|GENERAL|20260101120000||ACK|A${controlId}|P|2.5.1\rMSA|${code}|${controlId}\r`,
    'latin1',
  );
}

const START = 0x0b;
const END = Buffer.of(0x1c, 0x0d);

export const frame = (body: Uint8Array): Buffer => Buffer.concat([Buffer.of(START), body, END]);

/** The plainest possible reader of MLLP blocks: keeps everything and looks again. */
export class Frames {
  #chunks: Buffer[] = [];

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    // Joined only when a block may be complete, so that a large one is not copied for each of its chunks.
    if (!chunk.includes(0x1c) && !chunk.includes(0x0d)) return [];
    let all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const bodies: Buffer[] = [];
    for (let end = all.indexOf(END); end >= 0; end = all.indexOf(END)) {
      bodies.push(all.subarray(all.indexOf(START) + 1, end));
      all = all.subarray(end + 2);
    }
    this.#chunks = all.length > 0 ? [all] : [];
    return bodies;
  }
}
