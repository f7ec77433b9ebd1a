import type { Party } from './build.ts';
import { asBuffer, CR, LF } from './bytes.ts';
import { charsetOf } from './charsets.ts';
import { formatDateTime } from './date-time.ts';
import { readDelimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';
import { SegmentWriter } from './segment-writer.ts';
import { type SegmentSpec, segment } from './values.ts';

export interface EnvelopeSpec {
  readonly sender: Party;
  readonly receiver: Party;
  readonly dateTime: Date;
  readonly name?: string;
  readonly comment?: string;
  readonly controlId?: string;
  /** In a batch of acknowledgments: the control id of the batch that is answered. */
  readonly referenceControlId?: string;
}

export interface BatchSpec {
  readonly envelope: EnvelopeSpec;
  /** Whole messages; their bytes are taken as they are, with a CR added where the last segment has no end. */
  readonly messages: readonly Uint8Array[];
}

export interface BatchFileSpec {
  /** Without it there is no FHS and no FTS. */
  readonly file?: EnvelopeSpec;
  readonly batches: readonly BatchSpec[];
}

const ENCODING_CHARACTERS = '^~\\&';
const lineEnd = Buffer.of(CR);

/** Writes batches with their envelopes and counts; the envelopes are in ASCII. Throws HL7_NO_MSH, HL7_UNDECODABLE. */
export function buildBatch(spec: BatchFileSpec): Uint8Array {
  const writer = new SegmentWriter({
    delimiters: readDelimiters('|', ENCODING_CHARACTERS),
    charset: charsetOf(''),
  });
  const write = (one: SegmentSpec) => Buffer.concat([writer.segment(one, ENCODING_CHARACTERS), lineEnd]);
  const batches = spec.batches.flatMap((batch) => [
    write(segment('BHS', fieldsOf(batch.envelope))),
    ...batch.messages.flatMap(wholeMessage),
    write(segment('BTS', { 1: batch.messages.length })),
  ]);
  if (!spec.file) return Buffer.concat(batches);
  const trailer = write(segment('FTS', { 1: spec.batches.length }));
  return Buffer.concat([write(segment('FHS', fieldsOf(spec.file))), ...batches, trailer]);
}

function fieldsOf(envelope: EnvelopeSpec): SegmentSpec['fields'] {
  return {
    3: envelope.sender.application,
    4: envelope.sender.facility,
    5: envelope.receiver.application,
    6: envelope.receiver.facility,
    7: formatDateTime(envelope.dateTime),
    9: envelope.name,
    10: envelope.comment,
    11: envelope.controlId,
    12: envelope.referenceControlId,
  };
}

function wholeMessage(message: Uint8Array, index: number): Buffer[] {
  const bytes = asBuffer(message);
  if (bytes.toString('latin1', 0, 3) !== 'MSH') {
    throw new Hl7Error('HL7_NO_MSH', { location: `message ${index + 1}`, rule: 'a batch holds messages' });
  }
  const last = bytes[bytes.length - 1];
  return last === CR || last === LF ? [bytes] : [bytes, lineEnd];
}
