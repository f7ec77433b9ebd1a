import { Damaged } from '../load/failures.ts';
import type { InputFile } from '../load/types.ts';

const BLOCK = 8 * 1_048_576;
/** Of all texts together; no terminology comes near it. */
const MAX_BYTES = 1_024 * 1_048_576;

/**
 * Texts that belong to numbered things, as bytes in large blocks: files list them in another order than the things, and a string for each of a million would take several times the
 * room.
 */
export class Texts {
  readonly #file: InputFile;
  readonly #blocks: Buffer[] = [];
  #used = BLOCK;
  /** By text: where it begins, and the text before it of the same owner (and 1). */
  #start = new Float64Array(1024);
  #before = new Uint32Array(1024);
  #count = 0;
  /** By owner: the last text (and 1). */
  #last = new Uint32Array(1024);

  constructor(file: InputFile) {
    this.#file = file;
  }

  /** Throws Damaged beyond 1 GiB of texts. */
  add(owner: number, text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#used + bytes + 4 > BLOCK) this.#block(bytes + 4);
    const block = this.#blocks.at(-1);
    if (!block) return;
    block.writeUInt32LE(bytes, this.#used);
    block.write(text, this.#used + 4);
    if (this.#count === this.#start.length) {
      this.#start = grown(this.#start, new Float64Array(this.#count * 2));
      this.#before = grown(this.#before, new Uint32Array(this.#count * 2));
    }
    if (owner >= this.#last.length)
      this.#last = grown(this.#last, new Uint32Array(Math.max(owner + 1, this.#last.length * 2)));
    this.#start[this.#count] = (this.#blocks.length - 1) * BLOCK + this.#used;
    this.#before[this.#count] = this.#last[owner] ?? 0;
    this.#count += 1;
    this.#last[owner] = this.#count;
    this.#used += bytes + 4;
  }

  /** In the order in which they were added. */
  of(owner: number): readonly string[] {
    const found: string[] = [];
    for (let text = this.#last[owner] ?? 0; text > 0; text = this.#before[text - 1] ?? 0)
      found.push(this.#text(this.#start[text - 1] ?? 0));
    return found.reverse();
  }

  #text(start: number): string {
    const block = this.#blocks[Math.floor(start / BLOCK)];
    const at = start % BLOCK;
    return block ? block.toString('utf8', at + 4, at + 4 + block.readUInt32LE(at)) : '';
  }

  #block(needed: number): void {
    if (needed > BLOCK || (this.#blocks.length + 1) * BLOCK > MAX_BYTES)
      throw new Damaged(this.#file.name, undefined, `at most ${MAX_BYTES} bytes of names and definitions`);
    this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK));
    this.#used = 0;
  }
}

function grown<Values extends Float64Array | Uint32Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
