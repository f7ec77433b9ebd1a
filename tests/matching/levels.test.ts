import { describe, expect, test } from 'vitest';
import { defaultModel, forPopulation } from '../../src/clinical/matching/index.ts';
import { levelOf, named, pair } from './support/people.ts';

/** Without households, so that a field's weight is its own. */
const pairModel = forPopulation(defaultModel, { persons: 1_000_000, families: 'none' });
const given = (a: string, b: string) => levelOf(pair(named(a), named(b)), 'given');
const family = (a: string, b: string) => levelOf(pair(named('Madison', a), named('Madison', b)), 'family');
const born = (a: string, b: string) => levelOf(pair({ birthDate: a }, { birthDate: b }), 'birthDate');
const home = (a: object, b: object) => {
  const compared = pair({ address: [a] }, { address: [b] });
  return `${levelOf(compared, 'address')} ${levelOf(compared, 'place')}`;
};

describe('[IM13] names', () => {
  test.each([
    ['José', 'JOSE', 'exact'],
    ['Zoë', 'Zoe', 'exact'],
    ['Mary Ann', 'Maryann', 'exact'],
    ['Bill', 'William', 'nickname'],
    ['Paco', 'Francisco', 'nickname'],
    ['Peggy', 'Margaret', 'nickname'],
    ['Madisno', 'Madison', 'typo'],
    ['Katheryn', 'Kathryn', 'typo'],
    ['M', 'Madison', 'initial'],
    ['Jon', 'Joan', 'similar'],
    ['Alexander', 'Alexandra', 'similar'],
    ['Olivia', 'Madison', 'differs'],
  ])('given %s and %s: %s', (a, b, level) => {
    expect([given(a, b), given(b, a)]).toEqual([level, level]);
  });

  test.each([
    ["O'Neill", 'ONEILL', 'exact'],
    ['Müller', 'Muller', 'exact'],
    ['de la Cruz', 'Delacruz', 'exact'],
    ['Garcia-Lopez', 'Lopez', 'part'],
    ['García López', 'Lopez Garcia', 'part'],
    ['Harknes', 'Harkness', 'typo'],
    ['Schmidt', 'Smythe', 'differs'],
    ['Ziegler', 'Seiglar', 'sounds'],
  ])('family %s and %s: %s', (a, b, level) => {
    expect([family(a, b), family(b, a)]).toEqual([level, level]);
  });

  test('exchanged names are seen, also with a slip', () => {
    const compared = pair({ name: [{ family: 'Madison', given: ['Harknes'] }] }, {});
    expect([levelOf(compared, 'given'), levelOf(compared, 'family')]).toEqual(['swapped', 'swapped']);
  });

  test('a maiden name finds the name in use; two maiden names alone say nothing, since sisters have one', () => {
    const married = {
      name: [
        { family: 'Quigley', given: ['Madison'] },
        { use: 'maiden' as const, family: 'Harkness' },
      ],
    };
    expect(levelOf(pair(married, named('Madison')), 'family')).toBe('part');
    const sister = {
      name: [
        { family: 'Oldfield', given: ['Madison'] },
        { use: 'maiden' as const, family: 'Harkness' },
      ],
    };
    expect(levelOf(pair(married, sister), 'family')).toBe('differs');
  });

  test('called by the middle name', () => {
    expect(levelOf(pair({ name: [{ family: 'Harkness', given: ['Rose'] }] }, {}), 'given')).toBe('middle');
  });
});

test('[IM14] agreeing on a rare name weighs more than on a common one', () => {
  const weight = (name: string) =>
    pair(named('Madison', name), named('Madison', name), pairModel).fields.find(
      ({ field }) => field === 'family',
    )!.weight;
  expect(weight('Quackenbush')).toBeGreaterThan(weight('Smith') + 5);
});

describe('[IM15] birth dates', () => {
  test.each([
    ['1984-03-27', '1984-03-27', 'exact'],
    ['1984-03-05', '1984-05-03', 'transposed'],
    ['1984-03-27', '1984-03-28', 'edit'],
    ['1984-03-27', '1948-03-27', 'edit'],
    ['1984-03-27', '1984-03', 'partial'],
    ['1984-03-27', '1984', 'partial'],
    ['1984-03-27', '1985', 'differs'],
    ['1984-03-27', '1984-11-27', 'near'],
    ['1984-03-27', '1957-11-09', 'differs'],
  ])('%s and %s: %s', (a, b, level) => {
    expect([born(a, b), born(b, a)]).toEqual([level, level]);
  });

  test('a first of January weighs less than another day', () => {
    const weight = (birthDate: string) =>
      pair({ birthDate }, { birthDate }, pairModel).fields.find(({ field }) => field === 'birthDate')!.weight;
    expect(weight('1984-01-01')).toBeLessThan(weight('1984-03-27') - 3);
  });
});

test('[IM13] addresses: the street by number and name, the place by code and town', () => {
  const main = { line: ['14 Orchard Street'], city: 'Ashford', postalCode: '12074' };
  expect(home(main, { line: ['14 ORCHARD ST'], city: 'ASHFORD', postalCode: '12074-0001' })).toBe(
    'exact exact',
  );
  expect(home(main, { line: ['14 Orchrad Street'], city: 'Ashfrod', postalCode: '12074' })).toBe(
    'typo exact',
  );
  expect(home(main, { line: ['41 Orchard Street'], city: 'Ashford', postalCode: '12075' })).toBe(
    'close close',
  );
  expect(home(main, { line: ['530 Orchard Street'], city: 'Ashford' })).toBe('street one');
  expect(home({ ...main, line: ['14 Orchard St Apt 1'] }, { ...main, line: ['14 Orchard St Apt 2'] })).toBe(
    'close exact',
  );
  expect(home(main, { line: ['9 Mill Road'], city: 'Selby', postalCode: '14410' })).toBe('differs differs');
});
