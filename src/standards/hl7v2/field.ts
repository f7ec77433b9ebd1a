import type { Charset } from './charsets.ts';
import type { Delimiters } from './delimiters.ts';
import { type ByteRange, decodeLeaf } from './escapes.ts';
import { isNullValue, pieceOf, piecesOf } from './pieces.ts';

/** What is needed to read any part of one message. */
export interface Syntax {
  readonly bytes: Buffer;
  readonly delimiters: Delimiters;
  readonly charset: Charset;
}

/** `PID^1^5`: segment, its occurrence and the field. */
export interface FieldPlace extends ByteRange {
  readonly location: string;
  /** MSH-1 and MSH-2 are neither split nor unescaped. */
  readonly isOpaque: boolean;
}

/**
 * `empty`: nothing was said, leave what you have. `null`: delete what you have. `valued`: this is it now (2.5.1 section
 * 2.5.3). A field of delimiters only is empty.
 */
export type ValueState = 'empty' | 'null' | 'valued';

/** One repetition of a field. */
export class Repetition {
  readonly #syntax: Syntax;
  readonly #range: ByteRange;
  readonly #location: string;
  readonly #isOpaque: boolean;

  constructor(syntax: Syntax, place: FieldPlace) {
    this.#syntax = syntax;
    this.#range = place;
    this.#location = place.location;
    this.#isOpaque = place.isOpaque;
  }

  get state(): ValueState {
    const { bytes, delimiters } = this.#syntax;
    if (isNullValue(bytes, this.#range)) return 'null';
    if (this.#isOpaque) return 'valued';
    for (let at = this.#range.from; at < this.#range.to; at++) {
      const byte = bytes[at];
      if (byte !== delimiters.component && byte !== delimiters.subcomponent && byte !== delimiters.repetition)
        return 'valued';
    }
    return 'empty';
  }

  /** The first subcomponent of the first component, which is the whole value of a primitive type. */
  get text(): string {
    return this.component(1);
  }

  /**
   * The whole repetition unescaped, its delimiters as characters: for the text fields (ST, TX, FT) of senders who do not
   * escape `&` and `^`. Throws HL7_UNDECODABLE.
   */
  get wholeText(): string {
    return isNullValue(this.#syntax.bytes, this.#range) ? '' : this.#decode(this.#range, this.#location);
  }

  /** How many components there are, trailing empty ones included. */
  get componentCount(): number {
    return piecesOf(this.#syntax.bytes, this.#range, this.#componentDelimiter).length;
  }

  /** A component's (first) subcomponent: unescaped, decoded, '' when absent, empty or null. Throws HL7_UNDECODABLE. */
  component(component: number, subcomponent = 1): string {
    const range = this.#leaf(component, subcomponent);
    if (range === undefined || isNullValue(this.#syntax.bytes, range)) return '';
    return this.#decode(range, `${this.#location}^${component}^${subcomponent}`);
  }

  /** How many subcomponents a component has; 0 when the component is absent. */
  subcomponentCount(component: number): number {
    const range = this.#component(component);
    return range ? piecesOf(this.#syntax.bytes, range, this.#subcomponentDelimiter).length : 0;
  }

  /** Is the component (or its subcomponent) `""`? */
  isNull(component: number, subcomponent?: number): boolean {
    const range =
      subcomponent === undefined ? this.#component(component) : this.#leaf(component, subcomponent);
    return range !== undefined && isNullValue(this.#syntax.bytes, range);
  }

  /** Its bytes as they came; memory shared with the message. */
  get bytes(): Uint8Array {
    return this.#syntax.bytes.subarray(this.#range.from, this.#range.to);
  }

  get #componentDelimiter(): number {
    return this.#isOpaque ? -1 : this.#syntax.delimiters.component;
  }

  get #subcomponentDelimiter(): number {
    return this.#isOpaque ? -1 : this.#syntax.delimiters.subcomponent;
  }

  #component(component: number): ByteRange | undefined {
    return pieceOf(this.#syntax.bytes, this.#range, { delimiter: this.#componentDelimiter, n: component });
  }

  #leaf(component: number, subcomponent: number): ByteRange | undefined {
    const range = this.#component(component);
    return (
      range && pieceOf(this.#syntax.bytes, range, { delimiter: this.#subcomponentDelimiter, n: subcomponent })
    );
  }

  #decode(range: ByteRange, location: string): string {
    if (this.#isOpaque) return this.#syntax.bytes.toString('latin1', range.from, range.to);
    return decodeLeaf(this.#syntax, range, location);
  }
}

/** A field of a segment; an absent one is there, too, and empty. */
export class Field {
  readonly #syntax: Syntax;
  readonly #place: FieldPlace;
  #repetitions: readonly Repetition[] | undefined;

  constructor(syntax: Syntax, place: FieldPlace) {
    this.#syntax = syntax;
    this.#place = place;
  }

  get state(): ValueState {
    return new Repetition(this.#syntax, this.#place).state;
  }

  /** Every repetition with its position kept; none when the field is empty or null (a null field deletes the whole list). */
  get repetitions(): readonly Repetition[] {
    this.#repetitions ??= this.state === 'valued' ? this.#split() : [];
    return this.#repetitions;
  }

  /** A repetition from 1; an absent one is empty. */
  repetition(n: number): Repetition {
    const delimiter = this.#place.isOpaque ? -1 : this.#syntax.delimiters.repetition;
    const range = pieceOf(this.#syntax.bytes, this.#place, { delimiter, n });
    return this.#repetitionAt(range ?? { from: this.#place.to, to: this.#place.to }, n);
  }

  /** First repetition, first component, first subcomponent. '' when empty or null. Throws HL7_UNDECODABLE. */
  get text(): string {
    return this.repetition(1).text;
  }

  /** The whole first repetition as text, see {@link Repetition.wholeText}. */
  get wholeText(): string {
    return this.repetition(1).wholeText;
  }

  /** A component of the first repetition. */
  component(component: number, subcomponent = 1): string {
    return this.repetition(1).component(component, subcomponent);
  }

  /** Its bytes as they came; memory shared with the message. */
  get bytes(): Uint8Array {
    return this.#syntax.bytes.subarray(this.#place.from, this.#place.to);
  }

  #split(): Repetition[] {
    const delimiter = this.#place.isOpaque ? -1 : this.#syntax.delimiters.repetition;
    const ranges = piecesOf(this.#syntax.bytes, this.#place, delimiter);
    return ranges.map((range, index) => this.#repetitionAt(range, index + 1));
  }

  #repetitionAt(range: ByteRange, n: number): Repetition {
    const { location, isOpaque } = this.#place;
    return new Repetition(this.#syntax, { ...range, isOpaque, location: `${location}^${n}` });
  }
}
