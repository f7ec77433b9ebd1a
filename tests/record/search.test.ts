import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../src/clinical/record/index.ts';
import { ids, openWorld, search, type World } from './world.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';

const patients: Json[] = [
  {
    resourceType: 'Patient',
    id: 'ann',
    active: true,
    gender: 'female',
    birthDate: '1980-02-03',
    name: [{ family: 'Müller-Strauß', given: ['Ann', 'Maria'] }],
    identifier: [
      { system: 'urn:mrn', value: 'M-1', type: { coding: [{ system: 'urn:t', code: 'MR' }] } },
      { system: 'urn:ssn', value: 'M-2' },
    ],
    managingOrganization: { reference: 'Organization/north' },
    generalPractitioner: [{ reference: 'Practitioner/drew' }],
  },
  {
    resourceType: 'Patient',
    id: 'bob',
    gender: 'male',
    birthDate: '1975',
    name: [{ family: 'Smith', given: ['Bob'] }],
    identifier: [{ value: 'M-1' }],
    deceasedBoolean: false,
  },
  {
    resourceType: 'Patient',
    id: 'cat',
    name: [{ family: 'Smithers_100%', given: ['Cat'] }],
    birthDate: '1980-02',
  },
];

const observation = (id: string, patient: string, rest: object): Json => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject: { reference: `Patient/${patient}` },
  ...rest,
});
const coded = (code: string, display?: string) => ({
  coding: [{ system: LOINC, code, ...(display ? { display } : {}) }],
});
const quantity = (value: number, unit = 'mg/dL', code = unit) => ({ value, unit, system: UCUM, code });

const observations: Json[] = [
  observation('glucose', 'ann', {
    code: coded('2345-7', 'Glucose in serum'),
    category: [{ coding: [{ system: 'urn:cat', code: 'laboratory' }] }],
    effectiveDateTime: '2026-01-10',
    valueQuantity: quantity(100),
    encounter: { reference: 'Encounter/visit' },
  }),
  observation('pressure', 'ann', {
    code: coded('85354-9'),
    category: [{ coding: [{ system: 'urn:cat', code: 'vital-signs' }] }],
    effectivePeriod: { start: '2026-01-10T08:00:00Z', end: '2026-01-12T09:00:00Z' },
    component: [
      { code: coded('8480-6'), valueQuantity: quantity(150, 'mmHg', 'mm[Hg]') },
      { code: coded('8462-4'), valueQuantity: quantity(90, 'mmHg', 'mm[Hg]') },
    ],
  }),
  observation('open', 'bob', {
    code: { text: 'Blood group' },
    effectivePeriod: { start: '2026-02-01' },
    valueCodeableConcept: { coding: [{ code: 'A' }] },
  }),
  observation('bare', 'bob', {
    status: 'preliminary',
    code: coded('2345-7'),
    valueQuantity: { value: 5.4, unit: 'mmol' },
  }),
];

const others: Json[] = [
  { resourceType: 'Organization', id: 'north', name: 'North' },
  { resourceType: 'Practitioner', id: 'drew', name: [{ family: 'Drew' }] },
  {
    resourceType: 'Encounter',
    id: 'visit',
    status: 'finished',
    class: { system: 'urn:class', code: 'AMB' },
    subject: { reference: 'Patient/ann' },
    period: { start: '2026-01-10T07:30:00Z', end: '2026-01-10T08:30:00Z' },
    serviceProvider: { reference: 'Organization/north' },
  },
  {
    resourceType: 'Provenance',
    id: 'origin',
    recorded: '2026-01-10T08:00:00Z',
    target: [{ reference: 'Observation/glucose' }, { reference: 'Patient/ann' }],
    agent: [{ who: { identifier: { system: 'urn:staff', value: '77' } } }],
  },
  { resourceType: 'ValueSet', id: 'colours', status: 'active', url: 'http://example.org/sets/colours' },
  { resourceType: 'ValueSet', id: 'red', status: 'active', url: 'http://example.org/sets/colours/red' },
  {
    resourceType: 'Condition',
    id: 'asthma',
    subject: { reference: 'Patient/ann' },
    code: coded('195967001'),
    onsetDateTime: '2020-05',
    recordedDate: '2021-01-01',
  },
  {
    resourceType: 'RiskAssessment',
    id: 'risk',
    status: 'final',
    subject: { reference: 'Patient/ann' },
    prediction: [{ probabilityDecimal: 0.8 }],
  },
];

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.put(...others, ...patients, ...observations);
});
afterAll(() => world.db.drop());

