import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadPackage, removePackage } from '../../src/clinical/packages/index.ts';
import { recordReader } from '../../src/clinical/record/index.ts';
import { openTerminology, removeTerminology } from '../../src/clinical/terminology/index.ts';
import {
  type CodeSystemView,
  codeSystemView,
  conceptMapView,
  type Definition,
  type Filter,
} from '../../src/standards/terminology/index.ts';
import { manifest, tgz } from '../packages/tarball.ts';
import { type Kit, openKit } from './kit.ts';

const URL = 'http://example.org/CodeSystem/invented';
const MAP = 'http://example.org/ConceptMap/invented';

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());
beforeEach(() => kit.clear());

const loadResource = async (...definitions: Definition[]) =>
  kit.load(
    'fhir',
    await kit.folder(
      Object.fromEntries(definitions.map((one, at) => [`r${at}.json`, JSON.stringify(one, undefined, at)])),
    ),
  );

const words = ['heart', 'Herz', 'left', 'cœur', 'été', 'acute'];
const codes = ['A', 'b', 'B1', 'c.2', 'D', 'e', 'F-7', 'g', 'H', 'i'];

interface Node {
  readonly code: string;
  readonly [element: string]: unknown;
}

/** A code system with all that R4 lets concepts have; codes are given once. */
const resource = fc
  .record({
    caseSensitive: fc.boolean(),
    parents: fc.array(fc.option(fc.nat(9)), { minLength: codes.length, maxLength: codes.length }),
    displays: fc.array(fc.option(fc.constantFrom(...words)), {
      minLength: codes.length,
      maxLength: codes.length,
    }),
    values: fc.array(fc.option(fc.constantFrom('x', 'y', 'long one')), {
      minLength: codes.length,
      maxLength: codes.length,
    }),
    also: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 4 }),
    ended: fc.array(fc.nat(9), { maxLength: 3 }),
    hidden: fc.array(fc.nat(9), { maxLength: 3 }),
  })
  .map(({ caseSensitive, parents, displays, values, also, ended, hidden }): Definition => {
    const nodes: Node[] = codes.map((code, at) => ({
      code,
      ...(displays[at] ? { display: `${displays[at]} ${code}` } : {}),
      ...(at % 3 === 0 ? { definition: `What ${code} is.` } : {}),
      ...(at % 4 === 0
        ? { designation: [{ language: 'de', use: { system: 'urn:u', code: 'syn' }, value: `Wort ${at}` }] }
        : {}),
      property: [
        ...(values[at] ? [{ code: 'kind', valueString: values[at] }] : []),
        ...(ended.includes(at) ? [{ code: 'inactive', valueBoolean: true }] : []),
        ...(hidden.includes(at) ? [{ code: 'abstract', valueBoolean: true }] : []),
        ...(at % 5 === 0 ? [{ code: 'see', valueCoding: { system: 'urn:s', code: 'q' } }] : []),
        // Only upwards, so that there is no circle.
        ...also.flatMap(([child, parent]) =>
          child === at && parent < at ? [{ code: 'parent', valueCode: codes[parent] }] : [],
        ),
      ],
    }));
    const below = (at: number): object => {
      const inner = codes.flatMap((_, child) => (child > at && parents[child] === at ? [below(child)] : []));
      return { ...nodes[at], ...(inner.length > 0 ? { concept: inner } : {}) };
    };
    const isRoot = (at: number) => parents[at] === null || parents[at] === undefined || parents[at] >= at;
    return {
      ...{
        resourceType: 'CodeSystem',
        url: URL,
        version: '1',
        status: 'active',
        content: 'complete',
        caseSensitive,
      },
      property: [
        { code: 'kind', type: 'string' },
        { code: 'abstract', uri: 'http://hl7.org/fhir/concept-properties#notSelectable', type: 'boolean' },
        { code: 'see', type: 'Coding' },
      ],
      concept: codes.flatMap((_, at) => (isRoot(at) ? [below(at)] : [])),
    } as Definition;
  });

