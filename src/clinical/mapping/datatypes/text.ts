import { Hl7Error } from '../../../standards/hl7v2/index.ts';
import type { Datatype } from '../convert.ts';
import type { CodeTable } from '../tables.ts';

/** ST, TX, FT: the text as it is, whatever delimiters its sender did not escape. */
export const text: Datatype<string> = (value) => {
  const whole = value.wholeText.trim();
  return whole === '' ? undefined : whole;
};

/** A code of an HL7 table as FHIR's. One that has none is a finding, so that it does not vanish. Throws HL7_BAD_TABLE_VALUE. */
export const code =
  (name: string, table: CodeTable): Datatype<string> =>
  (value) => {
    const mapped = table[value.text.trim().toUpperCase()];
    if (mapped === undefined)
      throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: `table ${name} has a code of FHIR for it` });
    return mapped;
  };
