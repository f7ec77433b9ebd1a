import type { CodeableConcept, Extension, Patient } from '@medplum/fhirtypes';
import { ETHNICITY, RACE } from '../../segments/us-core-person.ts';

const CDC = 'urn:oid:2.16.840.1.113883.6.238';
/** 0189 Ethnic group, for the CDC's two categories. */
const GROUPS: Readonly<Record<string, string>> = { '2135-2': 'H', '2186-5': 'N' };
const table = (number: string) => `http://terminology.hl7.org/CodeSystem/v2-${number}`;

const partsOf = ({ extension = [] }: Patient, url: string): Extension[] =>
  extension.find((one) => one.url === url)?.extension ?? [];
const textOf = (parts: readonly Extension[]): string | undefined =>
  parts.find(({ url }) => url === 'text')?.valueString;
const codesOf = (parts: readonly Extension[]) => parts.flatMap(({ valueCoding }) => valueCoding ?? []);

/** The race extension as the concepts that PID-10 has: a code each, or the words alone. */
export function race(patient: Patient): CodeableConcept[] {
  const parts = partsOf(patient, RACE);
  const codes = codesOf(parts);
  const text = textOf(parts);
  if (codes.length === 0) return text === undefined ? [] : [{ text }];
  return codes.map(({ code = '', display, system }) => {
    const shown = display ?? (codes.length === 1 && text !== code ? text : undefined);
    const coding = system === CDC ? { system, code } : { system: table('0005'), code: 'U' };
    return concept(coding, shown);
  });
}

/** The ethnicity extension: category by its code in table 0189. */
export function ethnicity(patient: Patient): CodeableConcept[] {
  const parts = partsOf(patient, ETHNICITY);
  const [first] = codesOf(parts);
  const text = textOf(parts);
  if (!first) return text === undefined ? [] : [{ text }];
  const group = GROUPS[first.code ?? ''];
  const coding = group ? { system: table('0189'), code: group } : { system: CDC, code: first.code ?? '' };
  return [concept(coding, text === coding.code ? first.display : text)];
}

const concept = (coding: { system: string; code: string }, display: string | undefined): CodeableConcept =>
  display === undefined || display === coding.code
    ? { coding: [coding] }
    : { coding: [{ ...coding, display }], text: display };
