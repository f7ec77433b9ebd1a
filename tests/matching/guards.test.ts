import { describe, expect, test } from 'vitest';
import { compare, defaultModel, featuresOf, forPopulation } from '../../src/clinical/matching/index.ts';
import { named, numbered, pair, patient, ssn } from './support/people.ts';

const hospital = (value: string) => numbered('MR', 'urn:oid:2.16.840.1.113883.19.5', value);

describe('what links', () => {
  test('the same registration twice is the same person', () => {
    const { outcome, probability, guards } = pair({}, {});
    expect(outcome).toBe('same');
    expect(probability).toBeGreaterThan(0.999);
    expect(guards).toEqual([]);
  });

  test.each([
    ['a slip in the given name', named('Madisno'), {}],
    ['a nickname', named('Maddie'), {}],
    ['another phone', { telecom: [] }, {}],
    ['another home', { address: [{ line: ['9 Mill Road'], city: 'Selby', postalCode: '14410' }] }, {}],
    ['a birth date with day and month exchanged', { birthDate: '1984-05-03' }, { birthDate: '1984-03-05' }],
    ['exchanged names', { name: [{ family: 'Madison', given: ['Harkness'] }] }, {}],
  ])('%s is still the same person', (_, a, b) => {
    expect(pair(a, b).outcome).toBe('same');
  });

  test('strangers are different', () => {
    const other = patient({
      ...named('Walter', 'Quigley'),
      birthDate: '1951-11-02',
      gender: 'male',
      telecom: [],
      address: [],
    });
    expect(compare(featuresOf(patient()), featuresOf(other), defaultModel).outcome).toBe('different');
  });
});

describe('identifiers', () => {
  test('[IM4] trusted-identifier: the same number of an authority that gives it to one person is the same person', () => {
    const moved = { ...hospital('004711'), address: [], telecom: [] };
    const { outcome, guards } = pair({ ...moved, ...named('Madison', 'Oldfield') }, hospital('004711'));
    expect(outcome).toBe('same');
    expect(guards).toContain('trusted-identifier');
  });

  test('[IM4] overlay: the same number on another name, birth date and sex goes to review', () => {
    const { outcome, guards } = pair(
      { ...hospital('004711'), ...named('Walter', 'Quigley'), birthDate: '1951-11-02', gender: 'male' },
      hospital('004711'),
    );
    expect(outcome).toBe('review');
    expect(guards).toContain('overlay');
  });

  test('[IM4] a number without an authority, or of a visit or an account, proves nothing', () => {
    const stranger = {
      ...named('Walter', 'Quigley'),
      birthDate: '1951-11-02',
      gender: 'male' as const,
      address: [],
      telecom: [],
    };
    expect(pair({ ...numbered('MR', '', '004711'), ...stranger }, numbered('MR', '', '004711')).outcome).toBe(
      'different',
    );
    expect(
      pair({ ...numbered('VN', 'urn:visits', '004711'), ...stranger }, numbered('VN', 'urn:visits', '004711'))
        .guards,
    ).not.toContain('trusted-identifier');
  });

  test('[IM5] same-authority-other-number: two numbers of one authority never link automatically', () => {
    const { outcome, guards } = pair(hospital('004711'), hospital('004812'));
    expect(outcome).toBe('review');
    expect(guards).toContain('same-authority-other-number');
  });

  test('[IM5] another number beside the same one is an old duplicate of that authority, and no contradiction', () => {
    const both = {
      identifier: [...(hospital('004711').identifier ?? []), ...(hospital('004812').identifier ?? [])],
    };
    expect(pair(hospital('004711'), both).guards).toEqual(['trusted-identifier']);
  });

  test('[IM5] another SSN and another insurance number together never link automatically, another SSN alone may', () => {
    const with2 = (one: string, two: string) => ({
      identifier: [...(ssn(one).identifier ?? []), ...(numbered('MA', 'urn:plan', two).identifier ?? [])],
    });
    expect(pair(with2('219-44-1822', '8812734'), with2('504-19-7730', '1190385')).outcome).toBe('review');
    expect(pair({ ...ssn('219-44-1822') }, { ...ssn('504-19-7730') }).guards).toEqual([]);
  });
});

