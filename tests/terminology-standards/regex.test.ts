import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeSystemView, TerminologyError } from '../../src/standards/terminology/index.ts';

const systemOf = (codes: readonly string[]) =>
  codeSystemView({
    ...{ resourceType: 'CodeSystem', url: 'http://example.org/cs', status: 'active', content: 'complete' },
    concept: codes.map((code) => ({ code, display: code })),
  });

const matching = async (pattern: string, codes: readonly string[]) => [
  ...(await systemOf(codes).matching(codes, [{ property: 'code', op: 'regex', value: pattern }])),
];

describe('[TX14] a regular expression of a value set', () => {
  test.each([
    ['[A-Z]{3}', ['USA', 'US', 'usa', 'USAX', '840'], ['USA']],
    ['[0-9]{3}', ['840', '84', 'USA'], ['840']],
    ['a|bc?', ['a', 'b', 'bc', 'ac', 'abc'], ['a', 'b', 'bc']],
    ['(ab)+', ['ab', 'abab', 'aba', ''], ['ab', 'abab']],
    ['^x.*y$', ['xy', 'x-y', 'xyz'], ['xy', 'x-y']],
    ['\\d+\\.\\d{1,2}', ['1.0', '12.34', '1.234', '1x0'], ['1.0', '12.34']],
    ['[^a-c]\\w*', ['d1', 'a1', '_'], ['d1', '_']],
    ['(?:a*)*b', ['b', 'aaab', 'aaa'], ['b', 'aaab']],
    ['é.', ['é1', 'e1', 'é😀'], ['é1', 'é😀']],
  ])('%s matches whole texts', async (pattern, codes, expected) => {
    expect(await matching(pattern, codes.filter(Boolean))).toEqual(expected);
  });

  test.each([
    '(a)\\1',
    '(?=a)',
    '(?<!a)b',
    '[',
    '(',
    ')',
    'a{2,1}',
    '*',
    'a**',
    'a{9999}',
    '\\',
    '[b-a]',
    '((a{99}){99}){99}',
    '(?<n>a)',
    '[a&&b]',
  ])('%s is refused', async (pattern) => {
    await expect(matching(pattern, ['a'])).rejects.toThrow(TerminologyError);
  });

  test('one that keeps backtracking engines busy for ever is quick', async () => {
    const cpu = process.cpuUsage();
    expect(await matching('(a+)+b', ['a'.repeat(1000)])).toEqual([]);
    expect(await matching('(a|aa)*c', ['a'.repeat(1000)])).toEqual([]);
    expect(await matching('(.*)*(.*)*(.*)*x', ['y'.repeat(1000)])).toEqual([]);
    const { user, system } = process.cpuUsage(cpu);
    expect((user + system) / 1000).toBeLessThan(2000);
  });

  test('[TX15] others have their turn while it is tried on a code system', async () => {
    const system = systemOf(Array.from({ length: 500 }, (_, at) => `${'abc'.repeat(20)}${at}`));
    const filter = { property: 'code', op: 'regex', value: `.*(a|b|.)*${'x?'.repeat(150)}z` } as const;
    let turns = 0;
    let isOver = false;
    const take = () => {
      turns += 1;
      if (!isOver) setImmediate(take);
    };
    setImmediate(take);
    expect(await system.select([filter], { limit: 10 })).toEqual([]);
    isOver = true;
    expect(turns).toBeGreaterThan(20);
  });

  test('says what the engine of the language says', async () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '(a|b)', '(ab|b)', '(?:a)');
    const part = fc
      .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}'))
      .map((two) => two.join(''));
    const pattern = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pattern, text, async (one, code) => {
        const expected = new RegExp(`^(?:${one})$`, 'u').test(code);
        expect((await matching(one, [code])).length === 1).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
