import type { Hl7Error, Hl7ErrorCode } from './errors.ts';

/** HL7 table 0357, message error condition codes. */
export const errorConditions = {
  '0': 'Message accepted',
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
} as const;

export type ErrorCondition = keyof typeof errorConditions;

/** One thing to tell the sender. Texts name place and rule; values of the message must not get here. */
export interface AckError {
  readonly code: ErrorCondition;
  /** ERL: `PID^1^5^1^1`. */
  readonly location?: string;
  /** Default 'E'. */
  readonly severity?: 'E' | 'W' | 'I';
  /** ERR-5: the code of this product's error registry. */
  readonly applicationCode?: string;
  /** ERR-8, for people. */
  readonly text?: string;
}

const conditionByCode: Readonly<Record<Hl7ErrorCode, ErrorCondition>> = {
  HL7_NO_MSH: '100',
  HL7_BAD_DELIMITERS: '102',
  HL7_BAD_SEGMENT: '100',
  HL7_UNKNOWN_CHARSET: '103',
  HL7_UNSUPPORTED_CHARSET: '102',
  HL7_UNDECODABLE: '102',
  HL7_BAD_TIMESTAMP: '102',
  HL7_BAD_NUMBER: '102',
  HL7_MISSING_FIELD: '101',
  HL7_BAD_TABLE_VALUE: '103',
  HL7_BATCH_COUNT: '207',
  HL7_BATCH_STRUCTURE: '100',
  MLLP_TOO_LARGE: '207',
  MLLP_FORBIDDEN_BYTE: '102',
};

/** What an acknowledgment says of an error of this library. */
export function ackErrorOf(error: Hl7Error): AckError {
  return {
    code: conditionByCode[error.code],
    applicationCode: error.code,
    ...(error.location === undefined ? {} : { location: error.location }),
    ...(error.rule === undefined ? {} : { text: error.rule }),
  };
}
