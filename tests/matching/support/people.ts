import type { Patient } from '@medplum/fhirtypes';
import {
  type Comparison,
  compare,
  defaultModel,
  featuresOf,
  type Model,
} from '../../../src/clinical/matching/index.ts';

/** An ordinary registration; tests change what they are about. */
export function patient(more: Partial<Patient> = {}): Patient {
  return {
    resourceType: 'Patient',
    name: [{ use: 'official', family: 'Harkness', given: ['Madison', 'Rose'] }],
    birthDate: '1984-03-27',
    gender: 'female',
    telecom: [{ system: 'phone', value: '(518) 555-7341' }],
    address: [{ line: ['14 Orchard Street'], city: 'Ashford', state: 'NY', postalCode: '12074' }],
    ...more,
  };
}

export const named = (given: string, family = 'Harkness'): Partial<Patient> => ({
  name: [{ family, given: given === '' ? [] : [given] }],
});

export const numbered = (code: string, system: string, value: string): Partial<Patient> => ({
  identifier: [
    { system, value, type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] } },
  ],
});

export const ssn = (value: string): Partial<Patient> =>
  numbered('SS', 'http://hl7.org/fhir/sid/us-ssn', value);

/** Two registrations that differ from the ordinary one as said. */
export function pair(a: Partial<Patient>, b: Partial<Patient>, model: Model = defaultModel): Comparison {
  return compare(featuresOf(patient(a)), featuresOf(patient(b)), model);
}

export const levelOf = (comparison: Comparison, field: string): string | undefined =>
  comparison.fields.find((each) => each.field === field)?.level;
