import type { Charset } from './charsets.ts';
import type { Delimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';
import { type ByteRange, decodeLeaf } from './escapes.ts';
import { countPieces, isNullValue, MAX_PIECES, pieceOf, piecesOf } from './pieces.ts';

/** What is needed to read any part of one message. */
export interface Syntax {
  readonly bytes: Buffer;
  readonly delimiters: Delimiters;
  readonly charset: Charset;
  /** The bytes as text, where every character is one byte and means the same in every set. Leaves are cut from it, not decoded one by one. */
  readonly text?: string;
  /** Locations of values that can't be decoded and are read as empty all the same. */
  readonly unreadable?: ReadonlySet<string>;
}

export interface FieldPlace extends ByteRange {
  readonly segment: { readonly name: string; readonly occurrence: number };
  readonly number: number;
  /** MSH-1 and MSH-2 are neither split nor unescaped. */
  readonly isOpaque: boolean;
}

interface RepetitionPlace extends ByteRange {
  readonly field: FieldPlace;
  readonly number: number;
}

/**
 * `empty`: nothing was said, leave what you have. `null`: delete what you have. `valued`: this is it now (2.5.1 section
 * 2.5.3). A field of delimiters only is empty.
 */
export type ValueState = 'empty' | 'null' | 'valued';

/** One repetition of a field. */
export class Repetition {
  readonly #syntax: Syntax;
  readonly #place: RepetitionPlace;

  constructor(syntax: Syntax, place: RepetitionPlace) {
    this.#syntax = syntax;
    this.#place = place;
  }

  get state(): ValueState {
    return stateOf(this.#syntax, this.#place, this.#place.field.isOpaque);
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
    return isNullValue(this.#syntax.bytes, this.#place) ? '' : this.#decode(this.#place);
  }

  /** How many components there are, trailing empty ones included. */
  get componentCount(): number {
    return countPieces(this.#syntax.bytes, this.#place, this.#componentDelimiter);
  }

  /** A component's (first) subcomponent: unescaped, decoded, '' when absent, empty or null. Throws HL7_UNDECODABLE. */
  component(component: number, subcomponent = 1): string {
    const { text, bytes, delimiters } = this.#syntax;
    if (text !== undefined && !this.#place.field.isOpaque) {
      const cut = cutLeaf({ bytes, text, delimiters }, this.#place, component, subcomponent);
      if (cut !== undefined) return cut;
    }
    const range = this.#leaf(component, subcomponent);
    if (range === undefined || isNullValue(this.#syntax.bytes, range)) return '';
    return this.#decode(range, component, subcomponent);
  }

  /** How many subcomponents a component has; 0 when the component is absent. */
  subcomponentCount(component: number): number {
    const range = this.#component(component);
    return range ? countPieces(this.#syntax.bytes, range, this.#subcomponentDelimiter) : 0;
  }

  /** Is the component (or its subcomponent) `""`? */
  isNull(component: number, subcomponent?: number): boolean {
    const range =
      subcomponent === undefined ? this.#component(component) : this.#leaf(component, subcomponent);
    return range !== undefined && isNullValue(this.#syntax.bytes, range);
  }

  /** Its bytes as they came; memory shared with the message. */
  get bytes(): Uint8Array {
    return this.#syntax.bytes.subarray(this.#place.from, this.#place.to);
  }

  get #componentDelimiter(): number {
    return this.#place.field.isOpaque ? -1 : this.#syntax.delimiters.component;
  }

  get #subcomponentDelimiter(): number {
    return this.#place.field.isOpaque ? -1 : this.#syntax.delimiters.subcomponent;
  }

  #component(component: number): ByteRange | undefined {
    return pieceOf(this.#syntax.bytes, this.#place, { delimiter: this.#componentDelimiter, n: component });
  }

  #leaf(component: number, subcomponent: number): ByteRange | undefined {
    const range = this.#component(component);
    return (
      range && pieceOf(this.#syntax.bytes, range, { delimiter: this.#subcomponentDelimiter, n: subcomponent })
    );
  }

  #decode(range: ByteRange, ...within: readonly number[]): string {
    const { field, number } = this.#place;
    if (field.isOpaque) return this.#syntax.bytes.toString('latin1', range.from, range.to);
    const text = decodeLeaf(this.#syntax, range);
    if (text !== undefined) return text;
    const { name, occurrence } = field.segment;
    const location = [name, occurrence, field.number, number, ...within].join('^');
    if (this.#syntax.unreadable?.has(location)) return '';
    throw new Hl7Error('HL7_UNDECODABLE', { location, rule: `not ${this.#syntax.charset.label}` });
  }
}

/**
 * The leaf of a message whose bytes are characters, without an object for each piece on the way: this runs for every value of a message.
 * Undefined where it has an escape sequence.
 */
function cutLeaf(
  { bytes, text, delimiters }: { bytes: Buffer; text: string; delimiters: Delimiters },
  { from, to }: ByteRange,
  component: number,
  subcomponent: number,
): string | undefined {
  const start = pieceStart(bytes, { from, to, delimiter: delimiters.component }, component);
  if (start < 0) return '';
  const end = pieceEnd(bytes, start, to, delimiters.component);
  const begin = pieceStart(bytes, { from: start, to: end, delimiter: delimiters.subcomponent }, subcomponent);
  if (begin < 0) return '';
  const close = pieceEnd(bytes, begin, end, delimiters.subcomponent);
  if (begin === close) return '';
  for (let at = begin; at < close; at++) if (bytes[at] === delimiters.escape) return undefined;
  return close - begin === 2 && bytes[begin] === 0x22 && bytes[begin + 1] === 0x22
    ? ''
    : text.slice(begin, close);
}

function pieceStart(
  bytes: Buffer,
  { from, to, delimiter }: ByteRange & { delimiter: number },
  n: number,
): number {
  let at = from;
  for (let piece = 1; piece < n; piece++) {
    while (at < to && bytes[at] !== delimiter) at++;
    if (at >= to) return -1;
    at++;
  }
  return at;
}

function pieceEnd(bytes: Buffer, from: number, to: number, delimiter: number): number {
  let at = from;
  while (at < to && bytes[at] !== delimiter) at++;
  return at;
}

function stateOf(syntax: Syntax, range: ByteRange, isOpaque: boolean): ValueState {
  const { bytes, delimiters } = syntax;
  if (isNullValue(bytes, range)) return 'null';
  if (isOpaque) return range.from === range.to ? 'empty' : 'valued';
  for (let at = range.from; at < range.to; at++) {
    const byte = bytes[at];
    const isDelimiter =
      byte === delimiters.component || byte === delimiters.subcomponent || byte === delimiters.repetition;
    if (!isDelimiter) return 'valued';
  }
  return 'empty';
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
    return stateOf(this.#syntax, this.#place, this.#place.isOpaque);
  }

  /**
   * Every repetition with its position kept; none when the field is empty or null (a null field deletes the whole list).
   * Throws HL7_BAD_SEGMENT for more than 65,536.
   */
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
    if (ranges.length > MAX_PIECES) {
      const { segment, number } = this.#place;
      const location = `${segment.name}^${segment.occurrence}^${number}`;
      throw new Hl7Error('HL7_BAD_SEGMENT', { location, rule: `at most ${MAX_PIECES} repetitions` });
    }
    return ranges.map((range, index) => this.#repetitionAt(range, index + 1));
  }

  #repetitionAt(range: ByteRange, number: number): Repetition {
    return new Repetition(this.#syntax, { from: range.from, to: range.to, field: this.#place, number });
  }
}
