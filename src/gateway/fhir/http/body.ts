import type { Readable } from 'node:stream';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { BodyKind } from '../interaction.ts';

export interface BodyLimits {
  /** A resource, a patch, parameters. */
  readonly resourceBytes: number;
  /** A batch or transaction. */
  readonly bundleBytes: number;
  /** All large bodies that are held at the same time. */
  readonly heldBytes: number;
  /** All large answers to who reads that wait to be taken at the same time. */
  readonly answeredBytes: number;
}

const MIB = 1_048_576;
export const defaultLimits: BodyLimits = {
  resourceBytes: 8 * MIB,
  bundleBytes: 32 * MIB,
  heldBytes: 64 * MIB,
  answeredBytes: 256 * MIB,
};

/** The form of a search holds what an address would. */
const FORM_BYTES = MIB / 2;
/** What is smaller is not counted: there are only so many connections. */
const SMALL_BYTES = MIB / 4;

export const limitOf = (kind: BodyKind, limits: BodyLimits): number =>
  kind === 'bundle' ? limits.bundleBytes : kind === 'form' ? FORM_BYTES : limits.resourceBytes;

/** What a budget is of, as its error names it. */
const told = {
  body: { place: 'body', rule: 'other large bodies are being worked on' },
  answer: { place: 'answer', rule: 'other large answers wait to be taken' },
};

/** How many bytes of large bodies are held: who comes when all is taken is told to come again. */
export class BodyBudget {
  readonly #total: number;
  readonly #of: keyof typeof told;
  #held = 0;

  constructor(total: number, of: keyof typeof told = 'body') {
    this.#total = total;
    this.#of = of;
  }

  /** Throws BUSY. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#total) throw new IsthmusError('BUSY', told[this.#of]);
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** What one request holds of the budget, given back by `release`. */
export class BodyShare {
  readonly #budget: BodyBudget;
  #bytes = 0;
  #counted = 0;
  #released = false;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  /** So many bytes have come so far, or will come. Throws BUSY. */
  hold(bytes: number): void {
    this.#bytes = Math.max(this.#bytes, bytes);
    const wanted = this.#bytes > SMALL_BYTES ? this.#bytes : 0;
    if (wanted <= this.#counted || this.#released) return;
    this.#budget.take(wanted - this.#counted);
    this.#counted = wanted;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#budget.give(this.#counted);
  }
}

/** Throws TOO_LARGE before a byte is read, by what the header says is coming; BUSY when there is no room for it. */
export function checkLength(contentLength: string | undefined, limit: number, share: BodyShare): void {
  if (contentLength === undefined) return;
  if (Number(contentLength) > limit) throw tooLarge(limit);
  share.hold(Number(contentLength));
}

/**
 * Reads to the end, and keeps not a byte more than the limit. Throws TOO_LARGE, BUSY; what still comes then is let run out, so that the
 * sender gets to read the answer.
 */
export function readBody(stream: Readable, limit: number, share: BodyShare): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > limit) throw tooLarge(limit);
        share.hold(bytes);
        chunks.push(chunk);
      } catch (error) {
        chunks.length = 0;
        stream.off('data', take).resume();
        reject(error);
      }
    };
    stream.on('data', take);
    stream.once('error', reject);
    stream.once('close', () => {
      if (!stream.readableEnded) reject(brokenOff());
    });
    stream.once('end', () =>
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes)),
    );
  });
}

const brokenOff = () => new IsthmusError('INVALID_REQUEST', { place: 'body', rule: 'it was broken off' });
const tooLarge = (limit: number) =>
  new IsthmusError('TOO_LARGE', { place: 'body', rule: `at most ${limit} bytes here` });
