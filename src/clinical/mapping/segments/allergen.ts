import type { CodeableConcept } from '@medplum/fhirtypes';
import { Hl7Error } from '../../../standards/hl7v2/index.ts';
import { type Datatype, firstOf, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import type { Convert } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

/** AL1-2 to 5 and IAM-2 to 5 are the same fields. */

/** 0127 Allergen type, to AllergyIntolerance.category. MA and MC are none of FHIR's. */
const categories = codeTable({
  DA: 'medication',
  FA: 'food',
  EA: 'environment',
  AA: 'biologic',
  PA: 'environment',
  LA: 'environment',
});
/** All but MC, a contraindication, are allergies. */
const types = codeTable({
  DA: 'allergy',
  FA: 'allergy',
  MA: 'allergy',
  EA: 'allergy',
  AA: 'allergy',
  PA: 'allergy',
  LA: 'allergy',
});
/** 0128 Allergy severity, to criticality, and to the severity of the reaction where one is told. */
const severities = codeTable({ SV: 'severe', MO: 'moderate', MI: 'mild' });
const criticalities = codeTable({ SV: 'high', MI: 'low' });

const ALTERNATE = 'http://hl7.org/fhir/StructureDefinition/alternate-codes';
const alternate = (concept: CodeableConcept) => ({
  extension: [{ url: ALTERNATE, valueCodeableConcept: concept }],
});

/** Throws HL7_BAD_TABLE_VALUE for a code that is none of the table. */
export const category: Datatype<string> = (value) => {
  const sent = value.text.trim().toUpperCase();
  return known('0127', sent, types[sent] !== undefined || sent === 'MC') ? categories[sent] : undefined;
};

function known(table: string, sent: string, isKnown: boolean): boolean {
  if (sent !== '' && !isKnown)
    throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: `a code of table ${table} is needed` });
  return true;
}

export const allergyType: Datatype<string> = (value) => types[value.text.trim().toUpperCase()];

/** The code as it was sent, because FHIR's categories are coarser. Stands beside `category`, so a category must be there. */
export const originalCategory: Convert = (field, context) => {
  const [value] = field.repetitions;
  const concept = value && categories[value.text.trim().toUpperCase()] && cwe('0127')(value, context);
  return concept ? [alternate(concept)] : undefined;
};

/** The field is how severe the allergy is in general (2.5.1 3.4.6.4), which is what criticality is. */
export const criticality: Convert = (field) => {
  const sent = field.text.trim().toUpperCase();
  return known('0128', sent, severities[sent] !== undefined || sent === 'U')
    ? criticalities[sent]
    : undefined;
};

export const originalCriticality: Convert = (field, context) => {
  if (!criticalities[field.text.trim().toUpperCase()]) return undefined;
  const concept = firstOf(field, cwe('0128'), context);
  return concept && alternate(concept);
};

/** Each repetition of the reaction is a manifestation; severity stands in field 4 of the segment. */
export const reactionOf =
  (manifestation: Datatype<CodeableConcept>): Convert =>
  (field, context, { segment }) => {
    const manifestations = field.repetitions.flatMap((value) => manifestation(value, context) ?? []);
    if (manifestations.length === 0) return undefined;
    const severity = severities[segment.field(4).text.trim().toUpperCase()];
    return [present({ manifestation: manifestations, severity })];
  };
