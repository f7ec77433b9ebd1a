import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import {
  canonical,
  compareQuantities,
  convert,
  describe,
  isValidUnit,
  parseUnit,
  unitRules,
} from '../../src/standards/ucum/index.ts';

const symbols = [
  'm',
  'kg',
  'g',
  's',
  'min',
  'L',
  'dL',
  'mol',
  'mmol',
  'meq',
  'U',
  '[iU]',
  'mm[Hg]',
  'K',
  '%',
  '10*',
  '[in_i]',
];
const component = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...symbols),
      fc.constantFrom('', '2', '-1', '+3', '-2'),
      fc.constantFrom('', '{a}'),
    )
    .map((parts) => parts.join('')),
  fc.integer({ min: 1, max: 999 }).map(String),
  fc.constant('{cells}'),
);
const flat = fc
  .tuple(component, fc.array(fc.tuple(fc.constantFrom('.', '/'), component), { maxLength: 4 }))
  .map(([first, rest]) => first + rest.flat().join(''));
const unit = fc.oneof(
  flat,
  fc.tuple(flat, flat).map(([a, b]) => `${a}/(${b})`),
  fc.constantFrom('Cel', '[degF]', 'mCel', '[degRe]'),
);
const decimal = fc
  .tuple(fc.constantFrom('', '-'), fc.nat(999_999_999), fc.nat(9999), fc.integer({ min: -20, max: 20 }))
  .map(([sign, whole, part, exponent]) => `${sign}${whole}.${part}e${exponent}`);

/** Letters that hurt. */
const hostile = fc.oneof(
  fc.string({ maxLength: 400 }),
  fc.string({ unit: fc.constantFrom(...'mgkLs10*^.()/{}[]+-µ \n\u0000'), maxLength: 250 }),
  fc.string({ unit: 'binary', maxLength: 100 }),
);

suite('properties', () => {
  test('[UC5] there and back is where it was', () => {
    fc.assert(
      fc.property(decimal, unit, (value, from) => {
        const there = canonical(value, from);
        if (!there) return;
        const back = convert(there.value, there.unit, from);
        if ('why' in back) throw new Error(`${from} has no way back: ${back.why}`);
        if (there.exactness === 'exact') {
          expect(compareQuantities({ value, unit: from }, there)).toBe('equal');
          expect(compareQuantities({ value, unit: from }, back)).toBe('equal');
        }
        const size = Math.max(Math.abs(Number(value)), from.includes('deg') ? 1000 : 0);
        expect(Math.abs(Number(back.value) - Number(value))).toBeLessThanOrEqual(size * 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  test('[UC8] the canonical form of a canonical form is itself', () => {
    fc.assert(
      fc.property(decimal, fc.oneof(unit, fc.constantFrom('[pH]', 'dB', 'B[SPL]')), (value, from) => {
        const once = canonical(value, from);
        if (!once) return;
        expect(isValidUnit(once.unit)).toBe(true);
        expect(canonical(once.value, once.unit)).toMatchObject({ value: once.value, unit: once.unit });
      }),
      { numRuns: 500 },
    );
  });

  test('[UC9] comparing the other way round says the opposite', () => {
    const opposite = { equal: 'equal', less: 'greater', greater: 'less', incomparable: 'incomparable' };
    fc.assert(
      fc.property(decimal, unit, decimal, unit, (a, one, b, other) => {
        const there = compareQuantities({ value: a, unit: one }, { value: b, unit: other });
        expect(compareQuantities({ value: b, unit: other }, { value: a, unit: one })).toBe(opposite[there]);
      }),
      { numRuns: 300 },
    );
  });

  test('[UC4] any text is answered: a unit, or a place inside it and a rule', () => {
    fc.assert(
      fc.property(hostile, fc.string({ maxLength: 20 }), (text, value) => {
        const parsed = parseUnit(text);
        if ('rule' in parsed) {
          expect(Object.keys(unitRules)).toContain(parsed.rule);
          expect(parsed.at).toBeGreaterThanOrEqual(0);
          expect(parsed.at).toBeLessThanOrEqual(text.length);
        } else expect(parsed.code).toBe(text);
        expect(typeof describe(text)).toBe('string');
        expect(convert(value, text, 'g')).toBeTypeOf('object');
        expect(() => canonical(value, text)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });

  test('[UC4] the worst units are computed within bounds', () => {
    const worst = [
      'Ym99.'.repeat(40).slice(0, -1),
      `[pi]${'99.[pi]99'.repeat(20)}`,
      '9'.repeat(200),
      `${'10*99.'.repeat(33)}m`,
    ];
    const before = process.cpuUsage();
    for (const code of worst) canonical('1', code);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(500);
  });
});