/** Rule, search, ids of the matches in no order. */
const table: [string, string, string[]][] = [
  ['S40 type alone', 'Patient', ['ann', 'bob', 'cat']],
  ['S40 ids', 'Patient?_id=ann,cat,nobody', ['ann', 'cat']],
  ['S41 code of any system', 'Observation?code=2345-7', ['glucose', 'bare']],
  ['S41 code of a system', `Observation?code=${LOINC}|2345-7`, ['glucose', 'bare']],
  ['S41 code of another system', 'Observation?code=urn:x|2345-7', []],
  ['S41 any code of a system', `Observation?code=${LOINC}|`, ['glucose', 'pressure', 'bare']],
  ['S41 identifier without a system', 'Patient?identifier=|M-1', ['bob']],
  ['S41 identifier in any', 'Patient?identifier=M-1', ['ann', 'bob']],
  ['S41 alternatives and repeats', 'Patient?identifier=M-1&identifier=M-2,M-9', ['ann']],
  ['S41 not, without a value too', 'Patient?gender:not=female', ['bob', 'cat']],
  ['S41 a boolean', 'Patient?active=true', ['ann']],
  ['S41 typed identifier', 'Patient?identifier:of-type=urn:t|MR|M-1', ['ann']],
  ['S41 typed identifier of another value', 'Patient?identifier:of-type=urn:t|MR|M-2', []],
  ['S41 text of a code', 'Observation?code:text=blood', ['open']],
  ['S41 display of a code', 'Observation?code:text=glucose', ['glucose']],
  ['S41 missing', 'Patient?gender:missing=true', ['cat']],
  ['S41 not missing', 'Patient?gender:missing=false', ['ann', 'bob']],
  ['S41 missing main date', 'Observation?date:missing=true', ['bare']],
  ['S46 string, folded', 'Patient?family=MULLER-strauss', ['ann']],
  ['S46 string from the beginning', 'Patient?name=smith', ['bob', 'cat']],
  ['S46 exact', 'Patient?family:exact=Smith', ['bob']],
  ['S46 exact, in another case', 'Patient?family:exact=smith', []],
  ['S46 contains', 'Patient?family:contains=strau', ['ann']],
  ['S46 no wildcards: percent', 'Patient?family:contains=0%25', ['cat']],
  ['S46 no wildcards: percent alone', 'Patient?family=%25', []],
  ['S46 no wildcards: underscore', 'Patient?family=s_ith', []],
  ['S46 uri', 'ValueSet?url=http://example.org/sets/colours', ['colours']],
  ['S46 below', 'ValueSet?url:below=http://example.org/sets/colours', ['colours', 'red']],
  ['S46 below is no prefix of a name', 'ValueSet?url:below=http://example.org/sets/col', []],
  ['S46 above', 'ValueSet?url:above=http://example.org/sets/colours/red/dark', ['colours', 'red']],
  ['S42 patient by id', 'Observation?patient=ann', ['glucose', 'pressure']],
  ['S42 patient typed', 'Observation?subject=Patient/bob', ['open', 'bare']],
  ['S42 subject untyped', 'Observation?subject=bob', ['open', 'bare']],
  ['S42 nobody', 'Observation?patient=nobody', []],
  ['S42 other types', 'Observation?encounter=Encounter/visit', ['glucose']],
  ['S42 identifier of a reference', 'Provenance?agent:identifier=urn:staff|77', ['origin']],
  ['S42 several', 'Observation?patient=ann,bob&code=2345-7', ['glucose', 'bare']],
  ['S44 quantity within its precision', 'Observation?value-quantity=100', ['glucose']],
  ['S44 quantity, another precision', 'Observation?value-quantity=1e2', ['glucose']],
  ['S44 quantity beside', 'Observation?value-quantity=101', []],
  ['S44 ge', 'Observation?value-quantity=ge100', ['glucose']],
  ['S44 gt', 'Observation?value-quantity=gt100', []],
  ['S44 ne', 'Observation?value-quantity=ne100', ['bare']],
  ['S44 ap', 'Observation?value-quantity=ap95', ['glucose']],
  ['S45 with system and code', `Observation?value-quantity=100|${UCUM}|mg/dL`, ['glucose']],
  ['S45 with another code', `Observation?value-quantity=100|${UCUM}|g/dL`, []],
  ['S45 unit as written', 'Observation?value-quantity=5.4||mmol', ['bare']],
  ['S44 number', 'RiskAssessment?probability=gt0.7', ['risk']],
  [
    'S47 components in one element',
    `Observation?component-code-value-quantity=${LOINC}|8480-6$gt100`,
    ['pressure'],
  ],
  ['S47 components of two elements', `Observation?component-code-value-quantity=${LOINC}|8462-4$gt100`, []],
  ['S47 by code alone', 'Observation?component-code-value-quantity=8480-6$150||mmHg', ['pressure']],
  ['S47 combo code', 'Observation?combo-code=8480-6,2345-7', ['glucose', 'pressure', 'bare']],
  ['S47 code and value', `Observation?code-value-quantity=${LOINC}|2345-7$lt50`, ['bare']],
  ['S43 a date beside the main one', 'Condition?onset-date=2020', ['asthma']],
  ['S43 main date', 'Condition?recorded-date=ge2021&recorded-date=lt2022', ['asthma']],
  ['S49 chain', 'Observation?subject:Patient.name=ann', ['glucose', 'pressure']],
  ['S49 chain by patient', 'Observation?patient.identifier=urn:mrn|M-1', ['glucose', 'pressure']],
  [
    'S49 chain of two',
    'Observation?encounter:Encounter.service-provider:Organization.name=north',
    ['glucose'],
  ],
  ['S49 chain to nothing', 'Observation?encounter:Encounter.service-provider:Organization.name=south', []],
  ['S49 has', 'Patient?_has:Observation:patient:code=2345-7', ['ann', 'bob']],
  [
    'S49 has, of has',
    'Organization?_has:Patient:organization:_has:Observation:patient:code=85354-9',
    ['north'],
  ],
  ['S49 has of an id', 'Practitioner?_has:Patient:general-practitioner:_id=ann', ['drew']],
];

