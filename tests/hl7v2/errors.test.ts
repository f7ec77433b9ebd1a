import { expect, test } from 'vitest';
import { type ErrorCode, errorRegistry } from '../../src/foundation/errors/index.ts';
import { ackErrorOf, errorConditions, Hl7Error, type Hl7ErrorCode } from '../../src/standards/hl7v2/index.ts';

/** Complete by its type: a code that is missing here does not compile. */
const codes: Record<Hl7ErrorCode, ErrorCode> = {
  HL7_NO_MSH: 'HL7_NO_MSH',
  HL7_BAD_DELIMITERS: 'HL7_BAD_DELIMITERS',
  HL7_BAD_SEGMENT: 'HL7_BAD_SEGMENT',
  HL7_UNKNOWN_CHARSET: 'HL7_UNKNOWN_CHARSET',
  HL7_UNSUPPORTED_CHARSET: 'HL7_UNSUPPORTED_CHARSET',
  HL7_UNDECODABLE: 'HL7_UNDECODABLE',
  HL7_BAD_TIMESTAMP: 'HL7_BAD_TIMESTAMP',
  HL7_BAD_NUMBER: 'HL7_BAD_NUMBER',
  HL7_MISSING_FIELD: 'HL7_MISSING_FIELD',
  HL7_BAD_TABLE_VALUE: 'HL7_BAD_TABLE_VALUE',
  HL7_BATCH_COUNT: 'HL7_BATCH_COUNT',
  HL7_BATCH_STRUCTURE: 'HL7_BATCH_STRUCTURE',
  MLLP_TOO_LARGE: 'MLLP_TOO_LARGE',
  MLLP_FORBIDDEN_BYTE: 'MLLP_FORBIDDEN_BYTE',
};

test.each(Object.entries(codes) as [Hl7ErrorCode, ErrorCode][])(
  '[H15] %s is in the registry under its name and has a condition of table 0357',
  (code, registered) => {
    expect(registered).toBe(code);
    expect(Object.keys(errorRegistry)).toContain(code);
    expect(Object.keys(errorConditions)).toContain(ackErrorOf(new Hl7Error(code)).code);
  },
);

test('[H15] an error says code, place and rule', () => {
  const error = new Hl7Error('HL7_UNDECODABLE', { location: 'PID^1^5', rule: 'not ASCII' });
  expect(error.message).toBe('HL7_UNDECODABLE at PID^1^5 (not ASCII)');
  expect(new Hl7Error('HL7_NO_MSH').message).toBe('HL7_NO_MSH');
});
