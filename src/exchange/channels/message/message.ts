import { IsthmusError } from '../../../foundation/errors/index.ts';
import { editMessage, type Hl7Message, parseMessage, type Segment } from '../../../standards/hl7v2/index.ts';
import { contentKind, hl7ContentType } from './content-type.ts';
import { deepFreeze, parseJson } from './json.ts';

/** A message as it travels between threads. */
export interface MessageParts {
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly type: string;
  /** False while it is byte for byte what was accepted. */
  readonly touched: boolean;
  /** Of HL7 v2 whose MSH-18 is empty; without it ASCII, as the standard says. */
  readonly defaultCharset?: string;
}

/**
 * A message in a step's hands. HL7 v2 is read and edited by path (`PID-3[2].4`, repetitions from 1), JSON as a value. Segments
 * that no step touches keep their bytes.
 */
export class Message {
  readonly contentType: string;
  readonly #defaultCharset: string | undefined;
  #content: Uint8Array;
  #type: string;
  #touched: boolean;
  #hl7: Hl7Message | undefined;
  #json: { readonly value: unknown } | undefined;

  constructor(parts: MessageParts) {
    this.contentType = parts.contentType;
    this.#content = parts.content;
    this.#type = parts.type;
    this.#touched = parts.touched;
    this.#defaultCharset = parts.defaultCharset;
  }

  /** `ADT^A08`; for JSON what the channel took for its type; empty when unknown. */
  get type(): string {
    if (this.#touched && this.isHl7) return this.#parsed().type;
    return this.#type;
  }

  /** The trigger event: `A08`. */
  get event(): string {
    return this.type.split('^')[1] ?? '';
  }

  get isHl7(): boolean {
    return contentKind(this.contentType) === 'hl7';
  }

  get bytes(): Uint8Array {
    return this.#content;
  }

  /** True once a step has changed it. */
  get touched(): boolean {
    return this.#touched;
  }

  /** HL7 v2: the parsed message, for whoever reads more than a few paths. It is of this moment: an edit gives another. */
  hl7(): Hl7Message {
    return this.#parsed();
  }

  /** HL7 v2: the text at a path, decoded and unescaped; empty when there is none. Throws where the content is no HL7 v2. */
  text(path: string): string {
    return this.#parsed().text(path);
  }

  /** HL7 v2: the field is `""`, which asks to delete (2.5.1, 2.5.3). */
  isNull(path: string): boolean {
    return this.#parsed().isNull(path);
  }

  /** HL7 v2: the segments of this name, or all. */
  segments(name?: string): readonly Segment[] {
    return this.#parsed().segments(name);
  }

  /** HL7 v2: writes a text at a path, escaped as needed. */
  set(path: string, value: string): this {
    return this.#become(editMessage(this.#parsed()).set(path, value).toBytes());
  }

  /** HL7 v2: empties a field or component. */
  remove(path: string): this {
    return this.#become(editMessage(this.#parsed()).remove(path).toBytes());
  }

  /** The JSON body, frozen: to change it, give a new value to `setJson` or return it from the step. */
  json<T = unknown>(): T {
    this.#json ??= { value: deepFreeze(parseJson(this.#content)) };
    return this.#json.value as T;
  }

  setJson(value: unknown): this {
    return this.#become(Buffer.from(JSON.stringify(value)));
  }

  /** The whole content as UTF-8 text. */
  asText(): string {
    return Buffer.from(this.#content.buffer, this.#content.byteOffset, this.#content.byteLength).toString(
      'utf8',
    );
  }

  /** This message with other content: what a step returns becomes this. */
  with(content: Uint8Array | string | object): Message {
    if (content instanceof Message) return content;
    if (typeof content === 'string') return this.#replaced(Buffer.from(content));
    if (content instanceof Uint8Array) return this.#replaced(content);
    const contentType = contentKind(this.contentType) === 'json' ? this.contentType : 'application/json';
    return this.#replaced(Buffer.from(JSON.stringify(content)), contentType);
  }

  /** An independent copy, e.g. for `split`. */
  copy(): Message {
    return new Message(this.parts());
  }

  parts(): MessageParts {
    const { contentType, type } = this;
    return { content: this.#content, contentType, type, touched: this.#touched, ...this.#charset() };
  }

  #charset(): { defaultCharset?: string } {
    return this.#defaultCharset === undefined ? {} : { defaultCharset: this.#defaultCharset };
  }

  #replaced(content: Uint8Array, contentType = this.contentType): Message {
    return new Message({ content, contentType, type: this.#type, touched: true, ...this.#charset() });
  }

  #become(content: Uint8Array): this {
    this.#content = content;
    this.#touched = true;
    this.#hl7 = undefined;
    this.#json = undefined;
    return this;
  }

  #parsed(): Hl7Message {
    if (!this.isHl7) {
      throw new IsthmusError('HL7_UNSUPPORTED_MESSAGE', {
        place: 'content type',
        rule: `${hl7ContentType} only`,
      });
    }
    this.#hl7 ??= parseMessage(this.#content, this.#charset());
    return this.#hl7;
  }
}
