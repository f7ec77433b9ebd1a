import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact, resourceTypes, structure } from '../../src/standards/fhir/index.ts';
import {
  compartmentPatients,
  type IndexedValue,
  referencesOf,
  type SearchValue,
  valuesOf,
} from '../../src/standards/fhir-search/index.ts';
import { differences } from './support/oracle.ts';
import { resources } from './support/resources.ts';

const of = (resource: Record<string, unknown>, param: string): SearchValue[] =>
  valuesOf(resource)
    .filter((one) => one.param === param)
    .map(({ value }) => value);

describe('[S1] values stand where the published expressions find them', () => {
  test.each(resources.map((resource) => [resource.resourceType, resource] as const))(
    '%s',
    (_type, resource) => {
      const values = valuesOf(resource);
      expect(values.length).toBeGreaterThan(3);
      expect(differences(resource, values)).toEqual([]);
    },
  );

  test("US Core's parameters are read from extensions, tokens with their system", () => {
    const [patient, condition] = ['Patient', 'Condition'].map((type) =>
      resources.find(({ resourceType }) => resourceType === type),
    );
    expect(of(patient ?? {}, 'race')).toEqual([
      { kind: 'token', system: 'urn:cdcrec', code: '2106-3', texts: ['shown'] },
      { kind: 'token', system: 'urn:cdcrec', code: '2108-9' },
    ]);
    expect(of(patient ?? {}, 'ethnicity')).toEqual([{ kind: 'token', system: 'urn:cdcrec', code: '2186-5' }]);
    expect(of(patient ?? {}, 'gender-identity')).toEqual([
      { kind: 'token', system: 'urn:gi', code: 'x', texts: ['x shown', 'identity'] },
    ]);
    const from = new Date('2019-03-04T05:06:07Z');
    expect(of(condition ?? {}, 'asserted-date')).toEqual([
      { kind: 'date', from, to: new Date(from.getTime() + 1000) },
    ]);
  });

  test('a parameter of every type is found on every type', () => {
    const meta = {
      profile: ['http://example.org/p|1.0'],
      tag: [{ system: 'urn:t', code: 'a' }],
      security: [{ code: 'R' }],
      source: 'urn:s',
    };
    for (const resourceType of resourceTypes) {
      const values = valuesOf({ resourceType, meta });
      const params = values.map(({ param }) => param).filter((param) => param.startsWith('_'));
      expect(params.sort()).toEqual(['_profile', '_profile', '_security', '_source', '_tag']);
    }
  });
});

