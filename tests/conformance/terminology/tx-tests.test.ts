import { beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runSuite } from './tx-suite.ts';

/**
 * Cases of the FHIR terminology ecosystem (tx-tests) against the operations. What does not agree stands here with its reason; whatever else does not, fails.
 */
const REASONS: readonly (readonly [reason: string, names: readonly string[]])[] = [
  [
    'The suite has two texts for one message, with quotes around the code system and without; ours has the quotes.',
    ['validation-simple-coding-bad-system', 'unknown-system2'],
  ],
  [
    'The place is expected as `expression` alone here and as `location` and `expression` everywhere else; ours has both.',
    ['validation-contained-good', 'validation-contained-bad'],
  ],
  [
    'R5: a reverse translation repeats the target as `concept` and has the source beside it; in R4 `concept` is what was found.',
    ['translate-reverse'],
  ],
];

/** Of these suites the collection has the cases, but not all code systems and value sets that they ask about. */
const WITHOUT_FILES = ['parameters', 'validation'];

describe('tx-tests', () => {
  let outcomes: readonly Outcome[];
  beforeAll(async () => {
    outcomes = await runSuite();
  });

  const explained = new Set(REASONS.flatMap(([, names]) => names));
  /** The value set or code system that is asked for is in a file that is not there. */
  const isWithout = ({ suite, name, lacks }: Outcome) =>
    WITHOUT_FILES.includes(suite) && lacks.length > 0 && /language|supplement|definitions3/.test(name);

  test('every case whose files are there agrees, or has a reason not to', () => {
    const open = outcomes.filter(
      (one) => one.difference !== undefined && !isWithout(one) && !explained.has(one.name),
    );
    expect(open.map(({ suite, name, difference }) => `${suite} ${name}: ${difference}`)).toEqual([]);
  });

  test('a reason stands only for what does not agree', () => {
    const agreeing = outcomes.filter(
      ({ name, difference }) => difference === undefined && explained.has(name),
    );
    expect(agreeing.map(({ name }) => name)).toEqual([]);
  });

  test('so many agree', () => {
    const agreeing = outcomes.filter(({ difference }) => difference === undefined);
    const without = outcomes.filter((one) => one.difference !== undefined && isWithout(one));
    expect([outcomes.length, agreeing.length, without.length]).toEqual([348, 318, 25]);
  });
});
