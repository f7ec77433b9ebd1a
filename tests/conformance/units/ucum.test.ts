import { expect, describe as suite, test } from 'vitest';
import {
  type Converted,
  compareQuantities,
  convert,
  describe,
  divide,
  isValidUnit,
  multiply,
  type Refused,
} from '../../../src/standards/ucum/index.ts';
import { type Case, functionalTests } from './functional-tests.ts';
import { reasons } from './reasons.ts';

const files = functionalTests();
const excused = new Set<string>();

/** Compares every case; one with a reason must disagree, so that no reason outlives its case. */
function holds(file: string, cases: readonly Case[], check: (one: Case) => readonly [unknown, unknown]) {
  for (const one of cases) {
    const key = `${file} ${one.id} ${one.unit ?? one.srcUnit ?? one.u1}`;
    const [actual, expected] = check(one);
    if (key in reasons) {
      excused.add(key);
      expect(actual, `${key} agrees by now`).not.toEqual(expected);
    } else expect(actual, key).toEqual(expected);
  }
  return cases.length;
}

/** An outcome is given to some digits: what agrees with it is what rounds to it. */
const digitsOf = (outcome: string) =>
  outcome.replace(/e.*$/i, '').replace('-', '').replace('.', '').replace(/^0+/, '').length;

function agrees(value: string, outcome: string): boolean {
  const step = `1e${exponentOf(outcome) - digitsOf(outcome) + 1}`;
  const difference = (a: string, b: string) => BigInt(scaled(a)) - BigInt(scaled(b));
  const scaled = (text: string) => toInteger(text, 400);
  const distance = difference(value, outcome);
  const absolute = distance < 0n ? -distance : distance;
  return 2n * absolute <= BigInt(scaled(step));
}

/** The decimal × 10^scale, cut. */
function toInteger(text: string, scale: number): bigint {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', decimals = ''] = mantissa.split('.');
  const shift = scale + Number(exponent) - decimals.length;
  return BigInt(`${whole}${decimals}`) * 10n ** BigInt(shift);
}

const exponentOf = (text: string) => Math.floor(Math.log10(Math.abs(Number(text))));

const result = (answer: Converted | Refused) => ('why' in answer ? answer.why : answer.value);

suite.each(files)(
  '$file',
  ({ file, validation, displayNameGeneration, conversion, multiplication, division }) => {
    test('[UC1] every unit is valid or invalid as it says', () => {
      expect(
        holds(file, validation, (one) => [isValidUnit(one.unit ?? ''), one.valid === 'true']),
      ).toBeGreaterThan(500);
    });

    test('[UC11] every unit reads as it says', () => {
      expect(
        holds(file, displayNameGeneration, (one) => [describe(one.unit ?? ''), one.display]),
      ).toBeGreaterThan(7);
    });

    test('[UC5] every conversion has the outcome it says', () => {
      const count = holds(file, conversion, ({ value = '', srcUnit = '', dstUnit = '', outcome = '' }) => {
        const answer = convert(value, srcUnit, dstUnit);
        if ('why' in answer) return [answer.why, outcome];
        return [agrees(answer.value, outcome) ? outcome : answer.value, outcome];
      });
      expect(count).toBeGreaterThan(28);
    });

    test('[UC10] every product and quotient is as it says', () => {
      for (const [cases, work] of [
        [multiplication, multiply],
        [division, divide],
      ] as const)
        holds(file, cases, ({ v1 = '', u1 = '', v2 = '', u2 = '', vRes = '', uRes = '' }) => {
          const answer = work({ value: v1, unit: u1 }, { value: v2, unit: u2 });
          if ('why' in answer) return [answer.why, vRes];
          // No unit is unity (the files' own comment on case 1-103).
          const back = convert(answer.value, answer.unit, uRes || '1');
          return [agrees(result(back), vRes) ? vRes : result(back), vRes];
        });
      expect(multiplication.length).toBeGreaterThan(1);
    });
  },
);

test('[UC1] every reason has its case', () => {
  expect([...excused].sort()).toEqual(Object.keys(reasons).sort());
});

test('[UC9] a converted value equals what it was', () => {
  for (const { conversion } of files)
    for (const { value = '', srcUnit = '', dstUnit = '' } of conversion) {
      const answer = convert(value, srcUnit, dstUnit);
      if ('value' in answer && answer.exactness === 'exact')
        expect(compareQuantities({ value, unit: srcUnit }, answer)).toBe('equal');
    }
});