const filters: readonly Filter[] = [
  ...(['is-a', 'descendent-of', 'is-not-a', 'generalizes'] as const).flatMap((op) =>
    ['A', 'D', 'H'].map((value): Filter => ({ property: 'concept', op, value })),
  ),
  { property: 'code', op: 'in', value: 'A, b,zz' },
  { property: 'code', op: 'regex', value: '[A-Z].?' },
  { property: 'display', op: 'regex', value: '(heart|Herz) .*' },
  { property: 'kind', op: '=', value: 'x' },
  { property: 'kind', op: 'in', value: 'x,y' },
  { property: 'kind', op: 'not-in', value: 'x,y' },
  { property: 'kind', op: 'exists', value: 'true' },
  { property: 'kind', op: 'exists', value: 'false' },
  { property: 'kind', op: 'regex', value: 'l.*e' },
  { property: 'see', op: '=', value: 'urn:s|q' },
  { property: 'see', op: '=', value: 'q' },
  { property: 'inactive', op: '=', value: 'true' },
  { property: 'abstract', op: '=', value: 'false' },
  { property: 'parent', op: '=', value: 'A' },
  { property: 'parent', op: 'exists', value: 'false' },
  { property: 'child', op: 'exists', value: 'true' },
  { property: 'designation', op: 'regex', value: 'Wort \\d' },
];

const sorted = <T>(values: Iterable<T>): T[] => [...values].sort();
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

/** The same questions to both. */
async function compare(loaded: CodeSystemView, memory: CodeSystemView): Promise<void> {
  const asked = [...codes, 'a', 'b1', 'nowhere'];
  const byCode = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) =>
    one < other ? -1 : 1;
  const concepts = async (view: CodeSystemView) =>
    [...(await view.find(asked))].sort(byCode).map(([code, { properties, parents, ...rest }]) => [
      code,
      {
        ...rest,
        properties: sorted(properties.map((one) => JSON.stringify(one))),
        parents: sorted(parents),
      },
    ]);
  expect(plain(await concepts(loaded))).toEqual(plain(await concepts(memory)));
  for (const of of [undefined, ...codes, 'nowhere'])
    for (const after of [undefined, 'b1'])
      expect(await loaded.children(of, { limit: 3, ...(after ? { after } : {}) })).toEqual(
        after ? expect.any(Array) : await memory.children(of, { limit: 3 }),
      );
  for (const above of codes)
    expect(await loaded.isAncestor(above, 'i')).toBe(await memory.isAncestor(above, 'i'));
  for (const text of ['h', 'HERZ', 'c', 'ete', 'wort', 'left b', 'nothing'])
    expect((await loaded.select([], { limit: 20, text })).map((one) => one.code)).toEqual(
      (await memory.select([], { limit: 20, text })).map((one) => one.code),
    );
  for (const filter of filters) {
    const what = JSON.stringify(filter);
    const how = { limit: 20, activeOnly: true };
    const [mine, theirs] = [await loaded.select([filter], how), await memory.select([filter], how)];
    expect([what, mine.map((one) => one.code)]).toEqual([what, theirs.map((one) => one.code)]);
    expect([what, await loaded.total([filter], { limit: 5 })]).toEqual([
      what,
      await memory.total([filter], { limit: 5 }),
    ]);
    expect([what, sorted(await loaded.matching(asked, [filter]))]).toEqual([
      what,
      sorted(await memory.matching(asked, [filter])),
    ]);
  }
}

describe('what is loaded answers as a resource in memory does', () => {
  test('[TL20] code systems, for every filter', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(resource, async (definition) => {
        await kit.clear();
        const report = await loadResource(definition);
        expect(report).toMatchObject({ outcome: 'loaded', targets: [{ count: codes.length }] });
        const source = await kit.terminology.source();
        await compare((await source.codeSystem(URL))!, codeSystemView(definition));
      }),
      { numRuns: 8 },
    );
  });

  test('[TL20] a filter that a code system does not have is refused by both', async () => {
    const definition: Definition = {
      ...{ resourceType: 'CodeSystem', url: URL, status: 'active', content: 'complete' },
      concept: [{ code: 'A' }],
    };
    await loadResource(definition);
    const views = [codeSystemView(definition), (await (await kit.terminology.source()).codeSystem(URL))!];
    const wrong: Filter[] = [
      { property: 'nothing', op: '=', value: 'x' },
      { property: 'display', op: 'is-a', value: 'A' },
      { property: 'concept', op: 'is-a', value: 'nowhere' },
      { property: 'code', op: 'exists', value: 'perhaps' },
      { property: 'code', op: 'regex', value: '(' },
    ];
    for (const filter of wrong)
      for (const view of views)
        await expect(view.select([filter], { limit: 5 })).rejects.toMatchObject({ name: 'TerminologyError' });
  });

  test('[TL20] concept maps, with unmapped, dependencies and products', async () => {
    const definition: Definition = {
      ...{
        resourceType: 'ConceptMap',
        url: MAP,
        version: '2',
        name: 'Invented',
        title: 'An invented map',
        status: 'draft',
      },
      ...{ sourceUri: 'urn:vs:a', targetCanonical: 'urn:vs:b' },
      group: [
        {
          element: [
            {
              ...{ code: 'x', display: 'X' },
              target: [
                { code: '1', display: 'One', equivalence: 'wider', comment: 'so' },
                {
                  code: '2',
                  equivalence: 'inexact',
                  dependsOn: [{ property: 'p', system: 's', value: 'v' }],
                },
              ],
            },
            { code: 'y', target: [{ equivalence: 'unmatched' }] },
            { code: 'z' },
          ],
          ...{ source: 'urn:a', sourceVersion: '5', target: 'urn:b' },
          unmapped: { mode: 'fixed', code: '9', display: 'Other' },
        },
        {
          ...{ source: 'urn:a', target: 'urn:c' },
          element: [
            {
              code: 'x',
              target: [{ code: '3', equivalence: 'equal', product: [{ property: 'q', value: 'w' }] }],
            },
          ],
        },
      ],
    };
    expect(await loadResource(definition)).toMatchObject({ outcome: 'loaded', targets: [{ count: 5 }] });
    const [loaded] = await (await kit.terminology.source()).conceptMaps({ url: MAP });
    const memory = conceptMapView(definition);
    const { rows: _rows, reverse: _reverse, ...head } = memory;
    expect(loaded).toMatchObject(head);
    for (const [system, asked] of [
      ['urn:a', ['x', 'y', 'z', 'w']],
      ['urn:other', ['x']],
    ] as const)
      expect(await loaded!.rows(system, asked)).toEqual(await memory.rows(system, asked));
    for (const system of ['urn:b', 'urn:c'])
      expect(await loaded!.reverse(system, ['1', '2', '3'])).toEqual(
        await memory.reverse(system, ['1', '2', '3']),
      );
  });
});