describe('families', () => {
  test.each([
    ['another given name', named('Olivia'), {}],
    ['given names one letter apart', named('Jon'), named('Joan')],
    ['given names that change places of letters', named('Christian'), named('Christina')],
    ['given names that sound alike', named('Aidan'), named('Hayden')],
    ['twins in different homes', { ...named('Olivia'), address: [], telecom: [] }, {}],
    ['names that are not established and one letter apart', { ...named('Nakata') }, named('Nakato')],
    ['names that rhyme', { ...named('Riya') }, named('Diya')],
    ['a name that begins differently', { ...named('Radison') }, named('Madison')],
    ['a short form that fits both', { ...named('Alex'), gender: 'male' as const }, named('Alexandra')],
    ['a slip that changes the sex', { ...named('Madisox'), gender: 'male' as const }, {}],
    ['a birth date one day later', { ...named('Olivia'), birthDate: '1984-03-28' }, {}],
  ])('[IM7] twin: %s on one birth date and family name never links automatically', (_, a, b) => {
    const { outcome, guards } = pair(a, b);
    expect(outcome).not.toBe('same');
    expect(guards).toContain('twin');
  });

  test('[IM7] twin: not even with the same SSN, or the same number of an authority', () => {
    expect(pair({ ...named('Olivia'), ...ssn('219-44-1822') }, ssn('219-44-1822')).outcome).toBe('review');
    expect(pair({ ...named('Olivia'), ...hospital('004711') }, hospital('004711')).outcome).toBe('review');
  });

  test('[IM7] twin: told to be of a multiple birth, only the same name is the same child', () => {
    const born = { birthDate: '2019-08-14', multipleBirthBoolean: true };
    expect(pair({ ...born, ...named('Madisno') }, born).outcome).not.toBe('same');
    expect(pair(born, born).outcome).toBe('same');
    expect(pair({ ...born, multipleBirthInteger: 1 }, { ...born, multipleBirthInteger: 2 }).guards).toContain(
      'twin',
    );
  });

  test('[IM8] sibling: another given name and birth date in one home', () => {
    const { outcome, guards } = pair({ ...named('Olivia'), birthDate: '1986-10-02' }, {});
    expect(outcome).not.toBe('same');
    expect(guards).toContain('sibling');
  });

  test('[IM9] household: the same name in one home with another birth date (father and son) never links automatically', () => {
    const { outcome, guards } = pair({ birthDate: '1957-11-09' }, {});
    expect(outcome).not.toBe('same');
    expect(guards).toContain('household');
  });

  test('[IM10] suffix: Jr and Sr are two people, Jr and II may be one', () => {
    const suffixed = (suffix: string) => ({
      name: [{ family: 'Harkness', given: ['Walter'], suffix: [suffix] }],
      gender: 'male' as const,
    });
    expect(pair(suffixed('Jr.'), suffixed('Sr')).outcome).toBe('review');
    expect(pair(suffixed('Jr.'), suffixed('Sr')).guards).toContain('suffix');
    expect(
      pair({ ...named('Walter', 'Harkness III') }, { ...named('Walter', 'Harkness') }).guards,
    ).not.toContain('suffix');
    expect(pair(suffixed('Jr'), suffixed('II')).outcome).toBe('same');
  });

  test('[IM11] no-common-name: neither given nor family name agrees', () => {
    const { outcome, guards } = pair(
      { ...named('Olivia', 'Quigley'), ...ssn('219-44-1822') },
      ssn('219-44-1822'),
    );
    expect(outcome).not.toBe('same');
    expect(guards).toContain('no-common-name');
  });

  test('[IM11] changed-name: another family name needs something of the person itself', () => {
    const silent = { telecom: [] };
    expect(pair({ ...named('Madison', 'Quigley'), ...silent }, silent).guards).toContain('changed-name');
    expect(pair({ ...named('Madison', 'Quigley'), ...ssn('219-44-1822') }, ssn('219-44-1822')).outcome).toBe(
      'same',
    );
  });

  test('[IM12] thin-evidence: name, birth date and sex alone go to review', () => {
    const thin = { telecom: [], address: [] };
    const { outcome, guards } = pair({ ...thin, ...named('Madison') }, { ...thin, ...named('Madison') });
    expect(outcome).toBe('review');
    expect(guards).toContain('thin-evidence');
  });

  test('[IM12] no-name: a nameless newborn may be the other twin', () => {
    const born = { birthDate: '2024-08-14', gender: 'female' as const };
    const { outcome, guards } = pair({ ...born, ...named('Baby Girl') }, born);
    expect(outcome).toBe('review');
    expect(guards).toContain('no-name');
  });

  test('[IM20] only a collection that is declared to hold unrelated people goes without the family guards', () => {
    const unrelated = forPopulation(defaultModel, { persons: 10_000, families: 'none' });
    expect(pair(named('Olivia'), {}, unrelated).outcome).toBe('same');
    expect(pair({ multipleBirthBoolean: true, ...named('Olivia') }, {}, unrelated).outcome).toBe('review');
    expect(defaultModel.families).toBe('guarded');
  });
});
