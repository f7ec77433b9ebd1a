import type { Patient } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockingKeys, compare, defaultModel, featuresOf } from '../../src/clinical/matching/index.ts';
import { pair, patient } from './support/people.ts';

const name = fc.constantFrom(
  'Jon',
  'Joan',
  'María',
  'maria',
  'Baby Boy',
  '',
  'X',
  'Garcia-Lopez',
  'Lopez',
  "O'Neill",
  'de la Cruz',
  'Smith',
  'Smyth',
  'Ng',
  '王',
  'Çelik',
  'a'.repeat(300),
);
const date = fc.constantFrom(
  '1984-03-27',
  '1984-03-28',
  '1984-05-03',
  '1984-03',
  '1984',
  '1900-01-01',
  '2999-01-01',
  '1984-02-31',
  '1984-01-01',
);
const number = fc.constantFrom('004711', '004712', '219-44-1822', '219-44-1823', '1822', '999999999', '');
const patients: fc.Arbitrary<Patient> = fc.record(
  {
    resourceType: fc.constant('Patient' as const),
    name: fc.array(
      fc.record(
        {
          use: fc.constantFrom('official', 'maiden', 'nickname', 'old'),
          family: name,
          given: fc.array(name, { maxLength: 3 }),
          suffix: fc.array(fc.constantFrom('Jr', 'Sr', 'III', 'MD'), { maxLength: 1 }),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 3 },
    ),
    birthDate: date,
    gender: fc.constantFrom('male', 'female', 'other', 'unknown'),
    identifier: fc.array(
      fc.record(
        {
          system: fc.constantFrom('urn:a', 'urn:b', '', 'http://hl7.org/fhir/sid/us-ssn'),
          value: number,
          type: fc.constantFrom('MR', 'SS', 'DL', 'MA', 'AN').map((code) => ({ coding: [{ code }] })),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 4 },
    ),
    telecom: fc.array(
      fc.record({
        system: fc.constantFrom('phone', 'email'),
        value: fc.constantFrom('518 555 7341', '5557341', '0000000000', 'a.b@c.example', 'x@'),
      }),
      { maxLength: 3 },
    ),
    address: fc.array(
      fc.record(
        {
          line: fc.array(
            fc.constantFrom('14 Orchard Street', '14 Orchrad St Apt 2', 'PO Box 7', 'Unknown', ''),
            { maxLength: 2 },
          ),
          city: name,
          postalCode: fc.constantFrom('12074', '12075-1111', '00000'),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
    multipleBirthInteger: fc.integer({ min: 1, max: 3 }),
    contact: fc.array(
      fc.record({ name: fc.record({ family: name, given: fc.array(name, { maxLength: 1 }) }) }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['resourceType'] },
);

describe('properties', () => {
  test('[IM1] it does not matter which of the two comes first, and the same two give the same answer', () => {
    fc.assert(
      fc.property(patients, patients, (a, b) => {
        const [one, other] = [featuresOf(a), featuresOf(b)];
        const there = compare(one, other, defaultModel);
        const back = compare(other, one, defaultModel);
        expect(back).toEqual(there);
      }),
      { numRuns: 600 },
    );
  });

  test('[IM2] what is missing on one side is missing, and never disagrees', () => {
    fc.assert(
      fc.property(patients, patients, (a, b) => {
        const one = featuresOf(a);
        const silent = {
          ...featuresOf(b),
          addresses: [],
          phones: [],
          emails: [],
          identifiers: [],
          middle: [],
          contacts: [],
        };
        const { fields } = compare(one, silent, defaultModel);
        for (const field of [
          'address',
          'place',
          'phone',
          'email',
          'ssn',
          'identifier',
          'insurance',
          'middle',
          'contact',
        ])
          expect(fields.find((each) => each.field === field)).toEqual({
            field,
            level: 'missing',
            agreement: 'missing',
            weight: 0,
          });
      }),
      { numRuns: 200 },
    );
  });

  test('[IM19] the weights of the fields sum to the weight, the weight decides the probability, and no value is shown', () => {
    fc.assert(
      fc.property(patients, patients, (a, b) => {
        const { fields, weight, probability } = compare(featuresOf(a), featuresOf(b), defaultModel);
        expect(fields.reduce((sum, each) => sum + each.weight, 0)).toBeCloseTo(weight, 1);
        const odds = 2 ** weight * (defaultModel.prior / (1 - defaultModel.prior));
        expect(probability).toBeCloseTo(odds / (1 + odds), 6);
        for (const each of fields)
          expect(Object.keys(each).sort()).toEqual(['agreement', 'field', 'level', 'weight']);
      }),
      { numRuns: 300 },
    );
  });

  test('[IM17] a record has at most 24 keys, short ones, whatever is in it; equal records share all of them', () => {
    fc.assert(
      fc.property(patients, (a) => {
        const keys = blockingKeys(featuresOf(a));
        expect(keys.length).toBeLessThanOrEqual(24);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(key.length).toBeLessThanOrEqual(64);
        expect(blockingKeys(featuresOf(structuredClone(a)))).toEqual(keys);
      }),
      { numRuns: 300 },
    );
  });
});

test('[IM19] an explanation names field, level, agreement and weight', () => {
  const { fields, guards } = pair({ birthDate: '1984-03-28', address: [] }, {});
  expect(
    fields
      .filter(({ agreement }) => agreement !== 'missing')
      .map(({ field, level, agreement }) => `${field} ${level} ${agreement}`),
  ).toEqual([
    'given exact agrees',
    'family exact agrees',
    'middle exact agrees',
    'birthDate edit close',
    'sex exact agrees',
    'phone exact agrees',
    'household shared agrees',
  ]);
  expect(guards).toEqual([]);
  expect(JSON.stringify(fields)).not.toMatch(/harkness|madison|1984|555/i);
});

describe('[IM17] blocking', () => {
  const found = (a: Partial<Patient>, b: Partial<Patient> = {}): boolean => {
    const keys = new Set(blockingKeys(featuresOf(patient(a))));
    return blockingKeys(featuresOf(patient(b))).some((key) => keys.has(key));
  };
  const moved = { telecom: [], address: [] };

  test.each([
    ['another family name', { ...moved, name: [{ family: 'Quigley', given: ['Madison'] }] }],
    ['exchanged names', { ...moved, name: [{ family: 'Madison', given: ['Harkness'] }] }],
    ['day and month exchanged', { ...moved, birthDate: '1984-03-05' }],
    ['a year that is wrong', { ...moved, birthDate: '1948-03-27' }],
    ['no birth date', { ...moved, birthDate: '' }],
    ['no name', { telecom: [], name: [] }],
    [
      'another name at the same address',
      { telecom: [], birthDate: '', name: [{ family: 'Quigley', given: ['Rose'] }] },
    ],
    ['the phone alone', { address: [], birthDate: '', name: [] }],
  ])('finds a record with %s', (what, a) => {
    const b = what === 'day and month exchanged' ? { birthDate: '1984-05-03' } : {};
    expect(found(a, b)).toBe(true);
  });

  test('no key is shared by all who are called Smith, or by all born on a day', () => {
    const smith = (given: string, birthDate: string) => ({
      ...moved,
      birthDate,
      name: [{ family: 'Smith', given: [given] }],
    });
    expect(found(smith('Walter', '1951-11-02'), smith('Rachel', '1987-06-19'))).toBe(false);
    expect(found({ ...moved, name: [{ family: 'Quigley', given: ['Walter'] }] }, { ...moved })).toBe(false);
  });
});
