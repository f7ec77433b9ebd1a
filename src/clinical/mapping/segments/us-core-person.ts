import type { Extension } from '@medplum/fhirtypes';
import { allOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import type { Convert } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

export const RACE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race';
export const ETHNICITY = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity';

const CDC = 'urn:oid:2.16.840.1.113883.6.238';
const NULL_FLAVOR = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';

/** The five races of the OMB and `other`; everything else of the CDC's list is detail. */
const OMB_RACES: ReadonlySet<string> = new Set(['1002-5', '2028-9', '2054-5', '2076-8', '2106-3', '2131-1']);
/** 0189 Ethnic group, and the CDC's own codes. */
const ETHNICITIES = codeTable({ H: '2135-2', N: '2186-5', '2135-2': '2135-2', '2186-5': '2186-5' });
const CDC_CODE = /^\d{4}-\d$/;

/** PID-10 → the race extension: OMB categories, detailed codes, and the words. An answer that is no code is a text. */
export const race: Convert = (field, context, { place }) => {
  const concepts = allOf(field, cwe('0005'), { context, place });
  if (concepts.length === 0) return undefined;
  const parts: Extension[] = [];
  for (const { coding = [] } of concepts) {
    for (const { code = '', display } of coding.slice(0, 1)) {
      const shown = display === undefined ? {} : { display };
      if (OMB_RACES.has(code))
        parts.push({ url: 'ombCategory', valueCoding: { system: CDC, code, ...shown } });
      else if (CDC_CODE.test(code))
        parts.push({ url: 'detailed', valueCoding: { system: CDC, code, ...shown } });
      else if (code === 'U')
        parts.push({ url: 'ombCategory', valueCoding: { system: NULL_FLAVOR, code: 'UNK' } });
    }
  }
  return { url: RACE, extension: [...parts, wordsOf(concepts)] };
};

/** PID-22 → the ethnicity extension. */
export const ethnicity: Convert = (field, context, { place }) => {
  const concepts = allOf(field, cwe('0189'), { context, place });
  if (concepts.length === 0) return undefined;
  const parts: Extension[] = [];
  for (const { coding = [] } of concepts.slice(0, 1)) {
    const code = coding[0]?.code ?? '';
    const mapped = ETHNICITIES[code];
    if (mapped) parts.push({ url: 'ombCategory', valueCoding: { system: CDC, code: mapped } });
    else if (CDC_CODE.test(code)) parts.push({ url: 'detailed', valueCoding: { system: CDC, code } });
  }
  return { url: ETHNICITY, extension: [...parts, wordsOf(concepts)] };
};

/** The text is required: the sender's words, or else its codes. */
const wordsOf = (concepts: readonly { text?: string; coding?: { code?: string }[] }[]): Extension => ({
  url: 'text',
  valueString: concepts.map(({ text, coding }) => text ?? coding?.[0]?.code ?? '').join(', '),
});
