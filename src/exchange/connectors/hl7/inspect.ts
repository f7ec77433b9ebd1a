import { isAscii, isUtf8 } from 'node:buffer';
import { type ErrorCode, IsthmusError } from '../../../foundation/errors/index.ts';
import {
  Hl7Error,
  type Hl7Message,
  type MessageHeader,
  parseMessage,
  peekHeader,
  unreadableHeader,
} from '../../../standards/hl7v2/index.ts';

/** What a source takes, beyond what the grammar says. */
export interface IntakeRules {
  readonly processingIds?: readonly string[] | undefined;
  readonly versions?: readonly string[] | undefined;
  readonly defaultCharset?: string | undefined;
}

/** The library's errors carry the registry's codes; their places and rules never hold values. */
export function fromHl7(error: unknown): IsthmusError {
  if (error instanceof IsthmusError) return error;
  if (!(error instanceof Hl7Error)) return new IsthmusError('INTERNAL', { cause: error });
  const code: ErrorCode = error.code;
  return new IsthmusError(code, {
    ...(error.location === undefined ? {} : { place: error.location }),
    ...(error.rule === undefined ? {} : { rule: error.rule }),
    cause: error,
  });
}

/** MSH for an answer, whatever else is wrong with the message; a stand-in when not even MSH can be read. */
export function headerForAnswer(message: Uint8Array): MessageHeader {
  try {
    return peekHeader(message);
  } catch (error) {
    if (error instanceof Hl7Error) return unreadableHeader;
    throw error;
  }
}

/**
 * Looks at a message before it is accepted: environment (MSH-11), version (MSH-12), segments, character set, and that all bytes belong to
 * that set, so that what is acknowledged can be read later. Throws IsthmusError with an ERL place. Values are not looked at.
 */
export function inspect(body: Uint8Array, header: MessageHeader, rules: IntakeRules): void {
  if (rules.processingIds && !rules.processingIds.includes(header.processingId)) {
    throw new IsthmusError('HL7_PROCESSING_ID', {
      place: 'MSH^1^11',
      rule: `one of ${rules.processingIds.join(', ')}`,
    });
  }
  if (rules.versions && !rules.versions.includes(header.version)) {
    throw new IsthmusError('HL7_UNSUPPORTED_VERSION', {
      place: 'MSH^1^12',
      rule: `one of ${rules.versions.join(', ')}`,
    });
  }
  try {
    const message = parseMessage(
      body,
      rules.defaultCharset === undefined ? {} : { defaultCharset: rules.defaultCharset },
    );
    checkBytes(message);
  } catch (error) {
    throw fromHl7(error);
  }
}

function checkBytes(message: Hl7Message): void {
  const { bytes, charset } = message.syntax;
  const hasNul = bytes.includes(0);
  if (!hasNul && isAscii(bytes)) return;
  const fits =
    charset.label === 'UNICODE UTF-8' ? isUtf8(bytes) : charset.decode(bytes, 0, bytes.length) !== undefined;
  if (fits && !hasNul) return;
  throw new IsthmusError('HL7_UNDECODABLE', { place: firstUndecodable(message), rule: charset.label });
}

/** Segment, occurrence and field of the first bytes that do not belong to the set. */
function firstUndecodable(message: Hl7Message): string {
  const { bytes, charset } = message.syntax;
  for (const segment of message.segments()) {
    if (charset.decode(bytes, segment.start, segment.end) !== undefined) continue;
    for (let field = 1; field <= segment.fieldCount; field++) {
      if (
        charset.decode(Buffer.from(segment.field(field).bytes), 0, segment.field(field).bytes.length) !==
        undefined
      )
        continue;
      return `${segment.name}^${segment.occurrence}^${field}`;
    }
    return `${segment.name}^${segment.occurrence}`;
  }
  return 'MSH^1';
}
