import type { TokenValue } from '../../standards/fhir-search/index.ts';
import { indexable, storable } from './text.ts';

/**
 * What an entry of the columns `tokens` and `refs` looks like, and the values of the side tables. The writer makes entries from what a
 * resource holds, the search from what is asked; both only here, so that they can't disagree.
 *
 *     code=2345-7                          a token with a system, whichever it is
 *     code|http://loinc.org|2345-7         a token with its system
 *     code@http://loinc.org                some token of the system
 *     code||2345-7                         a token without a system
 *     identifier:of-type|sys|MR|12345      Identifier.type and value
 *     subject:identifier|sys|12345         Reference.identifier, in every form of a token
 *     pairs$|sys|a$=b                      a composite of two tokens: one form of each
 *     relationship$=replaces$Type/id       a composite of a token and a reference
 *     subject|Patient/1                    a reference to a resource here (column refs)
 *     profile|http://example.org/x|1.0     any other reference, and canonicals with and without version (column refs)
 *
 * Parameter names hold none of `=|@$:`, so where a name ends is certain; within an entry the parts that are not last are escaped.
 * Codes are compared without case (R4 search.html#token: in doubt a server should), identifiers with it: who is taken for whom may hang
 * on them. `_source`, `_id` and `_lastUpdated` have no entries: they follow from columns.
 */

const escaped = (part: string): string =>
  part.includes('|') || part.includes('$') || part.includes('\\') ? part.replace(/[\\|$]/g, '\\$&') : part;

const IDENTIFIER = /(?:^|[-:])identifier$/;
const caseKept = new Map<string, boolean>();

/** Names of parameters come from the definitions, so this stays small. */
function keepsCase(param: string): boolean {
  let kept = caseKept.get(param);
  if (kept === undefined) {
    kept = IDENTIFIER.test(param);
    caseKept.set(param, kept);
  }
  return kept;
}

const codeOf = (param: string, code: string): string => (keepsCase(param) ? code : code.toLowerCase());

/** Every entry that a token is stored under. */
export function tokenEntries(param: string, token: { system?: string; code?: string }): string[] {
  return tokenForms(param, token).map((form) => indexable(param + form));
}

/** A token's forms without the parameter's name: for pairs, and with `keyEntry` for the column `key` of the side tables. */
export function tokenForms(
  param: string,
  { system, code }: { readonly system?: string; readonly code?: string },
): string[] {
  if (code === undefined) return system ? [`@${system}`] : [];
  const known = codeOf(param, code);
  return system ? [`=${known}`, `|${escaped(system)}|${known}`, `@${system}`] : [`||${known}`];
}

/** The entries of which one is there when the resource has the token that is asked for: `code`, `system|code`, `|code` or `system|`. */
export function tokenLookups(param: string, asked: TokenValue): string[] {
  return askedForms(param, asked).map((form) => indexable(param + form));
}

/** The same without the parameter's name: for pairs, and with `keyEntry` for what to look for in the column `key`. */
export function askedForms(param: string, { system, code }: TokenValue): string[] {
  if (code === undefined) return system ? [`@${system}`] : [];
  const known = codeOf(param, code);
  if (system === undefined) return [`=${known}`, `||${known}`];
  return system === null || system === '' ? [`||${known}`] : [`|${escaped(system)}|${known}`];
}

export interface TypedIdentifier {
  readonly system?: string;
  readonly code: string;
  readonly value: string;
}

/** Stored with and without the type's system; asked for with `system|code|value` or `code|value`. */
export function typedIdentifierEntries(param: string, { system, code, value }: TypedIdentifier): string[] {
  const any = typedIdentifierLookup(param, { code, value });
  return system ? [any, typedIdentifierLookup(param, { system, code, value })] : [any];
}

export const typedIdentifierLookup = (param: string, { system = '', code, value }: TypedIdentifier): string =>
  indexable(`${param}:of-type|${escaped(system)}|${escaped(code)}|${value}`);

/** The parameter's name under which the tokens of Reference.identifier are stored (`:identifier`). */
export const ofReferenceIdentifier = (param: string): string => `${param}:identifier`;

/** What the column `key` of a side table holds for a form of a token, and what a form of `askedForms` is looked for with. */
export const keyEntry = (form: string): string => indexable(form);

/** One form of a token against one form of another, or against `Type/id`, a url, or a folded string. */
export const pairEntry = (param: string, form: string, other: string): string =>
  indexable(`${param}$${escapePair(form)}$${other}`);

const escapePair = (form: string): string => (form.includes('$') ? form.replaceAll('$', '\\$') : form);

export const referenceEntry = (param: string, reference: string): string =>
  indexable(`${param}|${reference}`);

/** A canonical is found with its version and without (references.html#canonical). */
export function urlEntries(param: string, url: string): string[] {
  const bar = url.indexOf('|');
  const whole = referenceEntry(param, url);
  return bar <= 0 ? [whole] : [whole, referenceEntry(param, url.slice(0, bar))];
}

