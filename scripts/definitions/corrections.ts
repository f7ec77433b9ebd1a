import type { Published } from './source.ts';

/**
 * The package's definitions are not in every place HL7's of 4.0.1: it adds elements of its own and of later versions. Here they are led back;
 * tests/conformance compares the result with HL7's package, element by element.
 *
 * Left as they are, because HL7 corrected them likewise after 4.0.1: the expressions of app-4 ('no-show' is no code of the status), tim-9 (fails on several codes) and bdl-8 (says
 * nothing without a fullUrl).
 */

/** Elements that 4.0.1 does not have, with all below them. */
const NOT_OF_R4 = [
  'Binary.url',
  'DeviceDefinition.bodySite',
  'DeviceDefinition.classification',
  'EvidenceVariable.characteristic.definitionByCombination',
  'EvidenceVariable.characteristic.definitionByTypeAndValue',
  'EvidenceVariable.characteristic.definitionCanonical',
  'EvidenceVariable.characteristic.definitionCodeableConcept',
  'EvidenceVariable.characteristic.definitionExpression',
  'EvidenceVariable.characteristic.definitionId',
  'EvidenceVariable.characteristic.definitionReference',
  'EvidenceVariable.characteristic.duration[x]',
  'EvidenceVariable.characteristic.instances[x]',
  'EvidenceVariable.characteristic.linkId',
  'EvidenceVariable.characteristic.note',
  'EvidenceVariable.characteristic.timeFromEvent',
  'Meta.account',
  'Meta.accounts',
  'Meta.author',
  'Meta.compartment',
  'Meta.onBehalfOf',
  'Meta.project',
  'ObservationDefinition.publisher',
  'ResearchStudy.associatedParty',
  'ResearchStudy.classifier',
  'ResearchStudy.comparisonGroup',
  'ResearchStudy.descriptionSummary',
  'ResearchStudy.label',
  'ResearchStudy.name',
  'ResearchStudy.objective.description',
  'ResearchStudy.outcomeMeasure',
  'ResearchStudy.progressStatus',
  'ResearchStudy.recruitment',
  'ResearchStudy.region',
  'ResearchStudy.result',
  'ResearchStudy.studyDesign',
  'ResearchStudy.whyStopped',
];

/** An ElementDefinition as published. */
interface Element {
  readonly path: string;
  readonly [name: string]: unknown;
}

const CORE = 'http://hl7.org/fhir/StructureDefinition';
const references = (...types: string[]): object[] => [
  { code: 'Reference', targetProfile: types.map((type) => `${CORE}/${type}`) },
];
const ELE_1 = {
  key: 'ele-1',
  severity: 'error',
  expression: 'hasValue() or (children().count() > id.count())',
  source: `${CORE}/Element`,
};

/** What is said differently of an element. */
const CHANGED: Readonly<Record<string, object>> = {
  'AuditEvent.source.observer': {
    type: references(
      'PractitionerRole',
      'Practitioner',
      'Organization',
      'Device',
      'Patient',
      'RelatedPerson',
    ),
  },
  'Bundle.entry.response.outcome': { type: [{ code: 'Resource' }] },
  'DetectedIssue.status': {
    binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-status|4.0.1' },
  },
  'EvidenceVariable.characteristic': { min: 1, constraint: [ELE_1] },
  'EvidenceVariable.characteristic.description': { type: [{ code: 'string' }] },
  'MeasureReport.subject': {
    type: references(
      'Patient',
      'Practitioner',
      'PractitionerRole',
      'Location',
      'Device',
      'RelatedPerson',
      'Group',
    ),
  },
  'ResearchStudy.site': { type: references('Location') },
};

const missing = (name: string, max: string, type: readonly object[], more: object = {}): Element => {
  const path = `EvidenceVariable.characteristic.${name}`;
  return { id: path, path, min: 0, max, type, constraint: [ELE_1], ...more };
};

/** Elements that are left out, by the element they follow. */
const MISSING: Readonly<Record<string, readonly Element[]>> = {
  'EvidenceVariable.characteristic.description': [
    missing(
      'definition[x]',
      '1',
      [
        ...references('Group'),
        { code: 'canonical', targetProfile: [`${CORE}/ActivityDefinition`] },
        { code: 'CodeableConcept' },
        { code: 'Expression' },
        { code: 'DataRequirement' },
        { code: 'TriggerDefinition' },
      ],
      { min: 1, isSummary: true },
    ),
    missing('usageContext', '*', [{ code: 'UsageContext' }]),
  ],
  'EvidenceVariable.characteristic.exclude': [
    missing('participantEffective[x]', '1', [
      { code: 'dateTime' },
      { code: 'Period' },
      { code: 'Duration' },
      { code: 'Timing' },
    ]),
    missing('timeFromStart', '1', [{ code: 'Duration' }]),
    missing('groupMeasure', '1', [{ code: 'code' }], {
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/group-measure|4.0.1' },
    }),
  ],
};

/** The definition as HL7 publishes it. */
export function corrected(definition: Published): Published {
  const { element } = definition.snapshot as { readonly element: readonly Element[] };
  const kept = element.filter(({ path }) => !NOT_OF_R4.some((other) => `${path}.`.startsWith(`${other}.`)));
  const whole = kept.flatMap((one) => [{ ...one, ...CHANGED[one.path] }, ...(MISSING[one.path] ?? [])]);
  return { ...definition, snapshot: { element: whole } };
}

const SEARCH_PARAMETER = 'http://hl7.org/fhir/SearchParameter';

/** Search parameters that 4.0.1 does not have. */
const PARAMETERS_NOT_OF_R4: readonly (string | undefined)[] = [
  `${SEARCH_PARAMETER}/DetectedIssue-status`,
  `${SEARCH_PARAMETER}/DeviceDefinition-classification`,
  `${SEARCH_PARAMETER}/ServiceRequest-order-detail`,
];

const CHANGED_TARGETS = new Map<string | undefined, readonly string[]>([
  [`${SEARCH_PARAMETER}/clinical-patient`, ['Group', 'Patient']],
  [
    `${SEARCH_PARAMETER}/MeasureReport-subject`,
    ['Practitioner', 'Group', 'Device', 'Patient', 'PractitionerRole', 'RelatedPerson', 'Location'],
  ],
]);

/** The search parameters as HL7 publishes them. */
export function correctedParameters(parameters: readonly Published[]): Published[] {
  return parameters
    .filter(({ url }) => !PARAMETERS_NOT_OF_R4.includes(url))
    .map((parameter) => {
      const target = CHANGED_TARGETS.get(parameter.url);
      return target ? { ...parameter, target } : parameter;
    });
}