describe('resources of FHIR', () => {
  const concepts = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ code: `c${at}`, display: `Ünicode "${at}" {[` }));
  const text = (of: object) =>
    JSON.stringify({ resourceType: 'CodeSystem', url: URL, status: 'active', content: 'complete', ...of });

  test('[TL19] a large one is read concept by concept, wherever the pieces of the file end', async () => {
    const big = text({ concept: concepts(20_000), version: '7' });
    const report = await kit.load('fhir', await kit.folder({ 'big.json': big }));
    expect(report).toMatchObject({ outcome: 'loaded', targets: [{ count: 20_000, version: '7' }] });
    const view = await (await kit.terminology.source()).codeSystem(URL);
    expect((await view!.find(['c19999'])).get('c19999')?.display).toBe('Ünicode "19999" {[');
  });

  test.each([
    ['cut off', text({ concept: concepts(5) }).slice(0, -30), /cut off|JSON/],
    ['with text behind it', `${text({ concept: concepts(5) })} x`, /JSON/],
    ['with a missing comma', text({ concept: concepts(5) }).replace('},{', '}{'), /JSON/],
    ['with a concept without code', text({ concept: [{ code: 'a' }, { display: 'b' }] }), /with a code/],
    ['of another type', JSON.stringify({ resourceType: 'Patient' }), /CodeSystem or ConceptMap/],
    ['without url', text({ url: undefined, concept: concepts(1) }), /with url/],
    ['without content', text({ content: 'not-present' }), /with its content/],
    [
      'in a circle',
      text({
        concept: [
          { code: 'a', property: [{ code: 'parent', valueCode: 'b' }] },
          { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] },
        ],
      }),
      /circles/,
    ],
    [
      'below a code that is not there',
      text({ concept: [{ code: 'a', property: [{ code: 'parent', valueCode: 'b' }] }] }),
      /concepts that are there/,
    ],
    ['that is no JSON', '<CodeSystem/>', /JSON/],
  ])('[TL9] a resource %s is refused', async (_what, content, rule) => {
    const report = await kit.load('fhir', await kit.folder({ 'r.json': content }));
    expect(report.outcome).toBe('refused');
    expect(report.findings[0]?.rule).toMatch(rule);
    expect(await kit.count('terminology_concept')).toBe(0);
  });
});

