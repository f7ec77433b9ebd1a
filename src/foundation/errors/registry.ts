/**
 * Every error the product can show, by stable code. `docs/reference/errors.md` is generated from this table and a test
 * keeps them equal. `text` is public: it never carries patient data. `advice` says what the person reading it can do.
 */
interface ErrorEntry {
  /** HTTP status when the error leaves through an HTTP interface. */
  readonly http: number;
  readonly text: string;
  readonly advice: string;
}

const entry = (http: number, text: string, advice: string): ErrorEntry => ({ http, text, advice });

// biome-ignore format: one error a line, so that it reads as the table it is
export const errorRegistry = {
  // standards: HL7 v2
  HL7_NO_MSH: entry(400, 'the message does not begin with an MSH segment', 'Check the sender; nothing before MSH is accepted.'),
  HL7_BAD_DELIMITERS: entry(400, 'MSH-1 and MSH-2 do not declare usable delimiters', 'Check MSH-1 and MSH-2 at the sender.'),
  HL7_BAD_SEGMENT: entry(400, 'a segment does not begin with a three-character name', 'Check line ends and the segment named.'),
  HL7_UNKNOWN_CHARSET: entry(400, 'MSH-18 names a character set that is not known', 'Use a set of HL7 table 0211.'),
  HL7_UNSUPPORTED_CHARSET: entry(400, 'MSH-18 names a character set that is known but not supported', 'Send UNICODE UTF-8 or a single-byte set.'),
  HL7_UNDECODABLE: entry(400, 'bytes do not belong to the declared character set', 'Declare the set really used in MSH-18.'),
  HL7_BAD_TIMESTAMP: entry(400, 'a value is not an HL7 date or time', 'Send YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ].'),
  HL7_BAD_NUMBER: entry(400, 'a value is not an HL7 number', 'Send an optional sign, digits and at most one decimal point.'),
  HL7_MISSING_FIELD: entry(400, 'a required field is empty', 'Fill the field named.'),
  HL7_BAD_TABLE_VALUE: entry(400, 'a value is not in the table of its field', 'Use a value of the table named.'),
  HL7_BATCH_COUNT: entry(400, 'a batch or file trailer counts other than what was received', 'The file may be truncated; send it again.'),
  HL7_BATCH_STRUCTURE: entry(400, 'batch envelope segments are out of order', 'Send [FHS] { [BHS] messages [BTS] } [FTS].'),
  HL7_UNSUPPORTED_MESSAGE: entry(400, 'this type of message is not taken here', 'Check the routing of the sender.'),
  HL7_PROCESSING_ID: entry(400, 'MSH-11 is for another environment', 'Production takes P, test systems T or D.'),
  HL7_UNSUPPORTED_VERSION: entry(400, 'MSH-12 is a version that is not taken here', 'Send a version that the source lists.'),
  MLLP_TOO_LARGE: entry(413, 'the frame is larger than the limit', 'Raise maxFrameBytes for this source, or send less.'),
  MLLP_TORN_FRAME: entry(400, 'the frame ended without its end block', 'The sender or the network broke off; it should send again.'),
  MLLP_NOISE: entry(400, 'bytes outside a frame', 'The sender does not speak MLLP, or is out of step.'),
  MLLP_FORBIDDEN_BYTE: entry(400, 'the message holds MLLP block bytes', 'No 0x0B, and no 0x1C before 0x0D; mend the step that made them.'),
  // foundation
  CONFIG_INVALID: entry(500, 'the configuration has mistakes', 'Mend every line listed; nothing takes effect before.'),
  DATABASE_UNSAFE: entry(500, 'the PostgreSQL server may lose what it confirmed', 'Turn on the settings named.'),
  DATABASE_UNAVAILABLE: entry(503, 'the database does not answer', 'Isthmus tries again by itself; check the PostgreSQL server.'),
  DATABASE_FULL: entry(503, 'the database cannot write: no space', 'Free space on the volume of the data directory.'),
  DATABASE_SCHEMA: entry(500, 'the database schema does not fit this version', 'Run isthmus migrate, or the version named.'),
  DATABASE_START: entry(500, 'the embedded PostgreSQL did not start', 'See the reason; or set DATABASE_URL to a server of your own.'),
  PORT_TAKEN: entry(500, 'the port is taken', 'Stop the other program or choose another port.'),
  CRYPTO_KEY_UNKNOWN: entry(500, 'the key that sealed these bytes is not in the key file', 'Put the key named back into the key file.'),
  CRYPTO_ALTERED: entry(500, 'sealed bytes were altered, moved or are not of this key', 'Restore the row from a backup; look for who wrote it.'),
  AUDIT_BROKEN: entry(500, 'the audit trail is not the one that was sealed', 'Run isthmus admin audit verify; leave database and file as they are, and find out who wrote there.'),
  HOME_EMPTY: entry(500, 'there are no data of an engine here', 'Set ISTHMUS_HOME or DATABASE_URL, or start an engine first.'),
  HOME_IN_USE: entry(500, 'a demo runs on this data directory already', 'Stop it, or set ISTHMUS_HOME to another directory.'),
  INTERNAL: entry(500, 'an internal error', 'The log has the detail under the same correlation id.'),
  // exchange
  QUEUE_FULL: entry(503, 'too much is waiting to be written', 'Send again later.'),
  QUEUE_UNKNOWN: entry(404, 'there is no such queue', 'List them with isthmus queue.'),
  QUEUE_ENTRY_UNKNOWN: entry(404, 'there is no such entry in the queue', 'List them with isthmus queue show.'),
  QUEUE_CONTROL_ID_REUSED: entry(409, 'the control id was used before for other content', 'Use a new MSH-10, or declare reuse for the source.'),
  QUEUE_ENTRY_HELD: entry(503, 'the entry waits for a person', 'Answer the question it waits for; it goes on by itself when its time is over.'),
  QUEUE_FENCED: entry(503, 'another node owns the queues', 'Nothing to do; this node stands by.'),
  QUEUE_RENDERING_CHANGED: entry(409, 'a repeat would differ from what was sent first', 'Skip the entry or replay it as a new one.'),
  QUEUE_PARK_LIMIT: entry(503, 'too many messages are parked', 'Mend the cause, then release or skip them.'),
  STEP_FAILED: entry(422, 'a step of the channel failed', 'See the step named; mend it, then release the message.'),
  STEP_TIMEOUT: entry(422, 'a step of the channel took longer than its limit', 'Mend the step named, then release the message.'),
  RAW_UNTRUSTED: entry(422, 'an untouched message would leave its trust group', 'Add a step that renders it, or declare the same trust.'),
  CHANNEL_UNKNOWN: entry(404, 'there is no such channel', 'List them with isthmus check.'),
  CHANNEL_PAUSED: entry(503, 'the channel is paused', 'isthmus channels resume.'),
  CONNECT_REFUSED: entry(502, 'the connection was refused', 'Check that the destination runs and its address.'),
  CONNECT_TIMEOUT: entry(504, 'no connection within the limit', 'Check the network and the address.'),
  CONNECT_LOST: entry(502, 'the connection was lost before the answer', 'It is repeated with the same key.'),
  CONNECT_TLS: entry(502, 'the TLS handshake failed', 'Check certificates and trust on both sides.'),
  CONNECT_HOST_KEY: entry(502, 'the server shows another host key than the one pinned', 'Find out why it changed before pinning the new one.'),
  CONNECT_CREDENTIALS: entry(502, 'the server does not accept our credentials', 'Check user, password and key.'),
  ANSWER_TIMEOUT: entry(504, 'no answer within the limit', 'It is repeated with the same key.'),
  ANSWER_MALFORMED: entry(502, 'the answer is not a well-formed acknowledgment', 'Check what listens at the destination.'),
  ANSWER_FOREIGN: entry(502, 'the answer belongs to another message', 'The connection is closed and the message repeated.'),
  ANSWER_ERROR: entry(502, 'the destination answered with an error', 'See the answer; it is tried a bounded number of times.'),
  ANSWER_REJECT: entry(502, 'the destination rejected the message', 'Mend the cause, then release or skip the message.'),
  ADDRESS_FORBIDDEN: entry(403, 'the address is not allowed for outgoing connections', 'Allow the host in the configuration of the destination.'),
  FILE_UNSTABLE: entry(503, 'the file is still being written', 'It is taken when it is whole.'),
  FILE_FAILED: entry(502, 'a file operation failed', 'Check path, permissions and space.'),
  // clinical: FHIR packages
  PACKAGE_INVALID: entry(422, 'this is no FHIR package that can be loaded', 'Load the .tgz of a package for FHIR R4 as packages.fhir.org or the guide publishes it.'),
  PACKAGE_UNKNOWN: entry(404, 'there is no such package', 'List them with isthmus package list.'),
  // clinical: terminology
  UNMAPPED_UNKNOWN: entry(404, 'there is no such unmapped code', 'List them with isthmus terminology unmapped.'),
  TRANSLATION_TARGET: entry(422, 'nothing is to be translated into this code', 'See the rule named; look for another code.'),
  TERMINOLOGY_INVALID: entry(422, 'this cannot be loaded as terminology', 'Give the files as their publisher has them; isthmus terminology load --help lists the formats.'),
  TERMINOLOGY_UNKNOWN: entry(404, 'this is not loaded', 'List what is with isthmus terminology list.'),
  // clinical: identity
  IDENTITY_REFUSED: entry(409, 'who is who cannot be changed so', 'See the rule named; undo later decisions first, newest first.'),
  // trust and front door
  UNAUTHENTICATED: entry(401, 'a token is needed', 'Send Authorization: Bearer with the token made at first start.'),
  FORBIDDEN: entry(403, 'this is not allowed', 'Ask for the right that is named.'),
  NOT_FOUND: entry(404, 'there is no such resource', 'Check type and id.'),
  GONE: entry(410, 'the resource was deleted', 'Read an earlier version by its history.'),
  INVALID_REQUEST: entry(400, 'the request is not understood', 'See the place named.'),
  INVALID_RESOURCE: entry(422, 'the resource breaks a rule', 'See the place and rule named.'),
  METHOD_NOT_ALLOWED: entry(405, 'this method is not served at this address', 'The header Allow names those that are.'),
  NOT_ACCEPTABLE: entry(406, 'the answer is not given in the format asked for', 'Accept application/fhir+json; fhirVersion=4.0.'),
  CONFLICT: entry(409, 'another request got in between', 'Read the resource again, then repeat the request.'),
  PRECONDITION_FAILED: entry(412, 'a condition of the request does not hold', 'Read the resource again; see the rule named.'),
  UNSUPPORTED_MEDIA_TYPE: entry(415, 'the body has a content type that is not taken here', 'See the types named.'),
  THROTTLED: entry(429, 'this was asked for too often', 'Wait as long as Retry-After says.'),
  BUSY: entry(503, 'too many requests are running', 'Send again later.'),
  TOO_LARGE: entry(413, 'the request is larger than the limit', 'Send less.'),
  WEBHOOK_SIGNATURE: entry(401, 'the signature does not fit', 'Check the secret and the clock of the sender.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorRegistry;
