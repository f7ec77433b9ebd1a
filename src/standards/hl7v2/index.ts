/**
 * HL7 v2: messages, acknowledgments, batches and MLLP frames, as bytes. Rules: docs/design/hl7v2.md.
 *
 * What it promises: a message that was received is its bytes, and leaves as the same bytes; every version from 2.1 to 2.9 and
 * any delimiters are read; text is decoded by the declared character set or refused, never guessed; errors (`Hl7Error`) name
 * place and rule, never a value. What it never does: I/O, look at the clock, change what was received, or decide what a message
 * means.
 */
export { type AckCondition, type AckPlan, ackPlan, isAckWanted } from './ack-plan.ts';
export { type AckCode, type AckSpec, acknowledge, unreadableHeader } from './acknowledge.ts';
export { type Batch, type BatchFile, type EnvelopeHeader, type SplitOptions, splitBatch } from './batch.ts';
export { buildMessage, type MessageSpec, type Party } from './build.ts';
export { type BatchFileSpec, type BatchSpec, buildBatch, type EnvelopeSpec } from './build-batch.ts';
export { isKnownCharset } from './charsets.ts';
export {
  type DateTimeOptions,
  type DateTimePrecision,
  type FormatDateTimeOptions,
  formatDateTime,
  type Hl7DateTime,
  parseDateTime,
  toFhirDate,
  toFhirDateTime,
  toInstant,
} from './date-time.ts';
export { editMessage, type MessageEditor } from './edit.ts';
export { Hl7Error, type Hl7ErrorCode, type Hl7ErrorOptions } from './errors.ts';
export type { Field, Repetition, ValueState } from './field.ts';
export { type MessageHeader, peekHeader } from './header.ts';
export { type Hl7Message, type ParseOptions, parseMessage } from './message.ts';
export { MllpDecoder, type MllpEvent, type MllpLimits } from './mllp-decoder.ts';
export { type CommitBlock, frameCommitBlock, frameMllp, readCommitBlock } from './mllp-frame.ts';
export { parseDecimal } from './number.ts';
export { type Acknowledgment, parseAcknowledgment, type ReceivedError } from './parse-acknowledgment.ts';
export type { Segment } from './segment.ts';
export { structureOf } from './structures.ts';
export { type AckError, ackErrorOf, type ErrorCondition, errorConditions } from './table-0357.ts';
export {
  type ComponentValue,
  type FieldValue,
  type LeafValue,
  type Repeated,
  type RepetitionValue,
  repeat,
  type SegmentSpec,
  segment,
} from './values.ts';
export { compareVersions } from './version.ts';
