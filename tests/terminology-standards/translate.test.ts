import { describe, expect, test } from 'vitest';
import {
  type ConceptMapView,
  combineSources,
  conceptMapView,
  type MapRow,
  resourceSource,
  type TerminologySource,
  type TranslateRequest,
  translateCodings,
} from '../../src/standards/terminology/index.ts';

const ICD9 = 'http://hl7.org/fhir/sid/icd-9-cm';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const SCT = 'http://snomed.info/sct';

type Element = readonly [code: string, ...targets: readonly Record<string, unknown>[]];

const mapOf = (
  name: string,
  elements: readonly Element[],
  more: Record<string, unknown> = {},
  { source = ICD9, target = ICD10 } = {},
) => ({
  resourceType: 'ConceptMap',
  url: `http://example.org/map/${name}`,
  version: '1',
  status: 'active',
  group: [
    { source, target, element: elements.map(([code, ...targets]) => ({ code, target: targets })), ...more },
  ],
});

/** A loaded map: rows with flags, as tables give them. */
function loaded(name: string, rows: readonly MapRow[], isOneWay = true): TerminologySource {
  const view: ConceptMapView = {
    url: `http://example.org/map/${name}`,
    version: '2018',
    status: 'active',
    isOneWay,
    groups: [
      { source: rows[0]!.source.system, target: rows.find(({ target }) => target)?.target?.system ?? ICD10 },
    ],
    rows: async (system, codes) =>
      new Map(
        codes
          .map(
            (code) =>
              [code, rows.filter((row) => row.source.system === system && row.source.code === code)] as const,
          )
          .filter(([, found]) => found.length > 0),
      ),
    reverse: async (system, codes) =>
      new Map(
        codes
          .map(
            (code) =>
              [
                code,
                rows.filter((row) => row.target?.system === system && row.target.code === code),
              ] as const,
          )
          .filter(([, found]) => found.length > 0),
      ),
  };
  return {
    ...resourceSource([]),
    conceptMaps: async (query) =>
      (query.url === undefined || query.url === view.url) &&
      (query.sourceSystem === undefined || view.groups.some(({ source }) => source === query.sourceSystem)) &&
      (query.targetSystem === undefined || view.groups.some(({ target }) => target === query.targetSystem))
        ? [view]
        : [],
  };
}

const gem = (
  code: string,
  target: string | undefined,
  [isApproximate, isNoMap, isCombination, scenario, choiceList]: readonly [
    number,
    number,
    number,
    number,
    number,
  ],
): MapRow => ({
  source: { system: ICD9, code },
  ...(target === undefined ? {} : { target: { system: ICD10, code: target } }),
  equivalence: target === undefined ? 'unmatched' : 'relatedto',
  gem: {
    ...{ isApproximate: isApproximate === 1, isNoMap: isNoMap === 1, isCombination: isCombination === 1 },
    ...{ scenario, choiceList },
  },
});

const complex = (code: string, group: number, priority: number, rule: string, target?: string): MapRow => ({
  source: { system: SCT, code },
  ...(target === undefined ? {} : { target: { system: ICD10, code: target } }),
  equivalence: target === undefined ? 'unmatched' : 'relatedto',
  complex: { group, priority, rule },
});

const ask = (source: TerminologySource, code: string, more: Partial<TranslateRequest> = {}, system = ICD9) =>
  translateCodings(source, [{ coding: { system, code }, targets: [ICD10], ...more }]).then(([one]) => one!);

const brief = ({ matches }: Awaited<ReturnType<typeof ask>>) =>
  matches.map(({ coding, equivalence, isTranslation, why }) => [
    ...[coding.code, equivalence, isTranslation],
    ...(why ? [why] : []),
  ]);

