/** What may be wrong with HL7 v2 input. The codes are those of the product's error registry. */
export type Hl7ErrorCode =
  | 'HL7_NO_MSH'
  | 'HL7_BAD_DELIMITERS'
  | 'HL7_BAD_SEGMENT'
  | 'HL7_UNKNOWN_CHARSET'
  | 'HL7_UNSUPPORTED_CHARSET'
  | 'HL7_UNDECODABLE'
  | 'HL7_BAD_TIMESTAMP'
  | 'HL7_BAD_NUMBER'
  | 'HL7_MISSING_FIELD'
  | 'HL7_BAD_TABLE_VALUE'
  | 'HL7_BATCH_COUNT'
  | 'HL7_BATCH_STRUCTURE'
  | 'MLLP_TOO_LARGE'
  | 'MLLP_FORBIDDEN_BYTE';

export interface Hl7ErrorOptions {
  /** An ERL location: `PID^1^5^1^1` is segment, its occurrence, field, repetition, component. Never a value. */
  readonly location?: string;
  /** Which rule is broken, or what was expected. Never a value. */
  readonly rule?: string;
}

/** Thrown by everything in this library. Neither message nor properties ever carry a value of the message. */
export class Hl7Error extends Error {
  override readonly name = 'Hl7Error';
  readonly code: Hl7ErrorCode;
  readonly location: string | undefined;
  readonly rule: string | undefined;

  constructor(code: Hl7ErrorCode, options: Hl7ErrorOptions = {}) {
    const place = options.location === undefined ? '' : ` at ${options.location}`;
    const rule = options.rule === undefined ? '' : ` (${options.rule})`;
    super(`${code}${place}${rule}`);
    this.code = code;
    this.location = options.location;
    this.rule = options.rule;
  }
}
