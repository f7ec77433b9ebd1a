import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expand,
  type Input,
  resourceSource,
  TerminologyError,
  validateInValueSet,
} from '../../src/standards/terminology/index.ts';

type Json = Readonly<Record<string, unknown>>;

const A = 'http://example.org/a';
const B = 'http://example.org/b';
const vsUrl = (at: number) => `http://example.org/vs/${at}`;
const ask = (definitions: readonly Json[], inputs: readonly Input[]) => ({
  source: resourceSource(definitions),
  inputs,
});
const text = (name: string, value: unknown): Input => ({ name, value });

const codesOf = (valueSet: Json): string[] => {
  const walk = (nodes: readonly Json[] = []): string[] =>
    nodes.flatMap((node) => [`${node.system}#${node.code}`, ...walk(node.contains as readonly Json[])]);
  return walk((valueSet.expansion as Json).contains as readonly Json[]);
};
const resultOf = (parameters: Json): unknown =>
  (parameters.parameter as readonly Json[]).find(({ name }) => name === 'result')?.valueBoolean;

const codeSystem = (url: string, concept: readonly Json[], more: Json = {}): Json => ({
  ...{
    resourceType: 'CodeSystem',
    url,
    version: '1',
    status: 'active',
    content: 'complete',
    caseSensitive: true,
    concept,
  },
  ...more,
});
const valueSet = (at: number, compose: Json): Json => ({
  ...{ resourceType: 'ValueSet', url: vsUrl(at), version: '1', status: 'active', compose },
});

/** Code systems whose hierarchies may run in circles. */
const CODES = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const anyCode = fc.constantFrom(...CODES);
const anyConcept = fc.record({
  parents: fc.array(anyCode, { maxLength: 2 }),
  isInactive: fc.boolean(),
  color: fc.constantFrom(undefined, 'red', 'blue'),
});
const anySystem = (url: string) =>
  fc.array(anyConcept, { minLength: CODES.length, maxLength: CODES.length }).map((concepts) =>
    codeSystem(
      url,
      concepts.map(({ parents, isInactive, color }, at) => ({
        ...{ code: CODES[at], display: `Display of ${CODES[at]}` },
        property: [
          ...parents.map((valueCode) => ({ code: 'parent', valueCode })),
          ...(isInactive ? [{ code: 'inactive', valueBoolean: true }] : []),
          ...(color ? [{ code: 'color', valueCode: color }] : []),
        ],
      })),
      { property: [{ code: 'color', type: 'code' }] },
    ),
  );
