import { Hl7Error } from './errors.ts';
import type { Hl7Message } from './message.ts';
import { type Path, parsePath } from './path.ts';
import { countPieces, isNullValue, pieceOf } from './pieces.ts';
import { declaresDelimiters } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { ComponentValue, FieldValue, LeafValue, RepetitionValue, SegmentSpec } from './values.ts';

interface EditedSegment {
  readonly name: string;
  content: Buffer;
  lineEnd: Buffer;
}

const CR = Buffer.of(0x0d);

/**
 * Changes a copy of a message in place: what is not named keeps its bytes, within the segment, too. Values are escaped and
 * encoded as the message is. A path that names no part below the field replaces the whole field with all its repetitions.
 */
export class MessageEditor {
  readonly #message: Hl7Message;
  readonly #writer: SegmentWriter;
  readonly #prefix: Buffer;
  readonly #segments: EditedSegment[];

  /** Use editMessage. */
  constructor(message: Hl7Message) {
    this.#message = message;
    this.#writer = new SegmentWriter(message.syntax);
    const { bytes } = message.syntax;
    const segments = message.segments();
    this.#prefix = bytes.subarray(0, segments[0]?.start ?? bytes.length);
    this.#segments = segments.map(({ name, start, end }, index) => ({
      name,
      content: bytes.subarray(start, end),
      lineEnd: bytes.subarray(end, segments[index + 1]?.start ?? bytes.length),
    }));
  }

  /** Sets what the path names: `PID-3` (a FieldValue), `PID-3[2]`, `PID-3.4`, `PID-3.4.2`. null writes `""`. */
  set(path: string, value: FieldValue): this {
    const place = parsePath(path);
    if (declaresDelimiters(place.segment) && (place.field <= 2 || place.field === 18)) {
      throw new TypeError(`${path} says how the message is written and cannot be changed`);
    }
    const segment = this.#find(place.segment, place.occurrence);
    const piece = declaresDelimiters(place.segment) ? place.field : place.field + 1;
    const { delimiters } = this.#message.syntax;
    segment.content = changePiece(segment.content, { delimiter: delimiters.field, n: piece }, (field) =>
      this.#changeField(field, place, value),
    );
    return this;
  }

  /** Empties what the path names ("no information", not "delete"). */
  remove(path: string): this {
    return this.set(path, undefined);
  }

  /** Adds a segment behind the n-th of a name (default the last one), or at the end of the message. */
  addSegment(spec: SegmentSpec, after?: { readonly name: string; readonly occurrence?: number }): this {
    const content = this.#writer.segment(spec);
    const index = after === undefined ? this.#segments.length - 1 : this.#indexAfter(after);
    const before = this.#segments[index];
    if (before && before.lineEnd.length === 0) before.lineEnd = CR;
    this.#segments.splice(index + 1, 0, { name: spec.name, content, lineEnd: CR });
    return this;
  }

  removeSegment(name: string, occurrence = 1): this {
    if (name === 'MSH') throw new TypeError('MSH cannot be removed');
    this.#segments.splice(this.#segments.indexOf(this.#find(name, occurrence)), 1);
    return this;
  }

  toBytes(): Uint8Array {
    const parts = this.#segments.flatMap((segment) => [segment.content, segment.lineEnd]);
    return Buffer.concat([this.#prefix, ...parts]);
  }

  #find(name: string, occurrence: number): EditedSegment {
    const found = this.#segments.filter((segment) => segment.name === name)[occurrence - 1];
    if (found) return found;
    throw new Hl7Error('HL7_MISSING_FIELD', {
      location: `${name}^${occurrence}`,
      rule: 'there is no such segment',
    });
  }

  #indexAfter(after: { readonly name: string; readonly occurrence?: number }): number {
    if (after.occurrence !== undefined)
      return this.#segments.indexOf(this.#find(after.name, after.occurrence));
    const index = this.#segments.findLastIndex((segment) => segment.name === after.name);
    return index < 0 ? this.#segments.indexOf(this.#find(after.name, 1)) : index;
  }

  #changeField(field: Buffer, place: Path, value: FieldValue): Buffer {
    const location = `${place.segment}^${place.occurrence}^${place.field}`;
    const { component, repetition, subcomponent } = this.#message.syntax.delimiters;
    if (place.repetition === 0 && place.component === 0) return this.#writer.field(value, location);
    return changePiece(field, { delimiter: repetition, n: place.repetition || 1 }, (one) => {
      if (place.component === 0) return this.#writer.repetition(repetitionValue(value), location);
      return changePiece(one, { delimiter: component, n: place.component }, (part) => {
        if (place.subcomponent === 0) return this.#writer.component(componentValue(value), location);
        const cut = { delimiter: subcomponent, n: place.subcomponent };
        return changePiece(part, cut, () => this.#writer.component(leafValue(value), location));
      });
    });
  }
}

/** Begins to edit; the message itself stays as it is. */
export function editMessage(message: Hl7Message): MessageEditor {
  return new MessageEditor(message);
}

/** Replaces the n-th piece, filling up with empty ones before it. A null that gets neighbours is no null any more. */
function changePiece(
  source: Buffer,
  cut: { readonly delimiter: number; readonly n: number },
  change: (piece: Buffer) => Buffer,
): Buffer {
  const whole = { from: 0, to: source.length };
  if (cut.delimiter < 0 && cut.n > 1) {
    throw new Hl7Error('HL7_BAD_DELIMITERS', { rule: 'the message has no subcomponent separator' });
  }
  const piece = pieceOf(source, whole, cut);
  if (piece) {
    const changed = change(source.subarray(piece.from, piece.to));
    return Buffer.concat([source.subarray(0, piece.from), changed, source.subarray(piece.to)]);
  }
  const before = isNullValue(source, whole) ? Buffer.alloc(0) : source;
  const missing = cut.n - countPieces(before, { from: 0, to: before.length }, cut.delimiter);
  return Buffer.concat([before, Buffer.alloc(missing, cut.delimiter), change(Buffer.alloc(0))]);
}

function repetitionValue(value: FieldValue): RepetitionValue {
  if (typeof value === 'object' && value !== null && 'repetitions' in value) {
    throw new TypeError('a path to one repetition takes one repetition');
  }
  return value;
}

function componentValue(value: FieldValue): ComponentValue {
  const one = repetitionValue(value);
  return Array.isArray(one) ? one.map(leafValue) : leafValue(one);
}

function leafValue(value: FieldValue): LeafValue {
  if (typeof value === 'object' && value !== null) throw new TypeError('a path to a leaf takes a leaf');
  return value;
}
