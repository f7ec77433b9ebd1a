import { findByte } from './bytes.ts';
import type { ByteRange } from './escapes.ts';
import { Field, type Syntax } from './field.ts';
import { countPieces } from './pieces.ts';

export interface SegmentPlace {
  readonly name: string;
  readonly occurrence: number;
  readonly start: number;
  readonly end: number;
}

/** One segment of a message; its fields are found when they are asked for. */
export class Segment {
  readonly name: string;
  /** Which of the segments of this name it is, from 1. */
  readonly occurrence: number;
  /** Where its content begins and ends (without the line end) in the bytes of the message. */
  readonly start: number;
  readonly end: number;
  readonly #syntax: Syntax;
  /** Where each piece found so far begins; a piece ends one byte before the next begins. Piece 0 is the name. */
  readonly #begins: number[];
  #isExhausted = false;

  constructor(syntax: Syntax, place: SegmentPlace) {
    this.#syntax = syntax;
    this.name = place.name;
    this.occurrence = place.occurrence;
    this.start = place.start;
    this.end = place.end;
    this.#begins = [place.start];
  }

  /** How many fields are present, trailing empty ones included. */
  get fieldCount(): number {
    const { bytes, delimiters } = this.#syntax;
    const fields = countPieces(bytes, { from: this.start, to: this.end }, delimiters.field) - 1;
    return declaresDelimiters(this.name) ? fields + 1 : fields;
  }

  /**
   * The field with the standard's number, from 1; an absent one is empty. In MSH, FHS and BHS field 1 is the separator
   * itself and field 2 the encoding characters, which are never split or unescaped.
   */
  field(number: number): Field {
    const declares = declaresDelimiters(this.name);
    const isOpaque = declares && number <= 2;
    if (declares && number === 1)
      return this.#fieldAt(number, isOpaque, { from: this.start + 3, to: this.start + 4 });
    const piece = declares ? number - 1 : number;
    const from = this.#findPiece(piece);
    const to = from < 0 ? this.end : (this.#begins[piece + 1] ?? this.end + 1) - 1;
    return this.#fieldAt(number, isOpaque, { from: from < 0 ? this.end : from, to });
  }

  #fieldAt(number: number, isOpaque: boolean, range: ByteRange): Field {
    return new Field(this.#syntax, { segment: this, number, isOpaque, from: range.from, to: range.to });
  }

  /** Finds separators up to the end of a piece; where it begins, or -1 when there are fewer pieces. */
  #findPiece(piece: number): number {
    const begins = this.#begins;
    const { bytes, delimiters } = this.#syntax;
    while (!this.#isExhausted && begins.length <= piece + 1) {
      const from = begins[begins.length - 1] ?? this.start;
      const found = findByte(bytes, delimiters.field, { from, to: this.end });
      this.#isExhausted = found < 0;
      begins.push((found < 0 ? this.end : found) + 1);
    }
    return begins.length > piece + 1 ? (begins[piece] ?? -1) : -1;
  }
}

/** MSH, FHS and BHS begin with their own delimiters, which shifts the numbers of their fields by one. */
export function declaresDelimiters(name: string): boolean {
  return name === 'MSH' || name === 'BHS' || name === 'FHS';
}
