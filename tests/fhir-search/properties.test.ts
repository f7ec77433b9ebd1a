import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resourceTypes } from '../../src/standards/fhir/index.ts';
import {
  expansionsAsked,
  includesOf,
  parseSearch,
  revIncludesOf,
  SearchError,
  type SearchOptions,
  searchParametersOf,
} from '../../src/standards/fhir-search/index.ts';

const options: SearchOptions = {
  handling: 'lenient',
  now: new Date('2026-01-01T00:00:00Z'),
  defaultCount: 50,
  maxCount: 1000,
};

const anyOf = (type: string, name: string, value: string) => {
  const [clause] = parseSearch(type, [[name, value]], { ...options, handling: 'strict' }).query.where;
  return clause && 'anyOf' in clause ? clause.anyOf : undefined;
};

const escaped = (text: string) => text.replace(/[\\,$|]/g, '\\$&');

describe('whatever is asked', () => {
  const words = [
    ...[
      'name',
      'code',
      'subject',
      'date',
      'value-quantity',
      'combo-code-value-quantity',
      '_has',
      '_id',
      '_sort',
      '_include',
      '_type',
    ],
    ...[
      ':',
      '.',
      ':missing',
      ':not',
      ':Patient',
      'Observation',
      'patient',
      '*',
      '-',
      ',',
      '$',
      '|',
      '\\',
      'ge',
      '2020',
      '1e5',
    ],
    ...["'", '%', '\0', '__proto__', 'constructor', 'true', '', ' ', '\u{1F600}', '\ud800'],
  ];
  const text = fc.oneof(
    fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );

  test('[S12] is parsed or refused with a SearchError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<string | string[]>(
          'Observation',
          'Patient',
          'Encounter',
          'NoSuchType',
          ['Patient', 'Group'],
          [],
        ),
        fc.array(fc.tuple(text, text), { maxLength: 4 }),
        fc.constantFrom('strict', 'lenient'),
        (types, parameters, handling) => {
          try {
            const { used, ignored } = parseSearch(types, parameters, { ...options, handling });
            expect(used.length + ignored.length).toBe(parameters.length);
          } catch (error) {
            if (!(error instanceof SearchError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('[S14] every parameter of every type takes the modifiers it says it takes, and no others', () => {
    const modifiers = [
      'missing',
      'exact',
      'contains',
      'text',
      'not',
      'of-type',
      'identifier',
      'below',
      'above',
      'in',
      'not-in',
    ];
    const takes = (type: string, name: string) => {
      try {
        const expansions = new Map(
          expansionsAsked([[name, 'true']]).map(({ key }) => [key, [{ code: 'a' }]]),
        );
        parseSearch(type, [[name, 'true']], { ...options, expansions });
      } catch (error) {
        if (!(error instanceof SearchError)) throw error;
        return error.kind !== 'not-supported';
      }
      return true;
    };
    const differing: string[] = [];
    for (const type of resourceTypes)
      for (const [code, parameter] of searchParametersOf(type))
        for (const modifier of modifiers)
          if (takes(type, `${code}:${modifier}`) !== parameter.modifiers.includes(modifier))
            differing.push(`${type}.${code}:${modifier}`);
    expect(differing).toEqual([]);
  });
});

describe('texts', () => {
  const plain = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => text.trim() !== '' && !text.includes('\0'));

  test('[S13] come back from their escapes, however many', () => {
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 5 }), (texts) => {
        expect(anyOf('Patient', 'name', texts.map(escaped).join(','))).toEqual(texts);
      }),
    );
  });

  test('[S15] as system and code too', () => {
    fc.assert(
      fc.property(plain, plain, (system, code) => {
        expect(anyOf('Observation', 'code', `${escaped(system)}|${escaped(code)}`)).toEqual([
          { system, code },
        ]);
      }),
    );
  });
});

describe('numbers', () => {
  /** In units of the place after the last digit, which is exact. */
  const scaled = (text: string, places: number): bigint => {
    const [whole = '', fraction = ''] = text.split('.');
    return BigInt(`${whole}${fraction.padEnd(places, '0')}`);
  };

  test('[S17] stand for half a unit of their last digit, to either side', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat({ max: 12 }), (digits, places) => {
        const sign = digits < 0n ? '-' : '';
        const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, '0');
        const at = text.length - places;
        const number = places === 0 ? `${sign}${text}` : `${sign}${text.slice(0, at)}.${text.slice(at)}`;
        const [value] = anyOf('RiskAssessment', 'probability', number) as {
          value: string;
          low: string;
          high: string;
        }[];
        expect(scaled(value?.low ?? '', places + 1)).toBe(digits * 10n - 5n);
        expect(scaled(value?.high ?? '', places + 1)).toBe(digits * 10n + 5n);
        expect(scaled(value?.value ?? '', places + 1)).toBe(digits * 10n);
      }),
    );
  });

  test('[S17] ap holds at least a tenth, and the exact range', () => {
    fc.assert(
      fc.property(
        fc
          .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
          .filter((number) => number === 0 || Math.abs(number) > 1e-250),
        (number) => {
          const read = (prefix: string) =>
            (
              anyOf('RiskAssessment', 'probability', `${prefix}${number}`) as { low: string; high: string }[]
            )[0];
          const [exact, around] = [read('eq'), read('ap')];
          const slack = Math.abs(number) * 1e-12;
          expect(Number(around?.low)).toBeLessThanOrEqual(
            Math.min(Number(exact?.low), number - Math.abs(number) / 10) + slack,
          );
          expect(Number(around?.high)).toBeGreaterThanOrEqual(
            Math.max(Number(exact?.high), number + Math.abs(number) / 10) - slack,
          );
        },
      ),
    );
  });
});

describe('what a type may be asked', () => {
  test('R4 has 145 types to search, each with the parameters of every type', () => {
    for (const type of resourceTypes)
      for (const code of ['_id', '_lastUpdated', '_tag', '_security', '_profile', '_source'])
        expect(searchParametersOf(type).has(code)).toBe(true);
    expect(searchParametersOf('Observation').get('patient')).toEqual({
      code: 'patient',
      type: 'reference',
      url: 'http://hl7.org/fhir/SearchParameter/clinical-patient',
      modifiers: ['missing', 'identifier', '[type]'],
      targets: ['Patient'],
      sortable: true,
    });
  });

  test.each(['__proto__', 'constructor', 'NoSuchType', 'Resource', ''])(
    '%s has those of every type at most',
    (type) => {
      expect([...searchParametersOf(type).keys()].every((code) => code.startsWith('_'))).toBe(true);
    },
  );

  test('[S22] what is said to be included can be', () => {
    expect(includesOf('MedicationRequest')).toContain('MedicationRequest:medication');
    expect(revIncludesOf('Patient')).toEqual(
      expect.arrayContaining(['Provenance:target', 'Observation:patient']),
    );
    expect(includesOf('NoSuchType')).toEqual([]);
    for (const type of resourceTypes) {
      for (const include of includesOf(type))
        parseSearch(type, [['_include', include]], { ...options, handling: 'strict' });
      for (const one of revIncludesOf(type))
        parseSearch(type, [['_revinclude', one]], { ...options, handling: 'strict' });
    }
  });
});
