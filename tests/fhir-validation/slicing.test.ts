import { describe, expect, test } from 'vitest';
import { against, observation, patient, profile, profileUrl } from './support.ts';

const base = (path: string): object => ({ base: { path, min: 0, max: '*' } });
type Definition = { path: string; [part: string]: unknown };

const slicing = (discriminators: readonly (readonly [string, string])[], more: object = {}): object => ({
  slicing: { discriminator: discriminators.map(([type, path]) => ({ type, path })), rules: 'open', ...more },
});
const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });

/** Observation.category divided into `a` (once) and `b` (at most once). */
const categories = (
  how: object,
  slice: (code: string) => object,
  children: (code: string) => Definition[] = () => [],
): Definition[] => [
  {
    path: 'Observation.category',
    min: 0,
    max: '*',
    ...base('Observation.category'),
    type: [{ code: 'CodeableConcept' }],
    ...how,
  },
  ...['a', 'b'].flatMap((code): Definition[] => [
    {
      path: 'Observation.category',
      sliceName: code,
      min: code === 'a' ? 1 : 0,
      max: '1',
      ...base('Observation.category'),
      type: [{ code: 'CodeableConcept' }],
      ...slice(code),
    },
    ...children(code),
  ]),
];
const withCategories = (...codes: string[]): object =>
  observation({ category: codes.map((code) => coded('urn:c', code)) });
const pattern = (code: string): object => ({ patternCodeableConcept: coded('urn:c', code) });
const missing = ['Observation.category: p: category:a must occur at least once'];
const twice = ['Observation.category: p: category:b may occur at most once'];