const anyFilter = fc.oneof(
  fc.record({
    property: fc.constant('concept'),
    op: fc.constantFrom('is-a', 'descendent-of', 'is-not-a', 'generalizes'),
    value: anyCode,
  }),
  fc.record({
    property: fc.constant('color'),
    op: fc.constantFrom('=', 'in', 'not-in'),
    value: fc.constantFrom('red', 'blue', 'red,blue'),
  }),
  fc.record({
    property: fc.constantFrom('color', 'parent', 'child'),
    op: fc.constant('exists'),
    value: fc.constantFrom('true', 'false'),
  }),
  fc.record({
    property: fc.constant('code'),
    op: fc.constant('regex'),
    value: fc.constantFrom('c[0-2]', '.[135]', 'c.*'),
  }),
);
const SETS = 4;
const anyInclude = fc
  .record({
    system: fc.constantFrom(undefined, A, B),
    concept: fc.option(
      fc.array(
        fc.constantFrom(...CODES, 'none').map((code) => ({ code })),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
    filter: fc.option(fc.array(anyFilter, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    valueSet: fc.option(fc.array(fc.nat(SETS - 1).map(vsUrl), { minLength: 1, maxLength: 2 }), {
      nil: undefined,
    }),
  })
  .map(({ system, concept, filter, valueSet: sets }) => ({
    ...(system === undefined ? {} : { system }),
    ...(system !== undefined && concept ? { concept } : {}),
    ...(system !== undefined && filter && !concept ? { filter } : {}),
    ...(sets || system === undefined ? { valueSet: sets ?? [vsUrl(0)] } : {}),
  }));
const anyCompose = fc
  .record({
    include: fc.array(anyInclude, { minLength: 1, maxLength: 3 }),
    exclude: fc.array(anyInclude, { maxLength: 2 }),
    inactive: fc.constantFrom(undefined, true, false),
  })
  .map(({ inactive, ...rest }) => ({ ...rest, ...(inactive === undefined ? {} : { inactive }) }));

/** Value sets that refer to later ones only, so that there are no circles. */
const anySets = fc.array(anyCompose, { minLength: SETS, maxLength: SETS }).map((all) =>
  all.map((compose, at) => {
    const later = (include: { valueSet?: string[] }) => {
      const sets = (include.valueSet ?? []).filter((url) => Number(url.slice(-1)) > at);
      const { valueSet: _, ...rest } = include;
      if (sets.length > 0) return { ...rest, valueSet: sets };
      return 'system' in rest ? rest : { ...rest, system: A };
    };
    return valueSet(at, {
      ...compose,
      include: compose.include.map(later),
      exclude: compose.exclude.map(later),
    });
  }),
);

describe('[TX12] compose', () => {
  test('expand and validate-code agree on every code', async () => {
    await fc.assert(
      fc.asyncProperty(anySystem(A), anySystem(B), anySets, fc.boolean(), async (a, b, sets, activeOnly) => {
        const definitions = [a, b, ...sets];
        const inputs = [text('url', vsUrl(0)), text('activeOnly', activeOnly)];
        const listed = new Set(codesOf(await expand(ask(definitions, inputs))));
        for (const system of [A, B])
          for (const code of [...CODES, 'none']) {
            const asked = [...inputs, text('system', system), text('code', code)];
            const answer = await validateInValueSet(ask(definitions, asked));
            expect([system, code, resultOf(answer)]).toEqual([system, code, listed.has(`${system}#${code}`)]);
          }
      }),
      { numRuns: 150 },
    );
  });

  test('pages are the whole, cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        anySystem(A),
        anySystem(B),
        anySets,
        fc.integer({ min: 1, max: 5 }),
        async (a, b, sets, count) => {
          const definitions = [a, b, ...sets];
          const inputs = [text('url', vsUrl(0))];
          const whole = await expand(ask(definitions, [...inputs, text('excludeNested', true)]));
          const pages: string[] = [];
          for (let offset = 0; offset <= 14; offset += count) {
            const page = await expand(
              ask(definitions, [...inputs, text('offset', offset), text('count', count)]),
            );
            expect((page.expansion as Json).total).toBe((whole.expansion as Json).total);
            pages.push(...codesOf(page));
          }
          expect(pages).toEqual(codesOf(whole));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a tree has every code of the list once', async () => {
    await fc.assert(
      fc.asyncProperty(anySystem(A), anySystem(B), anySets, async (a, b, sets) => {
        const definitions = [a, b, ...sets];
        const tree = codesOf(await expand(ask(definitions, [text('url', vsUrl(0))])));
        const list = codesOf(
          await expand(ask(definitions, [text('url', vsUrl(0)), text('excludeNested', true)])),
        );
        expect([...tree].sort()).toEqual([...list].sort());
        expect(new Set(tree).size).toBe(tree.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('[TX13] a value set', () => {
  const plain = codeSystem(A, [
    { code: 'x', display: 'X' },
    { code: 'y', display: 'Y' },
  ]);
  const include = (...includes: readonly Json[]) => ({ include: includes });

  test('that contains itself adds nothing to itself', async () => {
    const circle = [
      valueSet(0, include({ system: A, concept: [{ code: 'x' }] }, { valueSet: [vsUrl(1)] })),
      valueSet(1, include({ system: A, concept: [{ code: 'y' }] }, { valueSet: [vsUrl(0)] })),
    ];
    expect(codesOf(await expand(ask([plain, ...circle], [text('url', vsUrl(0))])))).toEqual([
      `${A}#x`,
      `${A}#y`,
    ]);
    const answer = await validateInValueSet(
      ask([plain, ...circle], [text('url', vsUrl(0)), text('system', A), text('code', 'z')]),
    );
    expect(resultOf(answer)).toBe(false);
  });

  test('of too many levels, or that multiplies, is too costly', async () => {
    const deep = Array.from({ length: 40 }, (_, at) => valueSet(at, include({ valueSet: [vsUrl(at + 1)] })));
    await expect(
      expand(ask([plain, ...deep, valueSet(40, include({ system: A }))], [text('url', vsUrl(0))])),
    ).rejects.toMatchObject({ type: 'too-costly' });
    const many = Array.from({ length: 15 }, (_, at) =>
      valueSet(at, { include: Array.from({ length: 10 }, () => ({ valueSet: [vsUrl(at + 1)] })) }),
    );
    const asked = [text('url', vsUrl(0)), text('system', A), text('code', 'x')];
    await expect(
      validateInValueSet(
        ask([plain, ...many, valueSet(15, include({ system: A, concept: [{ code: 'y' }] }))], asked),
      ),
    ).rejects.toMatchObject({ type: 'too-costly' });
  });

  test('whose parts are not there is not known, and is not taken for empty', async () => {
    const sets = [
      valueSet(0, include({ system: A }, { valueSet: [vsUrl(9)] })),
      valueSet(1, include({ system: B })),
    ];
    await expect(expand(ask([plain, ...sets], [text('url', vsUrl(0))]))).rejects.toMatchObject({
      type: 'not-found',
    });
    await expect(expand(ask([plain, ...sets], [text('url', vsUrl(1))]))).rejects.toMatchObject({
      type: 'not-found',
    });
    const known = await validateInValueSet(
      ask([plain, ...sets], [text('url', vsUrl(0)), text('system', A), text('code', 'x')]),
    );
    expect(resultOf(known)).toBe(true);
    const open = await validateInValueSet(
      ask([plain, ...sets], [text('url', vsUrl(0)), text('system', A), text('code', 'q')]),
    );
    expect(JSON.stringify(open)).toContain(vsUrl(9));
    expect(resultOf(open)).toBe(false);
  });

  test('that excludes what is not there excludes nobody by guessing', async () => {
    const set = valueSet(0, { include: [{ system: A }], exclude: [{ valueSet: [vsUrl(9)] }] });
    await expect(expand(ask([plain, set], [text('url', vsUrl(0))]))).rejects.toMatchObject({
      type: 'not-found',
    });
    const answer = await validateInValueSet(
      ask([plain, set], [text('url', vsUrl(0)), text('system', A), text('code', 'x')]),
    );
    expect(resultOf(answer)).toBe(false);
  });

  test('that lists codes of a code system which is not there has what it lists', async () => {
    const set = valueSet(0, include({ system: B, concept: [{ code: 'q', display: 'Q' }] }));
    expect(codesOf(await expand(ask([set], [text('url', vsUrl(0))])))).toEqual([`${B}#q`]);
    const result = async (code: string) =>
      resultOf(
        await validateInValueSet(ask([set], [text('url', vsUrl(0)), text('system', B), text('code', code)])),
      );
    expect([await result('q'), await result('r')]).toEqual([true, false]);
  });

  test('of a fragment may have what the fragment lacks, and says so', async () => {
    const fragment = codeSystem(A, [{ code: 'x' }], { content: 'fragment' });
    const filtered = valueSet(
      1,
      include({ system: A, filter: [{ property: 'code', op: 'regex', value: '.' }] }),
    );
    const answer = (at: number) =>
      validateInValueSet(
        ask(
          [fragment, valueSet(0, include({ system: A })), filtered],
          [text('url', vsUrl(at)), text('system', A), text('code', 'q')],
        ),
      );
    expect(resultOf(await answer(0))).toBe(true);
    expect(JSON.stringify(await answer(0))).toContain('labeled as a fragment');
    expect(resultOf(await answer(1))).toBe(false);
    expect(JSON.stringify(await answer(1))).toContain('Only a part');
  });

  test('with a filter that is not understood is refused', async () => {
    for (const filter of [
      { property: 'shape', op: '=', value: 'round' },
      { property: 'concept', op: 'is-a' },
      { property: 'concept', op: 'like', value: 'x' },
    ])
      await expect(
        expand(ask([plain, valueSet(0, include({ system: A, filter: [filter] }))], [text('url', vsUrl(0))])),
      ).rejects.toThrow(TerminologyError);
  });

  test('[TX15] of 100,000 codes comes in pages, and not at once', async () => {
    const large = codeSystem(
      A,
      Array.from({ length: 100_000 }, (_, at) => ({ code: `c${at}`, display: `Concept ${at}` })),
    );
    const source = resourceSource([large, valueSet(0, include({ system: A }))]);
    await expect(expand({ source, inputs: [text('url', vsUrl(0))] })).rejects.toMatchObject({
      type: 'too-costly',
    });
    const page = await expand({
      source,
      inputs: [text('url', vsUrl(0)), text('offset', 50_000), text('count', 2)],
    });
    expect(page.expansion).toMatchObject({
      total: 100_000,
      contains: [{ code: 'c50000' }, { code: 'c50001' }],
    });
    const found = await expand({ source, inputs: [text('url', vsUrl(0)), text('filter', '99999')] });
    expect(codesOf(found)).toEqual([`${A}#c99999`]);
  });

  test('[TX15] work that takes too long ends, and others have their turn', async () => {
    const large = codeSystem(
      A,
      Array.from({ length: 100_000 }, (_, at) => ({ code: `c${at}` })),
    );
    const source = resourceSource([large, valueSet(0, include({ system: A }))]);
    const limit = new AbortController();
    const others = new Promise<void>((resolve) => setImmediate(resolve)).then(() => limit.abort());
    const asked = expand({
      source,
      inputs: [text('url', vsUrl(0)), text('offset', 90_000), text('count', 1)],
      signal: limit.signal,
    });
    await expect(asked).rejects.toMatchObject({ type: 'too-costly' });
    await others;
  });

  test('[TX15] a page tells how many there are without going through them', async () => {
    let selected = 0;
    const source = resourceSource([
      codeSystem(
        A,
        Array.from({ length: 20_000 }, (_, at) => ({ code: `c${at}` })),
      ),
      valueSet(0, include({ system: A })),
    ]);
    const counting = {
      ...source,
      codeSystem: async (...asked: Parameters<typeof source.codeSystem>) => {
        const view = await source.codeSystem(...asked);
        if (!view) return undefined;
        const select: typeof view.select = (filters, slice) => {
          selected += slice.limit;
          return view.select(filters, slice);
        };
        return { ...view, select };
      },
    };
    const inputs = [text('url', vsUrl(0)), text('count', 3)];
    const { expansion } = await expand({ source: counting, inputs });
    expect(expansion).toMatchObject({ total: 20_000, contains: [{}, {}, {}] });
    expect(selected).toBeLessThan(5_000);
  });
});

describe('[TX16] a hierarchy', () => {
  test('of 10,000 levels, or one that runs in circles, is gone through once', async () => {
    const deep = codeSystem(
      A,
      Array.from({ length: 10_000 }, (_, at) => ({
        code: `c${at}`,
        property: [{ code: 'parent', valueCode: `c${at === 0 ? 9_999 : at - 1}` }],
      })),
    );
    const filter = (op: string, value: string) =>
      valueSet(0, include({ system: A, filter: [{ property: 'concept', op, value }] }));
    const total = async (set: Json) =>
      ((await expand(ask([deep, set], [text('url', vsUrl(0)), text('count', 0)]))).expansion as Json).total;
    expect(await total(filter('is-a', 'c5'))).toBe(10_000);
    expect(await total(filter('descendent-of', 'c5'))).toBe(9_999);
    expect(await total(filter('is-not-a', 'c5'))).toBe(0);
  });

  const include = (...includes: readonly Json[]) => ({ include: includes });
});