/** Letters that decomposition leaves as they are. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};
const OTHER_LETTERS = /[ßæœøłđðþı]/g;
const PLAIN = /^[\x20-\x7e]*$/;

const SPACES = /^\s|\s$|\s\s|[^\S ]/;

/** A string without case, accents and surplus white space (search.html#string), for storing and for asking alike. */
function fold(text: string): string {
  const folded = PLAIN.test(text)
    ? text.toLowerCase()
    : storable(text)
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .replace(OTHER_LETTERS, (letter) => LETTERS[letter] ?? letter);
  return SPACES.test(folded) ? folded.replace(/\s+/g, ' ').trim() : folded;
}

/** `resource_string.value` holds this much, because an entry of an index is bounded; `exact` holds the whole. */
const MAX_FOLDED = 500;

/** What `resource_string.value` holds for a string, and what a search compares it with. */
export const foldedKey = (text: string): string => fold(text).slice(0, MAX_FOLDED);

/** What `resource_string.value` holds for a uri: as it is. */
export const uriKey = (uri: string): string => storable(uri).slice(0, MAX_FOLDED);

/** A line of the column `texts`: lines are parted by line breaks, with one before the first and after the last. */
export const textLine = (param: string, text: string): string => `${param}=${fold(text)}`;

/**
 * The search parameter whose dates lie in `date_from` and `date_to` of the row itself instead of `resource_date`. All of them have one
 * value; of a Timing its outer limits, which are what a search looks at (search.html#date).
 */
const MAIN_DATES: Readonly<Record<string, readonly string[]>> = {
  date: [
    'AdverseEvent',
    'AllergyIntolerance',
    'Appointment',
    'AuditEvent',
    'CarePlan',
    'CareTeam',
    'ClinicalImpression',
    'Composition',
    'Consent',
    'DiagnosticReport',
    'DocumentReference',
    'Encounter',
    'EpisodeOfCare',
    'FamilyMemberHistory',
    'Flag',
    'Immunization',
    'ImmunizationEvaluation',
    'ImmunizationRecommendation',
    'Invoice',
    'List',
    'MeasureReport',
    'Observation',
    'PractitionerRole',
    'Procedure',
    'ResearchStudy',
    'ResearchSubject',
    'RiskAssessment',
    'Schedule',
    'SupplyRequest',
  ],
  created: [
    'Claim',
    'ClaimResponse',
    'CoverageEligibilityRequest',
    'CoverageEligibilityResponse',
    'DocumentManifest',
    'ExplanationOfBenefit',
    'Media',
    'PaymentNotice',
    'PaymentReconciliation',
  ],
  authored: ['QuestionnaireResponse', 'RequestGroup', 'ServiceRequest'],
  'authored-on': ['DeviceRequest', 'Task'],
  authoredon: ['MedicationRequest'],
  birthdate: ['Patient', 'Person', 'RelatedPerson'],
  collected: ['Specimen'],
  datetime: ['NutritionOrder'],
  datewritten: ['VisionPrescription'],
  effective: ['MedicationStatement'],
  'effective-time': ['MedicationAdministration'],
  identified: ['DetectedIssue'],
  issued: ['Contract', 'TestReport'],
  occurrence: ['ChargeItem'],
  period: ['Account'],
  recorded: ['Provenance'],
  'recorded-date': ['Condition'],
  sent: ['Communication'],
  start: ['Slot'],
  'start-date': ['Goal'],
  started: ['ImagingStudy'],
  whenhandedover: ['MedicationDispense'],
};

const mainDates: ReadonlyMap<string, string> = new Map(
  Object.entries(MAIN_DATES).flatMap(([param, types]) => types.map((type) => [type, param] as const)),
);

/** Undefined for a type whose dates are all in `resource_date`. */
export const mainDateOf = (type: string): string | undefined => mainDates.get(type);

/** Types that belong to no patient: a patient's scope sees them all. What is neither here nor in the compartment does not exist for it. */
export const SHARED_TYPES: readonly string[] = [
  'ActivityDefinition',
  'CapabilityStatement',
  'CatalogEntry',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'DeviceDefinition',
  'Endpoint',
  'GraphDefinition',
  'HealthcareService',
  'ImplementationGuide',
  'InsurancePlan',
  'Location',
  'Medication',
  'MedicationKnowledge',
  'NamingSystem',
  'OperationDefinition',
  'Organization',
  'OrganizationAffiliation',
  'PlanDefinition',
  'Practitioner',
  'PractitionerRole',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'StructureMap',
  'Substance',
  'ValueSet',
];
const shared: ReadonlySet<string> = new Set(SHARED_TYPES);
export const isShared = (type: string): boolean => shared.has(type);