describe('matches', () => {
  test.each(table)('[%s] %s', async (_rule, text, expected) => {
    expect((await ids(world.all, text)).sort()).toEqual([...expected].sort());
  });
});

/** glucose: [10 Jan, 11 Jan); pressure: 10 Jan 08:00 to 12 Jan 09:00:01; open: from 1 Feb; bare: none. */
const dates: [string, string[]][] = [
  ['2026-01-10', ['glucose']],
  ['2026-01', ['glucose', 'pressure']],
  ['ne2026-01-10', ['pressure', 'open']],
  ['gt2026-01-10', ['pressure', 'open']],
  ['lt2026-01-10', []],
  ['lt2026-01-10T09:00:00Z', ['glucose', 'pressure']],
  ['ge2026-01-10', ['glucose', 'pressure', 'open']],
  ['ge2026-01-12', ['open']],
  ['ge2026-01-11', ['pressure', 'open']],
  ['le2026-01-10', ['glucose']],
  ['le2026-01-11', ['glucose', 'pressure']],
  ['sa2026-01-09', ['glucose', 'pressure', 'open']],
  ['sa2026-01-10', ['open']],
  ['eb2026-01-12', ['glucose']],
  ['eb2026-02', ['glucose', 'pressure']],
  ['gt2030', ['open']],
  ['2026-01-10,gt2030', ['glucose', 'open']],
];

describe('dates', () => {
  test.each(dates)('[S43] %s', async (value, expected) => {
    expect((await ids(world.all, `Observation?date=${value}`)).sort()).toEqual([...expected].sort());
  });

  test('[S43] _lastUpdated is when the server took it', async () => {
    const [found] = (await search(world.all, 'Patient?_id=ann')).matches;
    const instant = found?.lastUpdated.toISOString();
    expect(await ids(world.all, `Patient?_id=ann&_lastUpdated=${instant}`)).toEqual(['ann']);
    expect(await ids(world.all, `Patient?_id=ann&_lastUpdated=gt${instant}`)).toEqual([]);
  });
});