describe('[S2] malformed content', () => {
  const wrong = [
    0,
    1.5,
    '',
    'x',
    true,
    false,
    null,
    [],
    {},
    [null],
    [[1]],
    '\0#1.0',
    { value: {} },
    { coding: 'x' },
  ];

  test('is skipped, whatever stands in whatever element', () => {
    for (const type of ['Patient', 'Observation', 'Encounter', 'Claim', 'Group', 'DocumentReference']) {
      const names = (structure(type)?.elements ?? [])
        .filter(({ path }) => path.split('.').length === 2)
        .flatMap(({ name, choice, types }) =>
          choice ? types.map(({ code }) => `${name}${code[0]?.toUpperCase()}${code.slice(1)}`) : [name],
        );
      for (const name of names)
        for (const value of wrong)
          for (const shape of [value, [value], { value }, [{ value, reference: value, type: value }]])
            expect(() => valuesOf({ resourceType: type, [name]: shape })).not.toThrow();
    }
  });

  test('of any JSON never throws, and what is found is of its kind', () => {
    const names = fc.constantFrom(
      ...[
        'code',
        'coding',
        'system',
        'display',
        'text',
        'subject',
        'reference',
        'identifier',
        'value',
        'type',
      ],
      ...[
        'component',
        'valueQuantity',
        'effectivePeriod',
        'effectiveTiming',
        'repeat',
        'boundsPeriod',
        'start',
        'event',
        'meta',
        'tag',
      ],
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(...wrong, '2020-01', 'Patient/1', '#a', 5e300),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(names, tie('json'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(names, json, { maxKeys: 12 }), (content) => {
        for (const { value } of valuesOf({ ...content, resourceType: 'Observation' }))
          expect(wellFormed(value)).toBe(true);
        referencesOf({ ...content, resourceType: 'Observation' });
      }),
      { numRuns: 500 },
    );
  });

  test('a number is no string, and one of enormous size is no number to search by', () => {
    const observation = parseExact(
      '{"resourceType":"Observation","valueString":7.0,"component":[{"valueQuantity":{"value":1e301}},{"valueQuantity":{"value":7.00}}]}',
    ) as Record<string, unknown>;
    expect(of(observation, 'value-string')).toEqual([]);
    expect(of(observation, 'component-value-quantity')).toEqual([
      { kind: 'quantity', low: '7.00', high: '7.00' },
    ]);
  });

  test('a resource of an unknown type has what every type has', () => {
    expect(valuesOf({ resourceType: '__proto__', meta: { tag: [{ code: 'a' }] } })).toEqual([
      { param: '_tag', value: { kind: 'token', code: 'a' } },
    ]);
    expect(valuesOf({})).toEqual([]);
  });
});

function wellFormed(value: SearchValue): boolean {
  const text = (one: unknown) =>
    one === undefined || (typeof one === 'string' && one !== '' && !one.includes('\0'));
  switch (value.kind) {
    case 'token':
      return [value.system, value.code, ...(value.texts ?? [])].every(text);
    case 'date':
      return [value.from, value.to].every((end) => end === undefined || !Number.isNaN(end.getTime()));
    case 'quantity':
      return [value.low, value.high].some((end) => end !== undefined) && [value.low, value.high].every(text);
    case 'reference':
      return Boolean(value.local ?? value.url ?? value.identifier);
    case 'composite':
      return value.components.every((values) => values.length > 0 && values.every(wellFormed));
    default:
      return text(value.value);
  }
}

describe('what a value is', () => {
  test('[S3] tokens', () => {
    const patient = {
      resourceType: 'Patient',
      active: true,
      gender: 'female',
      deceasedBoolean: false,
      identifier: [
        {
          type: { coding: [{ system: 'urn:v2', code: 'MR', display: 'Record number' }] },
          system: 'urn:mrn',
          value: '1',
        },
      ],
      telecom: [
        { system: 'email', value: 'a@example.org' },
        { system: 'phone', value: '555' },
      ],
      communication: [
        {
          language: {
            coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }, { code: 'en-US' }],
            text: 'English',
          },
        },
      ],
    };
    expect(of(patient, 'active')).toEqual([{ kind: 'token', code: 'true' }]);
    expect(of(patient, 'deceased')).toEqual([{ kind: 'token', code: 'false' }]);
    expect(of(patient, 'gender')).toEqual([
      { kind: 'token', system: 'http://hl7.org/fhir/administrative-gender', code: 'female' },
    ]);
    expect(of(patient, 'identifier')).toEqual([
      { kind: 'token', system: 'urn:mrn', code: '1', texts: ['Record number'] },
      { kind: 'typed-identifier', system: 'urn:v2', code: 'MR', value: '1' },
    ]);
    expect(of(patient, 'email')).toEqual([{ kind: 'token', code: 'a@example.org' }]);
    expect(of(patient, 'telecom')).toHaveLength(2);
    expect(of(patient, 'language')).toEqual([
      { kind: 'token', system: 'urn:ietf:bcp:47', code: 'en', texts: ['English'] },
      { kind: 'token', code: 'en-US' },
    ]);
    const textOnly = { resourceType: 'Condition', code: { text: 'cough' } };
    expect(of(textOnly, 'code')).toEqual([{ kind: 'token', texts: ['cough'] }]);
  });

  test('[S3] a patient is deceased when it is said, or a time is', () => {
    const deceased = (said: object) => of({ resourceType: 'Patient', ...said }, 'deceased');
    expect(deceased({})).toEqual([{ kind: 'token', code: 'false' }]);
    expect(deceased({ deceasedBoolean: true })).toEqual([{ kind: 'token', code: 'true' }]);
    expect(deceased({ deceasedDateTime: '2020' })).toEqual([{ kind: 'token', code: 'true' }]);
  });

  test('[S4] parts of names and addresses', () => {
    const patient = {
      resourceType: 'Patient',
      name: [{ text: 'Dr Ann Lee', family: 'Lee', given: ['Ann', 'Mae'], prefix: ['Dr'] }],
      address: [{ line: ['1 Main St'], city: 'Ames', postalCode: '50010', period: { start: '2020' } }],
    };
    const texts = (param: string) =>
      of(patient, param).map((value) => value.kind === 'string' && value.value);
    expect(texts('name').sort()).toEqual(['Ann', 'Dr', 'Dr Ann Lee', 'Lee', 'Mae']);
    expect(texts('given')).toEqual(['Ann', 'Mae']);
    expect(texts('address').sort()).toEqual(['1 Main St', '50010', 'Ames']);
    expect(texts('address-city')).toEqual(['Ames']);
  });

  test('[S5] dates', () => {
    const date = (said: object) => of({ resourceType: 'Observation', ...said }, 'date')[0];
    const at = (text: string) => new Date(text);
    expect(date({ effectiveDateTime: '2020-02' })).toEqual({
      kind: 'date',
      from: at('2020-02-01T00:00:00Z'),
      to: at('2020-03-01T00:00:00Z'),
    });
    expect(date({ effectivePeriod: { start: '2020-02-01' } })).toEqual({
      kind: 'date',
      from: at('2020-02-01T00:00:00Z'),
    });
    expect(date({ effectivePeriod: { end: '2020' } })).toEqual({
      kind: 'date',
      to: at('2021-01-01T00:00:00Z'),
    });
    expect(date({ effectivePeriod: {} })).toBeUndefined();
    expect(date({ effectiveDateTime: '2020-13' })).toBeUndefined();
    const event = ['2020-03-01', '2020-01-01'];
    expect(date({ effectiveTiming: { event } })).toEqual({
      kind: 'date',
      from: at('2020-01-01T00:00:00Z'),
      to: at('2020-03-02T00:00:00Z'),
    });
    expect(date({ effectiveTiming: { event, repeat: { boundsPeriod: { start: '2019' } } } })).toEqual({
      kind: 'date',
      from: at('2019-01-01T00:00:00Z'),
    });
    expect(date({ effectiveTiming: { repeat: { frequency: 2 } } })).toBeUndefined();
  });

  test('[S6] numbers, quantities, ranges and money', () => {
    const value = (said: object) =>
      of({ resourceType: 'Observation', valueQuantity: said }, 'value-quantity');
    const [low, unit] = [{ low: '5' }, { system: 'http://unitsofmeasure.org', code: 'mg', unit: 'mg' }];
    expect(value({ value: 5, ...unit })).toEqual([{ kind: 'quantity', ...low, high: '5', ...unit }]);
    expect(value({ value: 5, comparator: '<' })).toEqual([{ kind: 'quantity', high: '5' }]);
    expect(value({ value: 5, comparator: '>=' })).toEqual([{ kind: 'quantity', low: '5' }]);
    expect(value(unit)).toEqual([]);
    const age = { resourceType: 'Condition', onsetRange: { low: { value: 5, unit: 'a' }, high: {} } };
    expect(of(age, 'onset-age')).toEqual([{ kind: 'quantity', ...low, unit: 'a' }]);
    const invoice = { resourceType: 'Invoice', totalNet: { value: 5, currency: 'EUR' } };
    expect(of(invoice, 'totalnet')).toEqual([
      { kind: 'quantity', ...low, high: '5', system: 'urn:iso:std:iso:4217', code: 'EUR' },
    ]);
  });

  test('[S7] references', () => {
    const subject = (said: unknown, param = 'subject') =>
      of({ resourceType: 'Observation', subject: said }, param);
    const patient = [{ kind: 'reference', local: 'Patient/1' }];
    expect(subject({ reference: 'Patient/1/_history/3' })).toEqual(patient);
    expect(subject({ reference: 'Patient/1' }, 'patient')).toEqual(patient);
    expect(subject({ reference: 'Group/1' }, 'patient')).toEqual([]);
    expect(subject({ reference: '#p', type: 'Patient' })).toEqual([]);
    expect(subject({ reference: 'Patient?identifier=1' })).toEqual([]);
    expect(subject({ reference: 'http://a/fhir/Patient/1/_history/2' }, 'patient')).toEqual([
      { kind: 'reference', url: 'http://a/fhir/Patient/1' },
    ]);
    expect(subject({ reference: 'urn:uuid:1' }, 'patient')).toEqual([]);
    expect(subject({ type: 'Patient', identifier: { system: 's', value: 'v' } }, 'patient')).toEqual([
      { kind: 'reference', identifier: { system: 's', code: 'v' } },
    ]);
    const response = { resourceType: 'QuestionnaireResponse', questionnaire: 'http://a/q|1.0' };
    expect(of(response, 'questionnaire')).toEqual([
      { kind: 'reference', url: 'http://a/q|1.0' },
      { kind: 'reference', url: 'http://a/q' },
    ]);
  });

  test('[S7] a Bundle refers to its first entry, when it is of the type', () => {
    const bundle = {
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Composition', id: 'a' } }],
    };
    expect(of(bundle, 'composition')).toEqual([{ kind: 'reference', local: 'Composition/a' }]);
    expect(of(bundle, 'message')).toEqual([]);
  });

  test('[S8] pairs of one element; what is asked of its parts is not indexed', () => {
    const component = (code: string, value?: number) => ({
      code: { coding: [{ system: 'http://loinc.org', code }] },
      ...(value === undefined ? {} : { valueQuantity: { value, code: 'mm[Hg]' } }),
    });
    const pressure = {
      resourceType: 'Observation',
      component: [component('8480-6', 120), component('8462-4', 80), component('x')],
    };
    const pairs = of(pressure, 'component-code-value-quantity');
    expect(pairs.map((value) => value.kind === 'composite' && value.components)).toEqual([
      [
        [{ kind: 'token', system: 'http://loinc.org', code: '8480-6' }],
        [{ kind: 'quantity', low: '120', high: '120', code: 'mm[Hg]' }],
      ],
      [
        [{ kind: 'token', system: 'http://loinc.org', code: '8462-4' }],
        [{ kind: 'quantity', low: '80', high: '80', code: 'mm[Hg]' }],
      ],
    ]);
    expect(
      valuesOf(pressure).some(({ param }) => param.startsWith('combo-') || param.startsWith('code-value')),
    ).toBe(false);
  });
});