describe('a GEM', () => {
  const source = loaded('gem', [
    gem('250.00', 'E11.9', [1, 0, 0, 0, 0]),
    gem('001.0', 'A00.0', [0, 0, 0, 0, 0]),
    gem('E880.9', 'W10.8', [1, 0, 0, 0, 0]),
    gem('V01.1', undefined, [1, 1, 0, 0, 0]),
    gem('003.9', 'A02.8', [1, 0, 0, 0, 0]),
    gem('003.9', 'A02.9', [1, 0, 0, 0, 0]),
    gem('115.11', 'B39.4', [1, 0, 1, 1, 1]),
    gem('115.11', 'H32', [1, 0, 1, 1, 2]),
    gem('115.11', 'B39.5', [1, 0, 1, 2, 1]),
    gem('115.11', 'G02', [1, 0, 1, 2, 2]),
  ]);

  test('[TX1] an approximate single target is a translation that is inexact', async () => {
    const found = await ask(source, '250.00');
    expect(found.result).toBe(true);
    expect(brief(found)).toEqual([['E11.9', 'inexact', true]]);
    expect(found.matches[0]?.map).toBe('http://example.org/map/gem|2018');
  });

  test('[TX1] an exact single target is equivalent', async () =>
    expect(brief(await ask(source, '001.0'))).toEqual([['A00.0', 'equivalent', true]]));

  test('[TX2] no-map is unmatched', async () => {
    const found = await ask(source, 'V01.1');
    expect(found).toMatchObject({
      result: false,
      matches: [],
      unmatched: ['http://example.org/map/gem|2018'],
    });
  });

  test('[TX3] alternatives are candidates, none of them chosen', async () => {
    const found = await ask(source, '003.9');
    expect(found.result).toBe(false);
    expect(brief(found)).toEqual([
      ['A02.8', 'inexact', false, 'choice'],
      ['A02.9', 'inexact', false, 'choice'],
    ]);
  });

  test('[TX3] a combination is all of its members together, each scenario by itself', async () => {
    const found = await ask(source, '115.11');
    expect(found.result).toBe(false);
    expect(
      found.matches.map((one) => [
        one.coding.code,
        one.why,
        ...one.products!.map((other) => other.coding.code),
      ]),
    ).toEqual([
      ['B39.4', 'combination', 'H32'],
      ['B39.5', 'combination', 'G02'],
    ]);
  });

  test.each([
    ['25000', 'E11.9'],
    ['e8809', 'W10.8'],
  ])('[TX4] %s without its dot is found and noted', async (code, target) => {
    const found = await ask(source, code);
    expect(found.matches.map(({ coding }) => coding.code)).toEqual([target]);
    expect(found.findings).toEqual([{ rule: 'code-reformatted' }]);
  });

  test('[TX5] read backwards it gives candidates only', async () => {
    const [found] = await translateCodings(source, [
      { coding: { system: ICD10, code: 'E11.9' }, targets: [ICD9], reverse: true },
    ]);
    expect(found!.result).toBe(false);
    expect(brief(found!)).toEqual([['250.00', 'relatedto', false, 'one-way-map']]);
  });
});

describe('a complex map', () => {
  const source = loaded('sct', [
    complex('1', 1, 1, 'IFA 248152002 | Female (finding) |', 'N97.9'),
    complex('1', 1, 2, 'IFA 248153007 | Male (finding) |', 'N46.9'),
    complex('1', 1, 3, 'OTHERWISE TRUE'),
    complex(
      '2',
      1,
      1,
      'IFA 445518008 | Age at onset of clinical finding (observable entity) | < 28.0 days',
      'P59.9',
    ),
    complex('2', 1, 2, 'OTHERWISE TRUE', 'R17'),
    complex('3', 1, 1, 'TRUE', 'E11.22'),
    complex('3', 2, 1, 'TRUE', 'N18.9'),
    complex('4', 1, 1, 'TRUE', 'S52.50?'),
    complex('5', 1, 1, 'IFA 73211009 | Diabetes |', 'E13.9'),
    complex('5', 1, 2, 'OTHERWISE TRUE', 'E88.9'),
  ]);
  const of = (code: string, context?: TranslateRequest['context']) =>
    ask(source, code, context ? { context } : {}, SCT);

  test('[TX6] the first true rule of a group in order of priority is taken', async () => {
    expect(brief(await of('1', { sex: 'female' }))).toEqual([['N97.9', 'relatedto', true]]);
    expect(brief(await of('1', { sex: 'male' }))).toEqual([['N46.9', 'relatedto', true]]);
  });

  test('[TX6] a rule that asks for what is not known leaves candidates', async () => {
    expect(brief(await of('1'))).toEqual([
      ['N97.9', 'relatedto', false, 'rule-undecided'],
      ['N46.9', 'relatedto', false, 'rule-undecided'],
    ]);
    expect((await of('5', { sex: 'male', ageYears: 40 })).result).toBe(false);
  });

  test('[TX6] the age at onset is at most the age now', async () => {
    expect(brief(await of('2', { ageYears: 0.01 }))).toEqual([['P59.9', 'relatedto', true]]);
    expect((await of('2', { ageYears: 50 })).result).toBe(false);
  });

  test('[TX6] each group gives one code, all together', async () => {
    const found = await of('3');
    expect(found.matches).toMatchObject([
      { coding: { code: 'E11.22' }, isTranslation: true, products: [{ coding: { code: 'N18.9' } }] },
    ]);
  });

  test('[TX6] a code to be filled in is a candidate', async () =>
    expect(brief(await of('4'))).toEqual([['S52.50?', 'relatedto', false, 'incomplete-code']]));
});

