type Synthetic = Readonly<Record<string, unknown>> & { readonly resourceType: string };

const concept = (system: string, code: string, text?: string) => ({
  coding: [{ system, code, display: `${code} shown` }],
  ...(text ? { text } : {}),
});

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core';
const usCore = (name: string, extension: readonly object[]) => ({ url: `${US_CORE}-${name}`, extension });

/** Synthetic resources that between them use every kind of element a parameter is read from. */
export const resources: readonly Synthetic[] = [
  {
    resourceType: 'Patient',
    id: 'p',
    meta: { profile: ['http://example.org/patient|2.0'], tag: [{ system: 'urn:t', code: 'test' }] },
    active: true,
    extension: [
      usCore('race', [
        { url: 'ombCategory', valueCoding: { system: 'urn:cdcrec', code: '2106-3', display: 'shown' } },
        { url: 'detailed', valueCoding: { system: 'urn:cdcrec', code: '2108-9' } },
        { url: 'text', valueString: 'text of race' },
      ]),
      usCore('ethnicity', [{ url: 'ombCategory', valueCoding: { system: 'urn:cdcrec', code: '2186-5' } }]),
      { url: `${US_CORE}-genderIdentity`, valueCodeableConcept: concept('urn:gi', 'x', 'identity') },
      { url: 'http://example.org/race', extension: [{ url: 'a', valueCoding: { code: 'not-race' } }] },
    ],
    identifier: [
      { type: concept('urn:v2-0203', 'MR', 'record'), system: 'urn:mrn', value: '17' },
      { value: 'bare' },
    ],
    name: [{ family: 'Test', given: ['Ann', 'Bea'], prefix: ['Dr'], suffix: ['Jr'], text: 'Ann Test' }],
    telecom: [
      { system: 'email', value: 'a@example.org' },
      { system: 'phone', value: '+1 555' },
    ],
    gender: 'other',
    birthDate: '1970-03',
    deceasedDateTime: '2020-01-01T10:00:00+02:00',
    address: [
      {
        use: 'home',
        line: ['1 Main'],
        city: 'Ames',
        district: 'D',
        state: 'IA',
        postalCode: '5',
        country: 'US',
        text: 'home',
      },
    ],
    communication: [{ language: { coding: [{ code: 'en' }, { code: 'fr', display: 'French' }] } }],
    generalPractitioner: [{ reference: 'Practitioner/1/_history/2' }, { identifier: { value: 'npi' } }],
    link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }],
  },
  {
    resourceType: 'Observation',
    status: 'final',
    category: [concept('urn:c', 'vital-signs'), { text: 'free' }],
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }, { code: 'bp' }], text: 'pressure' },
    subject: { reference: 'Patient/p' },
    performer: [{ reference: 'Patient/p' }, { reference: 'https://elsewhere/fhir/Practitioner/1' }],
    focus: [{ reference: '#inner' }],
    effectivePeriod: { start: '2020-01-01T10:00Z' },
    component: [
      {
        code: concept('http://loinc.org', '8480-6'),
        valueQuantity: { value: 120.5, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
      { code: concept('http://loinc.org', '8462-4'), valueQuantity: { value: 80, comparator: '<' } },
      { code: concept('http://loinc.org', 'x'), valueCodeableConcept: concept('urn:v', 'high', 'High') },
      { code: concept('http://loinc.org', 'y'), dataAbsentReason: concept('urn:d', 'unknown') },
    ],
  },
  {
    resourceType: 'Observation',
    status: 'amended',
    code: { text: 'only text' },
    subject: { type: 'Patient', identifier: { system: 'urn:mrn', value: '17' } },
    effectiveTiming: {
      event: ['2020-02-01', '2019-12-31'],
      repeat: { boundsPeriod: { start: '2019-01', end: '2021' } },
    },
    valueCodeableConcept: { coding: [{ system: 'urn:v', code: 'pos' }], text: 'positive' },
  },
  {
    resourceType: 'Condition',
    clinicalStatus: concept('urn:s', 'active'),
    code: concept('http://snomed.info/sct', '1'),
    subject: { reference: 'Group/g' },
    encounter: { reference: 'urn:uuid:8a6c7c1e-6a65-4a4f-9f2a-000000000001' },
    onsetRange: { low: { value: 5, unit: 'a' }, high: { value: 7.5, unit: 'a' } },
    abatementString: 'when better',
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate',
        valueDateTime: '2019-03-04T05:06:07Z',
      },
      { url: 'http://example.org/other', valueDateTime: '1999' },
    ],
    recordedDate: '2020',
  },
  {
    resourceType: 'ActivityDefinition',
    status: 'draft',
    url: 'http://example.org/activity',
    version: '1',
    description: 'some *markdown*',
    effectivePeriod: { end: '2021-06' },
    useContext: [
      { code: { system: 'urn:u', code: 'age' }, valueRange: { low: { value: 18, code: 'a' } } },
      { code: { system: 'urn:u', code: 'focus' }, valueCodeableConcept: concept('urn:f', 'f1') },
      { code: { system: 'urn:u', code: 'dose' }, valueQuantity: { value: 0.5, unit: 'g' } },
    ],
    relatedArtifact: [
      { type: 'depends-on', resource: 'http://example.org/library|3' },
      { type: 'predecessor', resource: 'http://example.org/activity|0' },
    ],
    library: ['http://example.org/library'],
  },
  {
    resourceType: 'DocumentReference',
    status: 'current',
    subject: { reference: 'Patient/p' },
    date: '2020-05-05T01:02:03.456Z',
    relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }],
    securityLabel: [concept('urn:l', 'R')],
    content: [
      { attachment: { contentType: 'text/plain', url: 'http://example.org/d' }, format: { code: 'f' } },
    ],
  },
  {
    resourceType: 'Appointment',
    status: 'booked',
    start: '2026-01-01T10:00:00+01:00',
    participant: [
      { actor: { reference: 'Patient/p' }, status: 'accepted' },
      { actor: { reference: 'http://a/fhir/Practitioner/1/_history/3' }, status: 'needs-action' },
      { actor: { reference: 'Location/1' }, status: 'accepted' },
    ],
  },
  {
    resourceType: 'RiskAssessment',
    status: 'final',
    subject: { reference: 'Patient/p' },
    occurrenceDateTime: '2020-01-01',
    prediction: [
      { probabilityDecimal: 0.25 },
      { probabilityRange: { high: { value: 0.5 } }, qualitativeRisk: concept('urn:r', 'low') },
    ],
  },
  {
    resourceType: 'Group',
    type: 'person',
    actual: true,
    characteristic: [
      { code: concept('urn:c', 'gender'), valueCodeableConcept: concept('urn:g', 'mixed'), exclude: false },
      { code: concept('urn:c', 'owner'), valueBoolean: true, exclude: true },
      { code: concept('urn:c', 'of'), valueReference: { reference: 'Organization/1' }, exclude: false },
    ],
    member: [{ entity: { reference: 'Patient/p' } }],
  },
  {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:b', value: '1' },
    timestamp: '2020-01-01T00:00:00Z',
    entry: [
      { resource: { resourceType: 'Composition', id: 'c' } },
      { resource: { resourceType: 'Patient', id: 'p' } },
    ],
  },
];
