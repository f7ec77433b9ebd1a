import { type AckCondition, ackPlan } from './ack-plan.ts';
import { type Charset, charsetOf } from './charsets.ts';
import { formatDateTime } from './date-time.ts';
import { type Delimiters, readDelimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';
import { escapeText } from './escapes.ts';
import { type MessageHeader, peekHeader } from './header.ts';
import { type AckError, errorConditions } from './table-0357.ts';
import { compareVersions, OWN_VERSION } from './version.ts';

/** Table 0008. A..: application, C..: commit (enhanced mode). */
export type AckCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR';

export interface AckSpec {
  readonly code: AckCode;
  /** MSH-10 of the acknowledgment itself. */
  readonly controlId: string;
  readonly now: Date;
  readonly errors?: readonly AckError[];
  /** For people: MSA-3, or ERR-8 from version 2.7 on. Never a value of the message. */
  readonly text?: string;
  /** Who answers; default is whom the message named as receiver. */
  readonly sender?: { readonly application: string; readonly facility: string };
  /** MSA-4, in the sequence number protocol. */
  readonly expectedSequenceNumber?: number;
  /** MSH-15 of an application acknowledgment in enhanced mode, which is a message of its own. Default NE. */
  readonly acceptAck?: AckCondition;
}

/** Stands in for the header of a message whose MSH cannot be read, so that it can still be rejected (AR). */
export const unreadableHeader: MessageHeader = {
  fieldSeparator: '|',
  encodingCharacters: '^~\\&',
  sendingApplication: '',
  sendingFacility: '',
  receivingApplication: '',
  receivingFacility: '',
  dateTime: '',
  messageCode: '',
  triggerEvent: '',
  structure: '',
  controlId: '',
  processingId: 'P',
  processingMode: '',
  version: OWN_VERSION,
  sequenceNumber: '',
  acceptAck: '',
  applicationAck: '',
  charset: '',
};

/**
 * Answers a message (2.5.1 section 2.9) in its own version, delimiters and character set: MSH-3 to 6 swapped, MSH-10 echoed in
 * MSA-2 byte for byte, ERR-2/3/4 from 2.5 on and ERR-1 before. Throws only when `received` are bytes without a readable
 * MSH (HL7_NO_MSH, HL7_BAD_DELIMITERS); use `unreadableHeader` for those.
 */
export function acknowledge(received: Uint8Array | MessageHeader, spec: AckSpec): Uint8Array {
  const header = received instanceof Uint8Array ? peekHeader(received) : received;
  const writer = new AckWriter(header);
  const segments = [
    mshOf(header, spec, writer),
    msaOf(header, spec, writer),
    ...errorsOf(header, spec, writer),
  ];
  return Buffer.from(segments.map((segment) => `${segment}\r`).join(''), 'latin1');
}

/** Writes into latin1 text: one character per byte, as the header is. */
class AckWriter {
  readonly #fieldSeparator: string;
  readonly #componentSeparator: string;
  readonly #subcomponentSeparator: string;
  readonly #delimiters: Delimiters;
  readonly #charset: Charset;
  /** MSH-18 as received; empty when nobody knows that set, so that the acknowledgment itself can be read. */
  readonly charsetLabel: string;

  constructor(header: MessageHeader) {
    this.#delimiters = readDelimiters(header.fieldSeparator, header.encodingCharacters);
    this.#fieldSeparator = header.fieldSeparator;
    this.#componentSeparator = String.fromCharCode(this.#delimiters.component);
    const { subcomponent } = this.#delimiters;
    this.#subcomponentSeparator = subcomponent < 0 ? ' ' : String.fromCharCode(subcomponent);
    const [main = ''] = header.charset.split(String.fromCharCode(this.#delimiters.repetition));
    const charset = readableCharset(main);
    this.#charset = charset ?? charsetOf('');
    this.charsetLabel = charset ? header.charset : '';
  }

  /** An acknowledgment must never fail over its own wording: a character the set does not have becomes '?'. */
  text(text: string): string {
    const escaped = escapeText(text, this.#delimiters);
    if (plain.test(escaped)) return escaped;
    const bytes = this.#charset.encode(escaped) ?? Buffer.from(escaped.replace(/[^ -~]/g, '?'), 'latin1');
    return bytes.toString('latin1');
  }

  components(values: readonly string[]): string {
    return withoutTrailingEmpty(values).join(this.#componentSeparator);
  }

  subcomponents(values: readonly string[]): string {
    return withoutTrailingEmpty(values).join(this.#subcomponentSeparator);
  }

  segment(fields: readonly string[]): string {
    return withoutTrailingEmpty(fields).join(this.#fieldSeparator);
  }
}

const plain = /^[ -~]*$/;

function withoutTrailingEmpty(values: readonly string[]): readonly string[] {
  return values.slice(0, values.findLastIndex((value) => value !== '') + 1);
}

function readableCharset(label: string): Charset | undefined {
  try {
    return charsetOf(label);
  } catch (error) {
    if (error instanceof Hl7Error) return undefined;
    throw error;
  }
}

function mshOf(header: MessageHeader, spec: AckSpec, writer: AckWriter): string {
  const isEnhanced = ackPlan(header).mode === 'enhanced';
  const { sender } = spec;
  return writer.segment([
    'MSH',
    header.encodingCharacters,
    sender ? writer.text(sender.application) : header.receivingApplication,
    sender ? writer.text(sender.facility) : header.receivingFacility,
    header.sendingApplication,
    header.sendingFacility,
    formatDateTime(spec.now),
    '',
    writer.components(typeOf(header)),
    writer.text(spec.controlId),
    writer.components([header.processingId, header.processingMode]),
    header.version === '' ? OWN_VERSION : header.version,
    '',
    '',
    isEnhanced ? (spec.acceptAck ?? 'NE') : '',
    isEnhanced ? 'NE' : '',
    '',
    writer.charsetLabel,
  ]);
}

/** The event came into MSH-9 with 2.2, the structure is written from 2.4 on. */
function typeOf(header: MessageHeader): string[] {
  if (header.triggerEvent === '' || compareVersions(header.version, '2.2') < 0) return ['ACK'];
  return ['ACK', header.triggerEvent, compareVersions(header.version, '2.4') < 0 ? '' : 'ACK'];
}

function msaOf(header: MessageHeader, spec: AckSpec, writer: AckWriter): string {
  const hasText = compareVersions(header.version, '2.7') < 0;
  const sequence = spec.expectedSequenceNumber;
  return writer.segment([
    'MSA',
    spec.code,
    header.controlId,
    hasText ? writer.text(spec.text ?? '') : '',
    sequence === undefined ? '' : String(sequence),
  ]);
}

function errorsOf(header: MessageHeader, spec: AckSpec, writer: AckWriter): string[] {
  const errors = [...(spec.errors ?? [])];
  const isNegative = spec.code[1] !== 'A';
  const textIsLost =
    compareVersions(header.version, '2.7') >= 0 && spec.text !== undefined && spec.text !== '';
  if (errors.length === 0 && isNegative && textIsLost) errors.push({ code: '207', text: spec.text ?? '' });
  if (compareVersions(header.version, '2.5') < 0) return errors.map((error) => legacyError(error, writer));
  return errors.map((error) => {
    const condition = [error.code, errorConditions[error.code], 'HL70357'];
    const location = writer.components(locationOf(error));
    const { severity = 'E', applicationCode = '', text = '' } = error;
    const fields = ['ERR', '', location, writer.components(condition), severity];
    return writer.segment([...fields, writer.text(applicationCode), '', '', writer.text(text)]);
  });
}

/** ERR-1 (ELD): segment, its sequence, field, and the error as subcomponents. */
function legacyError(error: AckError, writer: AckWriter): string {
  const [segment = '', sequence = '', field = ''] = locationOf(error);
  const condition = writer.subcomponents([error.code, errorConditions[error.code], 'HL70357']);
  return writer.segment(['ERR', writer.components([segment, sequence, field, condition])]);
}

/** Places that are no ERL (a line number, say) have no home in ERR. */
function locationOf(error: AckError): string[] {
  const { location = '' } = error;
  return /^[A-Z][A-Z0-9]{2}(\^\d+){0,5}$/.test(location) ? location.split('^') : [];
}
