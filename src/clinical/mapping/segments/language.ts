import type { CodeableConcept, PatientCommunication } from '@medplum/fhirtypes';
import type { Datatype } from '../convert.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';

const BCP_47 = 'urn:ietf:bcp:47';

/** 0296, or ISO 639: `eng` and `EN` are BCP 47's `en`, as FHIR has it; the original is kept behind it. Words are no code. */
const language: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0296')(value, context);
  const code = canonical(value.text.trim());
  if (!concept || code === undefined) return concept;
  return withCoding(concept, { system: BCP_47, code });
};

function canonical(sent: string): string | undefined {
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(sent)) return undefined;
  try {
    return Intl.getCanonicalLocales(sent)[0];
  } catch {
    // Well-formed to the eye alone; the original says what was sent.
    return undefined;
  }
}

/** A field that names the language of choice. */
export const primaryLanguage: Datatype<PatientCommunication[]> = (value, context) => {
  const concept = language(value, context);
  return concept && [{ language: concept, preferred: true }];
};
