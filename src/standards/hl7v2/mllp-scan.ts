import { CARRIAGE_RETURN, END_BLOCK, START_BLOCK } from './mllp-frame.ts';

/**
 * One chunk and how far it is read. Searches are native and remembered, so that a chunk is passed over once for each of the
 * two marks, however many frames lie in it.
 */
export class Scan {
  readonly bytes: Buffer;
  at = 0;
  #start = -1;
  #end = -1;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The next 0x0B, or the length of the chunk. */
  nextStart(): number {
    if (this.#start < this.at) this.#start = this.#indexOf(START_BLOCK, this.at);
    return this.#start;
  }

  /** The next 0x1C that 0x0D follows or that is the last byte of the chunk, or the length of the chunk. */
  nextEnd(): number {
    if (this.#end >= this.at) return this.#end;
    let found = this.#indexOf(END_BLOCK, this.at);
    while (found + 1 < this.length && this.bytes[found + 1] !== CARRIAGE_RETURN) {
      found = this.#indexOf(END_BLOCK, found + 1);
    }
    this.#end = found;
    return found;
  }

  #indexOf(byte: number, from: number): number {
    const found = this.bytes.indexOf(byte, from);
    return found < 0 ? this.length : found;
  }
}

const FIRST_BYTES = 2 * 1024;
const DOUBLING_BYTES = 1024 * 1024;

/**
 * The part of a frame that earlier chunks brought. Copied, because a sender of single bytes would otherwise be held as a
 * million small buffers.
 */
export class HeldFrame {
  readonly #maxBytes: number;
  #memory = Buffer.alloc(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes bytes [from, to) of a chunk; the caller sees to the limit. */
  add(chunk: Buffer, from: number, to: number): void {
    if (to === from) return;
    this.#reserve(this.#length + to - from);
    chunk.copy(this.#memory, this.#length, from, to);
    this.#length += to - from;
  }

  /** Hands the bytes over and begins anew. */
  take(): Buffer {
    const taken = this.#memory.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#memory = Buffer.alloc(0);
    this.#length = 0;
  }

  #reserve(neededBytes: number): void {
    if (neededBytes <= this.#memory.length) return;
    const doubled = Math.max(FIRST_BYTES, 2 * this.#memory.length, neededBytes);
    const most = Math.max(this.#maxBytes, neededBytes);
    const grown = doubled <= DOUBLING_BYTES ? Buffer.allocUnsafe(doubled) : Buffer.allocUnsafeSlow(most);
    this.#memory.copy(grown, 0, 0, this.#length);
    this.#memory = grown;
  }
}