describe('where definitions come from', () => {
  const codeSystem = (version: string, display: string, id = 'cs'): Definition => ({
    ...{ resourceType: 'CodeSystem', id, url: URL, version, status: 'active', content: 'complete' },
    concept: [{ code: 'A', display }],
  });
  const put = (resource: Definition) =>
    recordReader(kit.database, { scope: { kind: 'everything' } }).transaction({ system: 'test' }, (record) =>
      record.write([{ op: 'update', method: 'PUT', resource: resource as { resourceType: string } }]),
    );
  const drop = (type: string, id: string) =>
    recordReader(kit.database, { scope: { kind: 'everything' } }).transaction({ system: 'test' }, (record) =>
      record.write([{ op: 'delete', type, id }]),
    );
  const displayed = async (version?: string) => {
    const view = await (await kit.terminology.source()).codeSystem(URL, version);
    return (await view?.find(['A']))?.get('A')?.display;
  };

  test('[TL21] resources of the record are found by canonical, loaded content before them, and each change counts at once', async () => {
    await put(codeSystem('1', 'of the record'));
    expect(await displayed()).toBe('of the record');
    await loadResource(codeSystem('2', 'loaded'));
    expect(await displayed()).toBe('loaded');
    expect(await displayed('1')).toBe('of the record');
    expect(await (await kit.terminology.source()).codeSystemVersions(URL)).toEqual(['1', '2']);
    await put(codeSystem('1', 'of the record, again'));
    expect(await displayed('1')).toBe('of the record, again');
    await removeTerminology(kit.database, { url: URL });
    expect(await displayed()).toBe('of the record, again');
    await drop('CodeSystem', 'cs');
    expect(await displayed()).toBeUndefined();
  });

  test('[TL21] value sets, supplements and maps of the record are there, and what is built in', async () => {
    const vs = 'http://example.org/ValueSet/v';
    await put({ resourceType: 'ValueSet', id: 'vs', url: vs, version: '3', status: 'active' });
    await put({
      ...{ resourceType: 'CodeSystem', id: 'sup', url: 'http://example.org/sup', status: 'active' },
      ...{ content: 'supplement', supplements: URL },
    });
    await put({
      ...{ resourceType: 'ConceptMap', id: 'map', url: MAP, status: 'active' },
      group: [
        {
          source: 'urn:a',
          target: 'urn:b',
          element: [{ code: 'x', target: [{ code: 'y', equivalence: 'equal' }] }],
        },
      ],
    });
    const source = await kit.terminology.source();
    expect(await source.valueSet(vs)).toMatchObject({ version: '3' });
    expect(await source.supplements(URL)).toMatchObject([{ url: 'http://example.org/sup' }]);
    const maps = await source.conceptMaps({ sourceSystem: 'urn:a', targetSystem: 'urn:b' });
    expect(maps.filter(({ url }) => url === MAP)).toHaveLength(1);
    const gender = await source.codeSystem('http://hl7.org/fhir/administrative-gender');
    expect((await gender!.find(['male'])).has('male')).toBe(true);
    for (const [type, id] of [
      ['ValueSet', 'vs'],
      ['CodeSystem', 'sup'],
      ['ConceptMap', 'map'],
    ] as const)
      await drop(type, id);
    expect(await (await kit.terminology.source()).valueSet(vs)).toBeUndefined();
  });

  test('[TL21] code systems, value sets and maps of a package are there after it was loaded', async () => {
    const vs = 'http://example.org/ValueSet/of-package';
    const resources: Definition[] = [
      { ...codeSystem('5', 'of the package'), id: 'p' },
      { resourceType: 'ValueSet', url: vs, status: 'active' },
      {
        ...{ resourceType: 'ConceptMap', url: MAP, status: 'active' },
        group: [
          {
            source: 'urn:p',
            target: 'urn:q',
            element: [{ code: 'x', target: [{ code: 'y', equivalence: 'equal' }] }],
          },
        ],
      },
    ];
    await kit.terminology.source();
    await loadPackage(kit.database, {
      source: tgz([
        manifest(),
        ...resources.map((content, at) => ({ path: `package/${content.resourceType}-${at}.json`, content })),
      ]),
    });
    const source = await kit.terminology.source();
    expect(await displayed()).toBe('of the package');
    expect(await source.valueSet(vs)).toMatchObject({ url: vs });
    const maps = await source.conceptMaps({ sourceSystem: 'urn:p', targetSystem: 'urn:q' });
    expect(maps.map(({ url }) => url)).toContain(MAP);
    await removePackage(kit.database, { name: 'example.visits' });
    expect(await displayed()).toBeUndefined();
  });

  test('[TL22] one source is handed out as long as nothing changes, and keeps answering as it did', async () => {
    const terminology = openTerminology({ database: kit.database });
    await loadResource(codeSystem('1', 'first'));
    const before = await terminology.source();
    expect(await terminology.source()).toBe(before);
    expect(await (await before.codeSystem(URL))!.find(['A'])).toBeInstanceOf(Map);
    await loadResource(codeSystem('2', 'second'));
    const after = await terminology.source();
    expect(after).not.toBe(before);
    expect((await before.codeSystem(URL))?.version).toBe('1');
    expect((await after.codeSystem(URL))?.version).toBe('2');
  });
});
