/** Canonicals of the code systems that codes are wanted in, and of those that say enough as they are. */
const SNOMED = 'http://snomed.info/sct';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const UCUM = 'http://unitsofmeasure.org';
const ICD10CM = 'http://hl7.org/fhir/sid/icd-10-cm';
const LOINC = 'http://loinc.org';
export const CVX = 'http://hl7.org/fhir/sid/cvx';
const CPT = 'http://www.ama-assn.org/go/cpt';
const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const ICD10PCS = 'http://www.cms.gov/Medicare/Coding/ICD10';

/** What is wanted of the codes of one element. */
export interface Wanted {
  /** In which code systems, best first. */
  readonly targets: readonly string[];
  /** Codes of these say enough, although they are not what is wanted first. */
  readonly enough: readonly string[];
  /** Of other systems only what is a sender's own is looked at: elsewhere the codes of HL7's tables and of FHIR are what belongs there. */
  readonly onlyLocal: boolean;
  /** A concept without a code is known by its text. */
  readonly byText: boolean;
  /** Its codes are of procedures. */
  readonly isProcedure: boolean;
  /** The same for the same targets. */
  readonly key: string;
}

const wanted = (targets: readonly string[], enough: readonly string[] = []): Wanted => ({
  ...{ targets, enough, key: targets.join(' ') },
  onlyLocal: false,
  byText: true,
  isProcedure: false,
});
const procedures = (targets: readonly string[], enough: readonly string[]): Wanted => ({
  ...wanted(targets, enough),
  isProcedure: true,
});

const problems = wanted([ICD10CM, SNOMED]);
const reasons = { ...problems, byText: false };
const drugs = wanted([RXNORM]);
const substances = wanted([RXNORM, SNOMED]);
const measures = wanted([LOINC], [SNOMED]);

/** By element; the systems are those that US Core 6.1 wants of it. */
const byElement: ReadonlyMap<string, Wanted> = new Map(
  Object.entries({
    'AllergyIntolerance.code': substances,
    'AllergyIntolerance.reaction.substance': substances,
    'AllergyIntolerance.reaction.manifestation': wanted([SNOMED]),
    'Appointment.reasonCode': reasons,
    'Condition.code': problems,
    'DiagnosticReport.code': measures,
    'DiagnosticReport.conclusionCode': reasons,
    'Encounter.reasonCode': reasons,
    'FamilyMemberHistory.condition.code': problems,
    'Immunization.vaccineCode': wanted([CVX]),
    'Medication.code': drugs,
    'Medication.ingredient.item[x]': drugs,
    'MedicationAdministration.medication[x]': drugs,
    'MedicationAdministration.reasonCode': reasons,
    'MedicationDispense.medication[x]': drugs,
    'MedicationRequest.medication[x]': drugs,
    'MedicationRequest.reasonCode': reasons,
    'MedicationStatement.medication[x]': drugs,
    'MedicationStatement.reasonCode': reasons,
    'Observation.code': measures,
    'Observation.component.code': measures,
    'Procedure.code': procedures([SNOMED], [CPT, HCPCS, ICD10PCS]),
    'Procedure.reasonCode': reasons,
    'ServiceRequest.code': procedures([LOINC, SNOMED], [CPT, HCPCS]),
    'ServiceRequest.reasonCode': reasons,
    'Substance.code': substances,
  }),
);

const others: Wanted = { ...wanted([SNOMED, LOINC]), onlyLocal: true, byText: false };

export const wantedOf = (element: string): Wanted => byElement.get(element) ?? others;

/** The same element with other targets, of all codes. */
export const wantedIn = (element: string, targets: readonly string[]): Wanted => ({
  ...wantedOf(element),
  ...{ targets, onlyLocal: false, key: targets.join(' ') },
});

/** A system that the sender made up, or that only they know. */
export const isLocal = (system: string): boolean =>
  /^urn:(?:isthmus:(?:codes|texts|units):|oid:)/.test(system);

/** The system of codes that their sender named none for. */
export const codesOf = (sender: string): string => `urn:isthmus:codes:${encodeURIComponent(sender)}`;
/** The system whose codes are texts of concepts without a code. */
export const textsOf = (sender: string): string => `urn:isthmus:texts:${encodeURIComponent(sender)}`;
/** The system of units as their sender spells them. */
export const unitsOf = (sender: string): string => `urn:isthmus:units:${encodeURIComponent(sender)}`;
export const isUnitSystem = (system: string): boolean => system.startsWith('urn:isthmus:units:');
