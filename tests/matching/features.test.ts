import { describe, expect, test } from 'vitest';
import { compare, defaultModel, featuresOf } from '../../src/clinical/matching/index.ts';
import { levelOf, named, numbered, pair, patient, ssn } from './support/people.ts';

describe('placeholders', () => {
  test.each([
    'UNKNOWN',
    'Baby Boy',
    'BABYGIRL',
    'Test',
    'xxx',
    'N/A',
    'Unk',
    'Newborn',
    'Infant Girl',
    '...',
    'No Name',
  ])('[IM3] the given name %s is missing', (name) => {
    expect(featuresOf(patient(named(name))).given).toEqual([]);
  });

  test('[IM3] a pseudonym is missing', () => {
    const features = featuresOf(
      patient({ name: [{ use: 'anonymous', family: 'Bluebird', given: ['Seven'] }] }),
    );
    expect(features).toMatchObject({ given: [], family: [] });
  });

  test('[IM3] John Doe is nobody, John Harkness and Jane Doering are people', () => {
    expect(featuresOf(patient(named('John', 'Doe')))).toMatchObject({ given: [], family: [] });
    expect(featuresOf(patient(named('John'))).given).toHaveLength(1);
    expect(featuresOf(patient(named('Jane', 'Doering'))).family).toHaveLength(1);
  });

  test.each(['1900-01-01', '1899-12-30', '9999-12-31', '1800-01-01', '', 'someday', '3025-02-01'])(
    '[IM3] the birth date %s is missing',
    (birthDate) => {
      expect(featuresOf(patient({ birthDate })).birthDate).toBeUndefined();
    },
  );

  test('[IM3] a birth date after today is missing, of an impossible day the year is kept', () => {
    expect(
      featuresOf(patient({ birthDate: '2026-03-01' }), { asOf: '2026-02-27' }).birthDate,
    ).toBeUndefined();
    expect(featuresOf(patient({ birthDate: '2026-02' }), { asOf: '2026-02-27' }).birthDate).toBe('2026-02');
    expect(featuresOf(patient({ birthDate: '1984-02-30' })).birthDate).toBe('1984');
    expect(featuresOf(patient({ birthDate: '1984-13-01' })).birthDate).toBe('1984');
  });

  test.each([
    '999-99-9999',
    '123-45-6789',
    '000-12-3456',
    '111111111',
    '078-05-1120',
    '666-12-3456',
    '219-00-1234',
    'none',
  ])('[IM3] the SSN %s is missing', (value) => {
    expect(featuresOf(patient(ssn(value))).identifiers).toEqual([]);
  });

  test('[IM3] phones, e-mails and addresses that stand for nothing are missing', () => {
    const telecom = [
      { system: 'phone' as const, value: '000-000-0000' },
      { system: 'phone' as const, value: '(999) 999-9999' },
      { system: 'phone' as const, value: '1234567890' },
      { system: 'phone' as const, value: '12' },
      { system: 'email' as const, value: 'noemail@hospital.example' },
    ];
    const features = featuresOf(
      patient({ telecom, address: [{ line: ['Homeless'] }, { line: ['UNKNOWN'], postalCode: '99999' }] }),
    );
    expect(features).toMatchObject({ phones: [], emails: [], addresses: [] });
  });

  test('[IM3] a site adds its own', () => {
    const options = {
      placeholders: {
        names: ['Zz Patient'],
        birthDates: ['1970-01-01'],
        phones: ['518 555 0000'],
        identifiers: ['A-0'],
        addresses: ['1 Hospital Way'],
        emails: ['desk@hospital.example'],
      },
    };
    const features = featuresOf(
      patient({
        ...named('Zz Patient'),
        ...numbered('MR', 'urn:h', 'A-0'),
        birthDate: '1970-01-01',
        telecom: [
          { system: 'phone', value: '+1 518-555-0000' },
          { system: 'email', value: 'desk@hospital.example' },
        ],
        address: [{ line: ['1 Hospital Way'] }],
      }),
      options,
    );
    expect(features).toMatchObject({ given: [], identifiers: [], phones: [], emails: [], addresses: [] });
    expect(features.birthDate).toBeUndefined();
  });
});

describe('values', () => {
  test('features are plain JSON', () => {
    const features = featuresOf(
      patient({ ...ssn('219-44-1822'), multipleBirthInteger: 2, deceasedDateTime: '2025-01-01' }),
    );
    expect(JSON.parse(JSON.stringify(features))).toEqual(features);
    expect(features).toMatchObject({ multipleBirth: 2, deceased: true, phones: ['5185557341'] });
  });

  test('an SSN is nine digits, or eight that lost a zero, or its last four, masked or alone', () => {
    const numbers = (value: string) =>
      featuresOf(patient(ssn(value))).identifiers.map(({ kind, value: number }) => `${kind} ${number}`);
    expect(numbers('219-44-1822')).toEqual(['ssn 219441822']);
    expect(numbers('31819004')).toEqual(['ssn 031819004']);
    expect(numbers('XXX-XX-1822')).toEqual(['ssn4 1822']);
    expect(numbers('1822')).toEqual(['ssn4 1822']);
    expect(levelOf(pair(ssn('219-44-1822'), ssn('***-**-1822')), 'ssn')).toBe('last4');
  });

  test('an address is number, street, unit and place, however it is written', () => {
    const address = (...line: string[]) =>
      featuresOf(patient({ address: [{ line, city: 'Saint Albans', postalCode: '05478-1234' }] }))
        .addresses[0];
    const expected = { number: '14', street: 'n orchard st', unit: '3', city: 'st albans', postal: '5478' };
    expect(address('14 North Orchard Street, Apt 3')).toEqual(expected);
    expect(address('14 N. Orchard St #3', '')).toMatchObject({
      number: '14',
      street: expect.stringContaining('n orchard st'),
    });
    expect(address('14 N ORCHARD ST', 'APT 3')).toEqual(expected);
    expect(address('P.O. Box 77')).toMatchObject({ street: 'po box', number: '77' });
  });

  test('[IM16] hostile input is bounded: a name of 10,000 characters, 500 identifiers, no name at all', () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ system: `urn:a:${at % 7}`, value: `N-${at}` }));
    const long = 'ab'.repeat(5000);
    const hostile = patient({
      name: Array.from({ length: 50 }, () => ({ family: `${long} ${long}`, given: [long, long] })),
      identifier: many,
      address: Array.from({ length: 100 }, () => ({ line: [long, long], city: long, postalCode: long })),
      telecom: Array.from({ length: 200 }, () => ({ system: 'phone' as const, value: long })),
    });
    const features = featuresOf(hostile);
    expect(JSON.stringify(features).length).toBeLessThan(10_000);
    const before = process.cpuUsage();
    for (let at = 0; at < 100; at += 1) compare(features, featuresOf(hostile), defaultModel);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 100).toBeLessThan(20_000);
    expect(compare(featuresOf({ resourceType: 'Patient' }), features, defaultModel).outcome).toBe(
      'different',
    );
    expect(
      compare(featuresOf({ resourceType: 'Patient' }), featuresOf({ resourceType: 'Patient' }), defaultModel)
        .outcome,
    ).toBe('different');
  });
});