describe('a ConceptMap', () => {
  const a = mapOf('a', [
    ['1', { code: 'A', equivalence: 'equivalent' }],
    ['2', { code: 'B', equivalence: 'wider' }],
    ['3', { code: 'C', equivalence: 'narrower' }],
    ['4', { code: 'D', equivalence: 'wider' }, { code: 'E', equivalence: 'wider' }],
    ['5', { equivalence: 'unmatched' }],
    ['6', { code: 'F', equivalence: 'disjoint' }],
  ]);
  const b = mapOf('b', [
    ['1', { code: 'Z', equivalence: 'equal' }],
    ['2', { code: 'Y', equivalence: 'wider' }],
  ]);

  test('[TX7] maps that claim different codes to be equivalent contradict each other', async () => {
    const found = await ask(resourceSource([a, b]), '1');
    expect(found.result).toBe(false);
    expect(found.findings).toEqual([{ rule: 'contradictory-maps' }]);
    expect(brief(found)).toEqual([
      ['A', 'equivalent', false, 'contradictory-maps'],
      ['Z', 'equal', false, 'contradictory-maps'],
    ]);
  });

  test('[TX7] maps that differ leave candidates, unless a person put them in order', async () => {
    const source = resourceSource([a, b]);
    expect((await ask(source, '2')).result).toBe(false);
    const named = await ask(source, '2', {
      maps: ['http://example.org/map/b', 'http://example.org/map/a|1'],
    });
    expect(named.matches.filter((one) => one.isTranslation).map(({ coding }) => coding.code)).toEqual(['Y']);
  });

  test('[TX7] a map that contradicts itself is not settled by another', async () => {
    const both = mapOf('both', [
      ['1', { code: 'A', equivalence: 'equivalent' }, { code: 'Y', equivalence: 'equal' }],
      ['2', { code: 'Q', equivalence: 'equivalent' }, { code: 'Y', equivalence: 'equivalent' }],
    ]);
    for (const code of ['1', '2']) {
      const found = await ask(resourceSource([a, both]), code);
      expect(found.matches.filter((one) => one.isTranslation && one.coding.code !== 'B')).toEqual([]);
      expect(found.findings).toEqual([{ rule: 'contradictory-maps' }]);
      expect(found.result).toBe(false);
    }
    expect((await ask(resourceSource([both]), '1')).findings).toEqual([{ rule: 'contradictory-maps' }]);
  });

  test('[TX7] what one map denies is no translation because another says it', async () => {
    const denies = mapOf('denies', [['1', { code: 'A', equivalence: 'disjoint' }]]);
    const found = await ask(resourceSource([a, denies]), '1');
    expect(found.result).toBe(false);
    expect(found.findings).toEqual([{ rule: 'contradictory-maps' }]);
  });

  test('[TX7] an order that nobody gave settles nothing', async () => {
    const maps = ['http://example.org/map/a', 'http://example.org/map/b'];
    expect((await ask(resourceSource([a, b]), '2', { maps, isInOrder: false })).result).toBe(false);
  });

  test('[TX5] a target that holds only with others is, backwards, a candidate', async () => {
    const product = [{ property: 'http://example.org/side', system: ICD10, value: 'L' }];
    const source = resourceSource([mapOf('p', [['1', { code: 'A', equivalence: 'equivalent', product }]])]);
    const [found] = await translateCodings(source, [
      { coding: { system: ICD10, code: 'A' }, targets: [ICD9], reverse: true },
    ]);
    expect(brief(found!)).toEqual([['1', 'equivalent', false, 'one-way-map']]);
  });

  test('[TX8] what the map itself leaves open, or denies, is no translation', async () => {
    const source = resourceSource([a]);
    expect(brief(await ask(source, '3'))).toEqual([['C', 'narrower', false, 'target-narrower']]);
    expect((await ask(source, '4')).matches.map(({ why }) => why)).toEqual([
      'several-alternatives',
      'several-alternatives',
    ]);
    expect(await ask(source, '5')).toMatchObject({
      result: false,
      matches: [],
      unmatched: ['http://example.org/map/a|1'],
    });
    expect(brief(await ask(source, '6'))).toEqual([['F', 'disjoint', false, 'disjoint']]);
    expect(await ask(source, '99')).toEqual({ result: false, matches: [], unmatched: [], findings: [] });
  });

  test('[TX8] a draft counts only when it is named', async () => {
    const source = resourceSource([{ ...a, status: 'draft' }]);
    expect((await ask(source, '1')).matches).toEqual([]);
    expect((await ask(source, '1', { maps: ['http://example.org/map/a'] })).result).toBe(true);
  });

  test('[TX8] backwards, wider is narrower and equivalent stays a translation', async () => {
    const back = (code: string) =>
      translateCodings(resourceSource([a]), [
        { coding: { system: ICD10, code }, targets: [ICD9], reverse: true },
      ]);
    expect(brief((await back('A'))[0]!)).toEqual([['1', 'equivalent', true]]);
    expect(brief((await back('B'))[0]!)).toEqual([['2', 'narrower', false, 'target-narrower']]);
  });

  test('[TX8] a map for another version says nothing certain', async () => {
    const source = resourceSource([
      mapOf('v', [['1', { code: 'A', equivalence: 'equal' }]], { sourceVersion: '2014' }),
    ]);
    const [found] = await translateCodings(source, [
      { coding: { system: ICD9, version: '2015', code: '1' }, targets: [ICD10] },
    ]);
    expect(found).toMatchObject({ result: false, findings: [{ rule: 'version-differs' }] });
    const rest = mapOf('w', [], { sourceVersion: '2014', unmapped: { mode: 'fixed', code: 'X' } });
    const [other] = await translateCodings(resourceSource([rest]), [
      { coding: { system: ICD9, version: '2015', code: '7' }, targets: [ICD10] },
    ]);
    expect(other).toMatchObject({ result: false, findings: [{ rule: 'version-differs' }] });
  });

  test('[TX9] what a map says of the rest holds for the rest', async () => {
    const rest = (unmapped: object) =>
      resourceSource([mapOf('r', [['1', { code: 'A', equivalence: 'equal' }]], { unmapped }), a]);
    const named = { maps: ['http://example.org/map/r'] };
    expect(brief(await ask(rest({ mode: 'provided' }), '7', named))).toEqual([['7', 'equivalent', true]]);
    expect(brief(await ask(rest({ mode: 'fixed', code: 'X' }), '7', named))).toEqual([
      ['X', 'relatedto', true],
    ]);
    expect(brief(await ask(rest({ mode: 'fixed', code: 'X' }), '1', named))).toEqual([['A', 'equal', true]]);
    expect(
      brief(await ask(rest({ mode: 'other-map', url: 'http://example.org/map/a' }), '2', named)),
    ).toEqual([['B', 'wider', true]]);
    expect(
      (await ask(rest({ mode: 'other-map', url: 'http://example.org/map/none' }), '2', named)).findings,
    ).toEqual([{ rule: 'map-missing' }]);
    expect(
      (await ask(rest({ mode: 'other-map', url: 'http://example.org/map/r' }), '2', named)).findings,
    ).toEqual([{ rule: 'map-cycle' }]);
  });

  test('[TX9] what depends on another element is decided only where that is known', async () => {
    const dependsOn = (value: string) => [{ property: 'http://example.org/sex', value }];
    const source = resourceSource([
      mapOf('d', [
        [
          '1',
          { code: 'A', equivalence: 'equal', dependsOn: dependsOn('f') },
          { code: 'B', equivalence: 'equal', dependsOn: dependsOn('m') },
        ],
      ]),
    ]);
    expect((await ask(source, '1')).result).toBe(false);
    const context = { dependencies: [{ property: 'http://example.org/sex', value: 'm' }] };
    expect(brief(await ask(source, '1', { context }))).toEqual([['B', 'equal', true]]);
  });
});

test('a batch asks each map once', async () => {
  let asked = 0;
  const view = conceptMapView(mapOf('a', [['1', { code: 'A', equivalence: 'equal' }]]));
  const source = {
    ...resourceSource([]),
    conceptMaps: async () => [
      {
        ...view,
        rows: (...of: Parameters<typeof view.rows>) => {
          asked += 1;
          return view.rows(...of);
        },
      },
    ],
  };
  const found = await translateCodings(
    combineSources([source, resourceSource([])]),
    ['1', '2', '1'].map((code) => ({ coding: { system: ICD9, code }, targets: [ICD10] })),
  );
  expect(found.map(({ result }) => result)).toEqual([true, false, true]);
  expect(asked).toBe(1);
});
