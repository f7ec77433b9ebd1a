import { Hl7Error } from './errors.ts';
import { escapeValue, type LeafSyntax } from './escapes.ts';
import { declaresDelimiters } from './segment.ts';
import type { ComponentValue, FieldValue, LeafValue, RepetitionValue, SegmentSpec } from './values.ts';

/** Writes segments in the delimiters and the character set of one message. */
export class SegmentWriter {
  readonly #syntax: LeafSyntax;
  readonly #fieldSeparator: string;
  readonly #repetitionSeparator: string;
  readonly #componentSeparator: string;

  constructor(syntax: LeafSyntax) {
    this.#syntax = syntax;
    this.#fieldSeparator = String.fromCharCode(syntax.delimiters.field);
    this.#repetitionSeparator = String.fromCharCode(syntax.delimiters.repetition);
    this.#componentSeparator = String.fromCharCode(syntax.delimiters.component);
  }

  /** The bytes of a segment without its line end; `encodingCharacters` for those that declare their delimiters. */
  segment(spec: SegmentSpec, encodingCharacters = ''): Buffer {
    if (!/^[A-Z][A-Z0-9]{2}$/.test(spec.name)) {
      throw new Hl7Error('HL7_BAD_SEGMENT', {
        rule: 'a segment name is a capital and two capitals or digits',
      });
    }
    const isDeclaring = declaresDelimiters(spec.name);
    const first = isDeclaring ? 2 : 1;
    const values = fieldsInOrder(spec, first);
    const texts = values.map((value, index) => this.#field(value, `${spec.name}^1^${index + first}`));
    if (isDeclaring) texts[0] = encodingCharacters;
    return this.#encode([spec.name, ...texts].join(this.#fieldSeparator), spec.name);
  }

  /** The bytes of one field. Throws HL7_UNDECODABLE naming `location`. */
  field(value: FieldValue, location: string): Buffer {
    return this.#encode(this.#field(value, location), location);
  }

  repetition(value: RepetitionValue, location: string): Buffer {
    return this.#encode(this.#repetition(value, location), location);
  }

  component(value: ComponentValue, location: string): Buffer {
    return this.#encode(this.#component(value, location), location);
  }

  #field(value: FieldValue, location: string): string {
    if (!isRepeated(value)) return this.#repetition(value, location);
    return value.repetitions.map((one) => this.#repetition(one, location)).join(this.#repetitionSeparator);
  }

  #repetition(value: RepetitionValue, location: string): string {
    if (!isList(value)) return this.#leaf(value, location);
    return withoutTrailingEmpty(value.map((one) => this.#component(one, location))).join(
      this.#componentSeparator,
    );
  }

  #component(value: ComponentValue, location: string): string {
    if (!isList(value)) return this.#leaf(value, location);
    const texts = withoutTrailingEmpty(value.map((one) => this.#leaf(one, location)));
    const { subcomponent } = this.#syntax.delimiters;
    if (subcomponent < 0 && texts.length > 1) {
      throw new Hl7Error('HL7_BAD_DELIMITERS', {
        location,
        rule: 'the message has no subcomponent separator',
      });
    }
    return texts.join(String.fromCharCode(subcomponent));
  }

  #leaf(value: LeafValue, location: string): string {
    if (value === undefined) return '';
    if (value === null) return '""';
    const text = typeof value === 'number' ? numberText(value, location) : value;
    return escapeValue(text, this.#syntax.delimiters, location);
  }

  #encode(text: string, location: string): Buffer {
    const { charset } = this.#syntax;
    const bytes = charset.encode(text);
    if (bytes) return bytes;
    throw new Hl7Error('HL7_UNDECODABLE', { location, rule: `a character is not in ${charset.label}` });
  }
}

function fieldsInOrder(spec: SegmentSpec, first: number): FieldValue[] {
  const numbers = Object.keys(spec.fields).map(Number);
  const isDeclaring = first === 2;
  const last = Math.max(
    isDeclaring ? first : 0,
    ...numbers.filter((number) => spec.fields[number] !== undefined),
  );
  if (numbers.some((number) => !(number >= 1)) || (isDeclaring && numbers.some((number) => number < 3))) {
    throw new TypeError(
      `${spec.name}: fields are numbered from ${isDeclaring ? '3; 1 and 2 are the delimiters' : '1'}`,
    );
  }
  return Array.from({ length: last - first + 1 }, (_, index) => spec.fields[index + first]);
}

function isRepeated(value: FieldValue): value is Exclude<FieldValue, RepetitionValue> {
  return typeof value === 'object' && value !== null && 'repetitions' in value;
}

function isList<T>(value: LeafValue | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function withoutTrailingEmpty(texts: readonly string[]): readonly string[] {
  return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1);
}

function numberText(value: number, location: string): string {
  const text = String(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  throw new Hl7Error('HL7_BAD_NUMBER', { location, rule: 'NM has no exponent; give such a number as text' });
}
