import type { Patient } from '@medplum/fhirtypes';
import { addressFeatures } from './addresses.ts';
import { birthDateOf } from './birth-date.ts';
import { emailsOf, phonesOf } from './contact.ts';
import { identifierFeatures } from './identifiers.ts';
import { contactNames, foldedFamily, nameFeatures } from './names.ts';
import type { FeatureOptions, Features } from './types.ts';

const MAIDEN_NAME = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName';

/**
 * What a source said of a patient, as FHIR Patient (R4) has it, normalised for matching. Never throws and is bounded whatever the resource
 * holds; the resource is not changed. Placeholder values are left out: they are missing, not agreeing.
 */
export function featuresOf(patient: Patient, options: FeatureOptions = {}): Features {
  const birthDate = birthDateOf(patient.birthDate, options);
  const telecom = patient.telecom ?? [];
  const mother = patient.extension?.find(({ url }) => url === MAIDEN_NAME)?.valueString;
  const mothersMaidenName = mother === undefined ? undefined : foldedFamily(mother, options);
  const sex = patient.gender === 'unknown' ? undefined : patient.gender;
  const multipleBirth = patient.multipleBirthInteger ?? patient.multipleBirthBoolean;
  const deceased = patient.deceasedBoolean ?? (patient.deceasedDateTime !== undefined ? true : undefined);
  return {
    ...nameFeatures(patient.name ?? [], options),
    ...(birthDate !== undefined && { birthDate }),
    ...(sex !== undefined && { sex }),
    identifiers: identifierFeatures(patient.identifier ?? [], options),
    addresses: addressFeatures(patient.address ?? [], options),
    phones: phonesOf(telecom, options),
    emails: emailsOf(telecom, options),
    ...(mothersMaidenName !== undefined && { mothersMaidenName }),
    contacts: contactNames(patient.contact ?? [], options),
    ...(multipleBirth !== undefined && { multipleBirth }),
    ...(deceased !== undefined && { deceased }),
  };
}
