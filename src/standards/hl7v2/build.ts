import { charsetOf } from './charsets.ts';
import { formatDateTime } from './date-time.ts';
import { readDelimiters } from './delimiters.ts';
import { SegmentWriter } from './segment-writer.ts';
import { structureOf } from './structures.ts';
import { type FieldValue, type RepetitionValue, type SegmentSpec, segment } from './values.ts';
import { OWN_VERSION } from './version.ts';

/** A system as MSH names it: an HD, as one text or its components. */
export interface Party {
  readonly application: RepetitionValue;
  readonly facility: RepetitionValue;
}

export interface MessageSpec {
  /** MSH-9.1 and MSH-9.2: `MDM^T02`. MSH-9.3 is added from the event map, or given as the third: `ADT^A04^ADT_A01`. */
  readonly type: string;
  /** MSH-10; up to 2.6 at most 20 characters. */
  readonly controlId: string;
  /** MSH-7. */
  readonly dateTime: Date;
  /** The offset or zone that MSH-7 is written in. Default UTC. */
  readonly zone?: string;
  readonly sender: Party;
  readonly receiver: Party;
  /** MSH-11. Default P. */
  readonly processingId?: string;
  /** MSH-12. Default 2.5.1. */
  readonly version?: string;
  /** MSH-18, a label of table 0211. Default UNICODE UTF-8. */
  readonly charset?: string;
  /** MSH-1 and MSH-2 together. Default `|^~\&`. */
  readonly delimiters?: string;
  /** Further fields of MSH by number (13, 15, 16, 17, 21 ...). */
  readonly header?: Readonly<Record<number, FieldValue>>;
  readonly segments: readonly SegmentSpec[];
}

const CR = Buffer.of(0x0d);

/**
 * Writes a message of our own: escaped, in the declared character set, every segment with its CR, nothing empty trailing.
 * Throws HL7_UNDECODABLE for a character that the set does not have (the location is the segment's), HL7_BAD_SEGMENT for a
 * wrong segment name, HL7_BAD_DELIMITERS.
 */
export function buildMessage(spec: MessageSpec): Uint8Array {
  const { delimiters = '|^~\\&', charset = 'UNICODE UTF-8' } = spec;
  const encodingCharacters = delimiters.slice(1);
  const writer = new SegmentWriter({
    delimiters: readDelimiters(delimiters.charAt(0), encodingCharacters),
    charset: charsetOf(charset),
  });
  const [messageCode = '', triggerEvent = '', structure = ''] = spec.type.split('^');
  const header = segment('MSH', {
    ...spec.header,
    3: spec.sender.application,
    4: spec.sender.facility,
    5: spec.receiver.application,
    6: spec.receiver.facility,
    7: formatDateTime(spec.dateTime, { zone: spec.zone ?? 'Z' }),
    9: [messageCode, triggerEvent, structureOf({ messageCode, triggerEvent, structure })],
    10: spec.controlId,
    11: spec.processingId ?? 'P',
    12: spec.version ?? OWN_VERSION,
    18: charset,
  });
  const lines = [
    writer.segment(header, encodingCharacters),
    ...spec.segments.map((one) => writer.segment(one)),
  ];
  return Buffer.concat(lines.flatMap((line) => [line, CR]));
}