describe('slices', () => {
  const ways: readonly (readonly [string, Definition[]])[] = [
    ['by a pattern of its own', categories(slicing([['pattern', '$this']]), pattern)],
    ['by a value of its own', categories(slicing([['value', '$this']]), pattern)],
    [
      'by a value below',
      categories(
        slicing([
          ['value', 'coding.code'],
          ['value', 'coding.system'],
        ]),
        () => ({}),
        (code) => [
          {
            path: 'Observation.category.coding',
            min: 1,
            max: '*',
            ...base('CodeableConcept.coding'),
            type: [{ code: 'Coding' }],
          },
          {
            path: 'Observation.category.coding.system',
            min: 1,
            max: '1',
            type: [{ code: 'uri' }],
            fixedUri: 'urn:c',
          },
          {
            path: 'Observation.category.coding.code',
            min: 1,
            max: '1',
            type: [{ code: 'code' }],
            fixedCode: code,
          },
        ],
      ),
    ],
    ['by nothing but what it fixes', categories({}, pattern)],
  ];
  test.each(ways)('[V16] are told %s', (_, elements) => {
    const check = (...codes: string[]): string[] =>
      against([profile('p', 'Observation', elements)], withCategories(...codes));
    expect(check('a', 'b')).toEqual([]);
    expect(check('a', 'x', 'y')).toEqual([]);
    expect(check('b')).toEqual(missing);
    expect(check('a', 'b', 'b')).toEqual(twice);
  });

  test('[V16] are told by a required binding', () => {
    const elements = categories(slicing([['value', '$this']]), (code) => ({
      binding: { strength: 'required', valueSet: `urn:vs:${code}` },
    }));
    const valueSets = (url: string) => ({ url, systems: new Map([['urn:c', new Set([url.slice(-1)])]]) });
    const check = (...codes: string[]): string[] =>
      against([profile('p', 'Observation', elements)], withCategories(...codes), { valueSets });
    expect(check('a', 'b', 'x')).toEqual([]);
    expect(check('b')).toEqual(missing);
  });

  test('[V16] closed ones admit nothing else', () => {
    const elements = categories(slicing([['pattern', '$this']], { rules: 'closed' }), pattern);
    const check = (...codes: string[]): string[] =>
      against([profile('p', 'Observation', elements)], withCategories(...codes));
    expect(check('b', 'a')).toEqual([]);
    expect(check('a', 'x')).toEqual(['Observation.category[1]: p: must be one of the slices']);
  });

  test('[V16] ordered ones come in their order, and others only at the end where that is the rule', () => {
    const check = (how: object, ...codes: string[]): string[] =>
      against(
        [profile('p', 'Observation', categories(slicing([['pattern', '$this']], how), pattern))],
        withCategories(...codes),
      );
    const order = (index: number): string[] => [
      `Observation.category[${index}]: p: the slices must be in order`,
    ];
    expect(check({ ordered: true }, 'a', 'x', 'b')).toEqual([]);
    expect(check({ ordered: true }, 'b', 'a')).toEqual(order(1));
    expect(check({ rules: 'openAtEnd' }, 'b', 'a', 'x')).toEqual([]);
    expect(check({ rules: 'openAtEnd' }, 'a', 'x', 'b')).toEqual(order(2));
  });

  test('[V16] are checked by their own rules', () => {
    const elements = categories(slicing([['pattern', '$this']]), pattern, (code) =>
      code === 'a'
        ? [{ path: 'Observation.category.text', min: 1, max: '1', type: [{ code: 'string' }] }]
        : [],
    );
    expect(against([profile('p', 'Observation', elements)], withCategories('b', 'a'))).toEqual([
      'Observation.category[1].text: p: text must occur at least once',
    ]);
  });

  test('[V16] of extensions are told by url', () => {
    const elements: Definition[] = [
      {
        path: 'Patient.extension',
        min: 0,
        max: '*',
        ...base('DomainResource.extension'),
        type: [{ code: 'Extension' }],
        ...slicing([['value', 'url']]),
      },
      {
        path: 'Patient.extension',
        sliceName: 'x',
        min: 1,
        max: '1',
        ...base('DomainResource.extension'),
        type: [{ code: 'Extension', profile: [profileUrl('x')] }],
      },
    ];
    const check = (...urls: string[]): string[] =>
      against(
        [profile('p', 'Patient', elements)],
        patient(urls.length > 0 ? { extension: urls.map((url) => ({ url, valueCode: 'a' })) } : {}),
      );
    expect(check(profileUrl('x'), 'urn:y')).toEqual([]);
    expect(check('urn:y')).toEqual(['Patient.extension: p: extension:x must occur at least once']);
    expect(check()).toEqual(['Patient.extension: p: extension:x must occur at least once']);
    expect(check(profileUrl('x'), profileUrl('x'))).toEqual([
      'Patient.extension: p: extension:x may occur at most once',
    ]);
  });

  test('[V16] of a choice are told by type', () => {
    const value = {
      path: 'Observation.value[x]',
      min: 0,
      max: '1',
      type: [{ code: 'Quantity' }, { code: 'string' }],
      ...slicing([['type', '$this']], { rules: 'closed' }),
    };
    const quantity = {
      path: 'Observation.value[x]',
      sliceName: 'valueQuantity',
      min: 0,
      max: '1',
      type: [{ code: 'Quantity' }],
    };
    const unit = {
      path: 'Observation.value[x].code',
      min: 1,
      max: '1',
      type: [{ code: 'code' }],
      fixedCode: '/min',
    };
    const definition = profile('p', 'Observation', [value, quantity, unit]);
    expect(against([definition], observation())).toEqual([]);
    expect(
      against(
        [definition],
        observation({ valueQuantity: { value: 1, code: 'kg', system: 'http://unitsofmeasure.org' } }),
      ),
    ).toEqual(['Observation.value.ofType(Quantity).code: p: must be the fixed value']);
    const { valueQuantity, ...text } = observation() as { valueQuantity: unknown };
    expect(valueQuantity).toBeDefined();
    expect(against([definition], { ...text, valueString: 'a' })).toEqual([
      'Observation.value.ofType(string): p: must be one of the slices',
    ]);
  });

  test('[V16] are told by what is there', () => {
    const elements = categories(
      slicing([['exists', 'text']]),
      () => ({}),
      (code) => [
        {
          path: 'Observation.category.text',
          min: code === 'a' ? 1 : 0,
          max: code === 'a' ? '1' : '0',
          type: [{ code: 'string' }],
        },
      ],
    );
    const check = (...texts: boolean[]): string[] =>
      against(
        [profile('p', 'Observation', elements)],
        observation({
          category: texts.map((text) => ({ ...coded('urn:c', 'a'), ...(text ? { text: 't' } : {}) })),
        }),
      );
    expect(check(true, false)).toEqual([]);
    expect(check(false)).toEqual(missing);
    expect(check(true, false, false)).toEqual(twice);
  });

  test('[V16] are told by the type and the profile of what is referred to', () => {
    const performers = (how: object): Definition[] => [
      {
        path: 'Observation.performer',
        min: 0,
        max: '*',
        ...base('Observation.performer'),
        type: [{ code: 'Reference' }],
        ...how,
      },
      {
        path: 'Observation.performer',
        sliceName: 'org',
        min: 1,
        max: '1',
        ...base('Observation.performer'),
        type: [{ code: 'Reference', targetProfile: [profileUrl('org')] }],
      },
    ];
    const org = profile('org', 'Organization', [
      { path: 'Organization.name', min: 1, max: '1', type: [{ code: 'string' }] },
    ]);
    const contained = (name: object): object =>
      observation({
        performer: [{ reference: '#o' }],
        contained: [{ resourceType: 'Organization', id: 'o', ...name }],
      });
    const absent = ['Observation.performer: p: performer:org must occur at least once'];
    const byType = [profile('p', 'Observation', performers(slicing([['type', 'resolve()']]))), org];
    expect(
      against(
        byType,
        observation({ performer: [{ reference: 'Organization/1' }, { reference: 'Patient/1' }] }),
      ),
    ).toEqual([]);
    expect(against(byType, observation({ performer: [{ reference: 'Patient/1' }] }))).toEqual(absent);
    const byProfile = [profile('p', 'Observation', performers(slicing([['profile', 'resolve()']]))), org];
    expect(against(byProfile, contained({ name: 'a' }))).toEqual([]);
    expect(against(byProfile, contained({ alias: ['a'], identifier: [{ value: '1' }] }))).toEqual(absent);
  });

  test('[V16] of components are told by their code, each with its own value', () => {
    const part = { ...base('Observation.component'), type: [{ code: 'BackboneElement' }] };
    const elements: Definition[] = [
      { path: 'Observation.component', min: 2, max: '*', ...part, ...slicing([['pattern', 'code']]) },
      ...['8480-6', '8462-4'].flatMap((code): Definition[] => [
        { path: 'Observation.component', sliceName: code, min: 1, max: '1', ...part },
        {
          path: 'Observation.component.code',
          min: 1,
          max: '1',
          type: [{ code: 'CodeableConcept' }],
          patternCodeableConcept: coded('http://loinc.org', code),
        },
        { path: 'Observation.component.value[x]', min: 0, max: '1', type: [{ code: 'Quantity' }] },
      ]),
    ];
    const component = (code: string, value: object): object => ({
      code: coded('http://loinc.org', code),
      ...value,
    });
    const pressure = (second: object): object =>
      observation({
        valueQuantity: undefined,
        component: [component('8480-6', { valueQuantity: { value: 120 } }), second],
      });
    const check = (second: object): string[] =>
      against(
        [profile('p', 'Observation', elements)],
        JSON.parse(JSON.stringify(pressure(second))) as object,
      );
    expect(check(component('8462-4', { valueQuantity: { value: 80 } }))).toEqual([]);
    expect(check(component('8462-4', { valueString: '80' }))).toEqual([
      'Observation.component[1].value.ofType(string): p: must be of a type that the profile allows',
    ]);
    expect(check(component('1-1', { valueString: '80' }))).toEqual([
      'Observation.component: p: component:8462-4 must occur at least once',
    ]);
  });
});
