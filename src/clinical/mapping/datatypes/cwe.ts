import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { codeSystems } from '../tables.ts';

/** `http://terminology.hl7.org/CodeSystem/v2-0001` for table 0001. */
export const v2Table = (table: string): string => `http://terminology.hl7.org/CodeSystem/v2-${table}`;

/**
 * A coding system by its name in table 0396. A name that is known to nobody is the sender's own: its URI carries the sender, so that two
 * systems' `L` are not one.
 */
export function codeSystemUri(name: string, context: MapContext): string | undefined {
  if (name === '') return undefined;
  const known = codeSystems[name.toUpperCase()];
  if (known) return known;
  const table = /^HL7(\d{4})$/.exec(name)?.[1];
  return table
    ? v2Table(table)
    : `urn:isthmus:codes:${encodeURIComponent(context.system)}:${encodeURIComponent(name)}`;
}

/**
 * CWE, CE, CNE, and IS or ID as a code alone, → CodeableConcept: each of the up to three codings is kept (CWE-1 to 3, 4 to 6, 10 to 12), and
 * CWE-9 or the first name as the text. `table` is the field's own table, taken when CWE-3 is empty.
 */
export const cwe =
  (table?: string): Datatype<CodeableConcept> =>
  (value, context) => {
    const codings = [
      codingAt(value, 1, context, table),
      codingAt(value, 4, context),
      codingAt(value, 10, context),
    ];
    const coding = codings.filter((one) => one !== undefined);
    return present<CodeableConcept>({
      coding: coding.length > 0 ? coding : undefined,
      text: orNothing(value.component(9)) ?? coding[0]?.display ?? orNothing(value.component(2)),
    });
  };

function codingAt(value: Repetition, at: number, context: MapContext, table?: string): Coding | undefined {
  const code = value.component(at).trim();
  if (code === '') return undefined;
  return present<Coding>({
    system: codeSystemUri(value.component(at + 2), context) ?? (table && v2Table(table)),
    code,
    display: orNothing(value.component(at + 1)),
  });
}

/** The concept with a coding of FHIR's own put first, the sender's kept behind it. */
export function withCoding(concept: CodeableConcept, coding: Coding): CodeableConcept {
  return { ...concept, coding: [coding, ...(concept.coding ?? [])] };
}