describe('[S9] compartments', () => {
  const patients = (resource: Record<string, unknown>, values?: IndexedValue[]) =>
    compartmentPatients(resource, values);

  test.each([
    [{ resourceType: 'Patient', id: 'a', link: [{ other: { reference: 'Patient/b' } }] }, ['a', 'b']],
    [
      {
        resourceType: 'Observation',
        performer: [{ reference: 'Patient/m' }],
        subject: { reference: 'Patient/c' },
      },
      ['c', 'm'],
    ],
    [{ resourceType: 'RelatedPerson', patient: { reference: 'Patient/a' } }, ['a']],
    [
      {
        resourceType: 'Coverage',
        payor: [{ reference: 'Patient/p' }],
        beneficiary: { reference: 'Patient/b' },
      },
      ['b', 'p'],
    ],
    [
      {
        resourceType: 'Appointment',
        participant: [{ actor: { reference: 'Patient/a' } }, { actor: { reference: 'Patient/b' } }],
      },
      ['a', 'b'],
    ],
    [{ resourceType: 'Observation', subject: { reference: 'http://elsewhere/Patient/a' } }, []],
    [{ resourceType: 'Practitioner', id: 'a' }, []],
  ])('%j', (resource, expected) => {
    expect(patients(resource)).toEqual(expected);
    expect(patients(resource, valuesOf(resource))).toEqual(expected);
  });
});

describe('referencesOf', () => {
  test('finds every literal reference with its place, in contained resources too', () => {
    const resource = {
      resourceType: 'Observation',
      subject: { reference: 'urn:uuid:1' },
      performer: [{ display: 'x' }, { reference: '#c' }],
      contained: [
        {
          resourceType: 'Practitioner',
          id: 'c',
          extension: [{ url: 'x', valueReference: { reference: 'Organization/1' } }],
        },
      ],
    };
    expect(referencesOf(resource)).toEqual([
      { reference: 'urn:uuid:1', place: ['subject', 'reference'] },
      { reference: '#c', place: ['performer', 1, 'reference'] },
      { reference: 'Organization/1', place: ['contained', 0, 'extension', 0, 'valueReference', 'reference'] },
    ]);
  });

  test('goes into Reference elements that are called `reference` themselves', () => {
    const consent = {
      resourceType: 'Consent',
      provision: { data: [{ meaning: 'instance', reference: { reference: 'Task/1' } }] },
    };
    expect(referencesOf(consent)).toEqual([
      { reference: 'Task/1', place: ['provision', 'data', 0, 'reference', 'reference'] },
    ]);
  });
});
