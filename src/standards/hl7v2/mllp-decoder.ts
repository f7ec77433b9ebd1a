import { asBuffer } from './bytes.ts';
import { CARRIAGE_RETURN, END_BLOCK } from './mllp-frame.ts';
import { HeldFrame, Scan } from './mllp-scan.ts';

export type MllpEvent =
  /** A whole message, its block bytes taken off. The decoder never touches this memory again. */
  | { readonly kind: 'frame'; readonly body: Uint8Array }
  /** Bytes outside frames, thrown away; reported when a frame begins, at the end, and each time the cap is reached. */
  | { readonly kind: 'noise'; readonly bytes: number }
  /** A frame broke off: a new one began, or the connection ended. `bytes` of it were thrown away. */
  | { readonly kind: 'torn'; readonly bytes: number }
  /**
   * A frame grew over the limit; it is thrown away up to its end block. Reported once a frame, with how it begins, so that its
   * sender can be answered by name.
   */
  | { readonly kind: 'too-large'; readonly head: Uint8Array };

export interface MllpLimits {
  /** The largest body that is taken. */
  readonly maxFrameBytes: number;
  /** A run of noise is reported each time it has reached this many bytes, so that the owner can give up. Default 64 KiB. */
  readonly maxNoiseBytes?: number;
}

const DEFAULT_NOISE_BYTES = 64 * 1024;
const HEAD_BYTES = 4 * 1024;
const endBlock = Buffer.of(END_BLOCK);

/**
 * Finds MLLP blocks (0x0B body 0x1C 0x0D) in a stream of chunks cut anywhere. The events do not depend on the cuts. It never
 * throws: after noise, a torn or a too large frame it is in step again at the next 0x0B.
 *
 * - 0x0B inside a frame begins anew: the frame before it is `torn`, so two messages are never glued together.
 * - 0x1C that is not followed by 0x0D is no end; it stays in the body, for the parser to refuse.
 * - An empty frame is ignored.
 *
 * A frame that lies in one chunk is a view of that chunk: the caller must not reuse the chunk's memory (Node's sockets
 * hand out fresh memory for every read). A frame over several chunks is copied once, into memory that doubles up to 1 MiB
 * and is then reserved at `maxFrameBytes`, of which the operating system provides only the pages that are written.
 */
export class MllpDecoder {
  readonly #maxFrameBytes: number;
  readonly #maxNoiseBytes: number;
  readonly #held: HeldFrame;
  #state: 'outside' | 'inside' | 'dropping' = 'outside';
  /** The chunk before ended with 0x1C inside a frame: an end block if 0x0D comes next, otherwise content. */
  #isEndPending = false;
  #noiseBytes = 0;

  constructor(limits: MllpLimits) {
    this.#maxFrameBytes = limits.maxFrameBytes;
    this.#maxNoiseBytes = limits.maxNoiseBytes ?? DEFAULT_NOISE_BYTES;
    this.#held = new HeldFrame(limits.maxFrameBytes);
  }

  /** Has a frame begun that is not at its end? Then the connection is not idle: it owes the rest. */
  get isInsideFrame(): boolean {
    return this.#state !== 'outside';
  }

  /** Takes the next bytes of the stream and returns what they complete, in order. */
  push(chunk: Uint8Array): MllpEvent[] {
    const events: MllpEvent[] = [];
    const scan = new Scan(asBuffer(chunk));
    while (scan.at < scan.length) {
      if (this.#state === 'outside') this.#skipNoise(scan, events);
      else this.#readFrame(scan, events);
    }
    return events;
  }

  /** The stream has ended; the decoder can be used for a new one. */
  end(): MllpEvent[] {
    const events: MllpEvent[] = [];
    if (this.#state === 'inside') this.#tear(this.#isEndPending ? 1 : 0, events);
    this.#isEndPending = false;
    this.#state = 'outside';
    this.#reportNoise(events);
    return events;
  }

  #skipNoise(scan: Scan, events: MllpEvent[]): void {
    const start = scan.nextStart();
    this.#countNoise(start - scan.at, events);
    scan.at = start + 1;
    if (start === scan.length) return;
    this.#reportNoise(events);
    this.#state = 'inside';
  }

  #readFrame(scan: Scan, events: MllpEvent[]): void {
    if (this.#isEndPending) {
      this.#isEndPending = false;
      if (scan.bytes[scan.at] === CARRIAGE_RETURN) {
        this.#finish(scan, scan.at, events);
        scan.at += 1;
        return;
      }
      this.#keep(endBlock, { from: 0, to: 1 }, events);
    }
    const restart = scan.nextStart();
    const end = scan.nextEnd();
    if (end + 1 < scan.length && end < restart) {
      this.#finish(scan, end, events);
      scan.at = end + 2;
      return;
    }
    const stop = Math.min(end, restart);
    this.#keep(scan.bytes, { from: scan.at, to: stop }, events);
    scan.at = stop + 1;
    if (end < restart) this.#isEndPending = true;
    else if (restart < scan.length) this.#restart(events);
  }

  /** The frame ends before `end` in this chunk. */
  #finish(scan: Scan, end: number, events: MllpEvent[]): void {
    const isWhole = this.#held.length === 0 && end - scan.at <= this.#maxFrameBytes;
    if (!isWhole) this.#keep(scan.bytes, { from: scan.at, to: end }, events);
    if (this.#state === 'inside') {
      const body = isWhole ? scan.bytes.subarray(scan.at, end) : this.#held.take();
      if (body.length > 0) events.push({ kind: 'frame', body });
    }
    this.#state = 'outside';
  }

  #restart(events: MllpEvent[]): void {
    if (this.#state === 'inside') this.#tear(0, events);
    this.#state = 'inside';
  }

  #keep(bytes: Buffer, part: { from: number; to: number }, events: MllpEvent[]): void {
    if (this.#state !== 'inside') return;
    if (this.#held.length + part.to - part.from > this.#maxFrameBytes) {
      const most = Math.min(HEAD_BYTES, this.#maxFrameBytes);
      const rest = bytes.subarray(part.from, Math.min(part.to, part.from + most));
      const head = Buffer.concat([this.#held.take().subarray(0, most), rest]).subarray(0, most);
      events.push({ kind: 'too-large', head });
      this.#state = 'dropping';
      return;
    }
    this.#held.add(bytes, part.from, part.to);
  }

  #tear(pendingBytes: number, events: MllpEvent[]): void {
    const bytes = this.#held.length + pendingBytes;
    if (bytes > 0) events.push({ kind: 'torn', bytes });
    this.#held.clear();
  }

  #countNoise(bytes: number, events: MllpEvent[]): void {
    this.#noiseBytes += bytes;
    while (this.#noiseBytes >= this.#maxNoiseBytes) {
      events.push({ kind: 'noise', bytes: this.#maxNoiseBytes });
      this.#noiseBytes -= this.#maxNoiseBytes;
    }
  }

  #reportNoise(events: MllpEvent[]): void {
    if (this.#noiseBytes > 0) events.push({ kind: 'noise', bytes: this.#noiseBytes });
    this.#noiseBytes = 0;
  }
}
