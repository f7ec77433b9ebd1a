import type { Address, CodeableConcept, Extension, Identifier } from '@medplum/fhirtypes';
import { toFhirDate } from '../../../standards/hl7v2/index.ts';
import { allOf, type Datatype, firstOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { readDateTime } from '../datatypes/dtm.ts';
import { xad } from '../datatypes/xad.ts';
import type { Convert } from '../segment-map.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
export const CITIZENSHIP = `${FHIR}/patient-citizenship`;
export const NATIONALITY = `${FHIR}/patient-nationality`;
export const ANIMAL = `${FHIR}/patient-animal`;
/** US Core 6.1; the guide takes patient-citizenship for PID-39 as well, where the one would replace the other. */
export const TRIBE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-tribal-affiliation';

/** CWE as the value of an extension of that URL. */
export const conceptExtension =
  (url: string, table?: string): Datatype<Extension> =>
  (value, context) => {
    const concept = cwe(table)(value, context);
    return concept && { url, valueCodeableConcept: concept };
  };

/** CWE as the part `name` of an extension of that URL. */
export const conceptPart =
  (url: string, name: string, table?: string): Datatype<Extension> =>
  (value, context) => {
    const concept = cwe(table)(value, context);
    return concept && { url, extension: [{ url: name, valueCodeableConcept: concept }] };
  };

/** PID-35 species, with PID-36 breed. */
export const animal: Convert = (field, context, { segment }) => {
  const parts: [string, CodeableConcept | undefined][] = [
    ['species', firstOf(field, cwe(), context)],
    ['breed', firstOf(segment.field(36), cwe(), context)],
  ];
  const extension = parts.flatMap(([url, concept]) =>
    concept ? [{ url, valueCodeableConcept: concept }] : [],
  );
  return extension.length > 0 ? [{ url: ANIMAL, extension }] : undefined;
};

/** PID-11; PID-12, the county of before 2.4, completes a single address that names none, and is one of its own beside others (guide). */
export const addresses: Convert = (field, context, { segment, place }) => {
  const found: Address[] = allOf(field, xad, { context, place });
  const [only] = found;
  const county = segment.field(12).text.trim();
  if (county === '' || found.some(({ district }) => district === county))
    return found.length > 0 ? found : undefined;
  if (found.length === 1 && only && only.district === undefined) return [{ ...only, district: county }];
  return [...found, { district: county }];
};

/** PID-12 where PID-11 is empty. */
export const countyAlone: Convert = (field, _context, { segment }) => {
  const county = field.text.trim();
  return county === '' || segment.field(11).state !== 'empty' ? undefined : [{ district: county }];
};

/** PID-20 (DLN): DLN-1 number, DLN-2 who gave it, DLN-3 until when. */
export const driversLicense: Datatype<Identifier> = (value, context) => {
  const number = value.component(1).trim();
  if (number === '') return undefined;
  const issuer = value.component(2).trim();
  const expires = readDateTime(value, context, 3);
  const until = expires && toFhirDate(expires);
  return {
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'DL' }] },
    ...(issuer === '' ? {} : { system: licenseSystem(issuer) }),
    value: number,
    ...(until === undefined ? {} : { period: { end: until } }),
  };
};

/** Two states may give the same number. */
const licenseSystem = (issuer: string): string => `urn:isthmus:drivers-license:${encodeURIComponent(issuer)}`;
