import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInSource, combineSources, resourceSource } from '../../src/standards/terminology/index.ts';
import { startApi, type TestApi } from '../fhir/support/api.ts';

const ANIMALS = 'http://example.org/animals';
const animals = {
  ...{ resourceType: 'CodeSystem', url: ANIMALS, version: '1', name: 'Animals', status: 'active' },
  ...{ content: 'complete', caseSensitive: true, hierarchyMeaning: 'is-a' },
  concept: [
    {
      ...{ code: 'mammal', display: 'Mammal' },
      concept: [
        { code: 'dog', display: 'Dog', designation: [{ language: 'de', value: 'Hund' }] },
        { code: 'cat', display: 'Cat' },
      ],
    },
    { code: 'bird', display: 'Bird' },
  ],
};
const mammals = {
  ...{ resourceType: 'ValueSet', url: 'http://example.org/mammals', version: '1', status: 'active' },
  compose: { include: [{ system: ANIMALS, filter: [{ property: 'concept', op: 'is-a', value: 'mammal' }] }] },
};
const map = {
  ...{ resourceType: 'ConceptMap', url: 'http://example.org/map', version: '3', status: 'active' },
  group: [
    {
      ...{ source: ANIMALS, target: 'http://example.org/sounds' },
      element: [
        { code: 'dog', target: [{ code: 'bark', display: 'Bark', equivalence: 'equivalent' }] },
        { code: 'bird', target: [{ equivalence: 'unmatched' }] },
      ],
    },
  ],
};

type Part = { readonly name: string; readonly [value: string]: unknown };

const value = (body: { parameter: Part[] }, name: string): unknown => {
  const found = body.parameter.find((one) => one.name === name);
  return found && Object.entries(found).find(([key]) => key.startsWith('value') || key === 'resource')?.[1];
};
const parameters = (...parameter: Part[]) => ({ resourceType: 'Parameters', parameter });

let api: TestApi;
beforeAll(async () => {
  const source = combineSources([resourceSource([animals, mammals, map]), builtInSource()]);
  api = await startApi({ terminology: { source: async () => source } });
});
afterAll(() => api.stop());

describe('CodeSystem', () => {
  test('[TX20] $lookup tells what is known of a code', async () => {
    const { status, body } = await api.get(
      `/CodeSystem/$lookup?system=${ANIMALS}&code=dog&displayLanguage=de`,
    );
    expect(status).toBe(200);
    expect([value(body, 'name'), value(body, 'version'), value(body, 'display')]).toEqual([
      'Animals',
      '1',
      'Hund',
    ]);
    expect(body.parameter).toContainEqual({
      name: 'property',
      part: [
        { name: 'code', valueCode: 'parent' },
        { name: 'value', valueCode: 'mammal' },
        { name: 'description', valueString: 'Mammal' },
      ],
    });
  });

  test('[TX20] $lookup of what is not known is 404', async () => {
    for (const query of [`system=${ANIMALS}&code=cow`, 'system=http://example.org/none&code=dog']) {
      const { status, body } = await api.get(`/CodeSystem/$lookup?${query}`);
      expect([status, body.resourceType, body.issue[0].code]).toEqual([404, 'OperationOutcome', 'not-found']);
    }
  });

  test('[TX20] $lookup knows the v2 tables', async () => {
    const { body } = await api.get(
      '/CodeSystem/$lookup?system=http://terminology.hl7.org/CodeSystem/v2-0001&code=F',
    );
    expect(value(body, 'display')).toBe('Female');
  });

  test('[TX21] $validate-code of an unknown system is an answer, not an error', async () => {
    const { status, body } = await api.get('/CodeSystem/$validate-code?url=http://example.org/none&code=dog');
    expect([status, value(body, 'result')]).toEqual([200, false]);
    expect(value(body, 'issues')).toMatchObject({ issue: [{ code: 'not-found', severity: 'error' }] });
  });

  test('[TX21] $validate-code checks code and display', async () => {
    const ask = async (query: string) =>
      value((await api.get(`/CodeSystem/$validate-code?url=${ANIMALS}&${query}`)).body, 'result');
    expect(await ask('code=dog')).toBe(true);
    expect(await ask('code=dog&display=Hund')).toBe(true);
    expect(await ask('code=dog&display=Cat')).toBe(false);
    expect(await ask('code=Dog')).toBe(false);
  });

  test('[TX22] $subsumes', async () => {
    const ask = async (a: string, b: string) =>
      value((await api.get(`/CodeSystem/$subsumes?system=${ANIMALS}&codeA=${a}&codeB=${b}`)).body, 'outcome');
    expect(
      await Promise.all([ask('dog', 'dog'), ask('mammal', 'dog'), ask('dog', 'mammal'), ask('dog', 'bird')]),
    ).toEqual([...['equivalent', 'subsumes', 'subsumed-by', 'not-subsumed']]);
    expect((await api.get(`/CodeSystem/$subsumes?system=${ANIMALS}&codeA=dog&codeB=cow`)).status).toBe(404);
  });
});

describe('ValueSet', () => {
  test('[TX23] $expand by GET and POST, of a canonical and of a value set that is sent', async () => {
    const asked = [
      await api.get('/ValueSet/$expand?url=http://example.org/mammals&excludeNested=true'),
      await api.call('POST', '/ValueSet/$expand', {
        body: parameters(
          { name: 'url', valueUri: 'http://example.org/mammals|1' },
          { name: 'excludeNested', valueBoolean: true },
        ),
      }),
      await api.call('POST', '/ValueSet/$expand?excludeNested=true', { body: mammals }),
    ];
    for (const { status, body } of asked) {
      expect(status).toBe(200);
      expect(body.expansion).toMatchObject({
        total: 3,
        identifier: expect.stringMatching(/^urn:uuid:/),
        timestamp: expect.any(String),
      });
      expect(body.expansion.contains.map(({ code }: { code: string }) => code)).toEqual([
        'mammal',
        'dog',
        'cat',
      ]);
    }
  });

  test('[TX23] $expand keeps the hierarchy, and gives pages without it', async () => {
    const { body: tree } = await api.get('/ValueSet/$expand?url=http://example.org/mammals');
    expect(tree.expansion.contains).toMatchObject([
      { code: 'mammal', contains: [{ code: 'dog' }, { code: 'cat' }] },
    ]);
    const { body: page } = await api.get('/ValueSet/$expand?url=http://example.org/mammals&offset=1&count=1');
    expect(page.expansion).toMatchObject({ total: 3, offset: 1, contains: [{ code: 'dog' }] });
  });

  test('[TX23] the language of the request is that of the displays', async () => {
    const { body } = await api.get('/ValueSet/$expand?url=http://example.org/mammals&filter=hu', {
      headers: { 'accept-language': 'de' },
    });
    expect(body.expansion.contains).toEqual([{ system: ANIMALS, code: 'dog', display: 'Hund' }]);
  });

  test('[TX24] $validate-code of a stored value set', async () => {
    const id = await api.made(mammals);
    const ask = async (code: string) =>
      value((await api.get(`/ValueSet/${id}/$validate-code?system=${ANIMALS}&code=${code}`)).body, 'result');
    expect([await ask('dog'), await ask('bird')]).toEqual([true, false]);
    expect((await api.get(`/ValueSet/none/$validate-code?system=${ANIMALS}&code=dog`)).status).toBe(404);
  });

  test('[TX24] $validate-code takes a codeableConcept', async () => {
    const codeableConcept = {
      coding: [
        { system: 'http://example.org/none', code: '1' },
        { system: ANIMALS, code: 'cat' },
      ],
    };
    const { body } = await api.call('POST', '/ValueSet/$validate-code', {
      body: parameters(
        { name: 'url', valueUri: mammals.url },
        { name: 'codeableConcept', valueCodeableConcept: codeableConcept },
      ),
    });
    expect(value(body, 'code')).toBe('cat');
    expect(value(body, 'x-unknown-system')).toBe('http://example.org/none');
  });

  test('[TX25] what cannot be answered is an OperationOutcome', async () => {
    const refusals: [string, number, string][] = [
      ['/ValueSet/$expand', 400, 'required'],
      ['/ValueSet/$expand?url=http://example.org/none', 404, 'not-found'],
      ['/ValueSet/$expand?url=http://example.org/mammals&count=many', 400, 'invalid'],
      ['/ValueSet/$expand?url=http://example.org/mammals&url=http://example.org/mammals', 400, 'invalid'],
      ['/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/condition-severity', 422, 'not-supported'],
      ['/ValueSet/$validate-code?url=http://example.org/none&system=a&code=b', 404, 'not-found'],
    ];
    for (const [path, status, code] of refusals) {
      const found = await api.get(path);
      expect([path, found.status, found.body.resourceType, found.body.issue[0].code]).toEqual([
        path,
        status,
        'OperationOutcome',
        code,
      ]);
    }
  });

  test('[TX25] an unknown parameter is passed over, unless handling is strict', async () => {
    const path = '/ValueSet/$expand?url=http://example.org/mammals&wrong=1';
    expect((await api.get(path)).status).toBe(200);
    expect((await api.get(path, { headers: { prefer: 'handling=strict' } })).status).toBe(400);
  });
});

describe('ConceptMap', () => {
  test('[TX26] $translate', async () => {
    const { body } = await api.get(`/ConceptMap/$translate?url=${map.url}&system=${ANIMALS}&code=dog`);
    expect(body.parameter).toEqual([
      { name: 'result', valueBoolean: true },
      {
        name: 'match',
        part: [
          { name: 'equivalence', valueCode: 'equivalent' },
          {
            name: 'concept',
            valueCoding: { system: 'http://example.org/sounds', code: 'bark', display: 'Bark' },
          },
          { name: 'source', valueUri: 'http://example.org/map|3' },
        ],
      },
    ]);
  });

  test('[TX26] unmatched is a match that makes no result', async () => {
    const { body } = await api.get(
      `/ConceptMap/$translate?system=${ANIMALS}&code=bird&targetsystem=http://example.org/sounds`,
    );
    expect(value(body, 'result')).toBe(false);
    expect(body.parameter.at(-1).part[0]).toEqual({ name: 'equivalence', valueCode: 'unmatched' });
  });

  test('[TX26] $translate of a stored map, backwards', async () => {
    const id = await api.made(map);
    const { body } = await api.get(
      `/ConceptMap/${id}/$translate?system=http://example.org/sounds&code=bark&reverse=true`,
    );
    expect(value(body, 'result')).toBe(true);
    expect(body.parameter[1].part[1].valueCoding).toEqual({ system: ANIMALS, code: 'dog' });
  });
});

describe('candidates of $translate', () => {
  const TO = 'http://example.org/calls';
  const both = [
    { code: 'woof', equivalence: 'wider' },
    { code: 'yap', equivalence: 'wider' },
  ];
  const sent = {
    ...{ resourceType: 'ConceptMap', status: 'active', url: 'http://example.org/calls-of' },
    group: [
      {
        ...{ source: ANIMALS, target: TO, sourceVersion: '1' },
        element: [
          { code: 'dog', target: both },
          { code: 'mammal', target: [...both, { code: 'squeak', equivalence: 'narrower' }] },
          { code: 'cat', target: [{ code: 'purr', equivalence: 'equivalent' }] },
        ],
      },
    ],
  };
  const asked = (...coding: { system: string; version?: string; code: string }[]) =>
    api.call('POST', '/ConceptMap/$translate', {
      body: parameters(
        { name: 'conceptMap', resource: sent },
        { name: 'codeableConcept', valueCodeableConcept: { coding } },
      ),
    });
  const codes = (body: { parameter: { part?: Part[] }[] }) =>
    body.parameter.flatMap(({ part = [] }) =>
      part.flatMap((one) => (one.valueCoding as { code: string } | undefined)?.code ?? []),
    );

  test('[TX26] several of which none is chosen, and those of another version, are no result', async () => {
    for (const version of ['1', '2']) {
      const { body } = await asked({ system: ANIMALS, version, code: 'dog' });
      expect([value(body, 'result'), codes(body)]).toEqual([false, ['woof', 'yap']]);
    }
  });

  test('[TX26] a narrower target makes no result of candidates', async () => {
    const { body } = await asked({ system: ANIMALS, code: 'mammal' });
    expect([value(body, 'result'), codes(body).sort()]).toEqual([false, ['squeak', 'woof', 'yap']]);
  });

  test('[TX26] nothing that is to be reviewed stands beside a result', async () => {
    const { body } = await asked({ system: ANIMALS, code: 'dog' }, { system: ANIMALS, code: 'cat' });
    expect([value(body, 'result'), codes(body)]).toEqual([true, ['purr']]);
  });
});

test('[TX25] NUL in an address is refused as it is in a body', async () => {
  const { status } = await api.get(`/CodeSystem/$lookup?system=${ANIMALS}&code=dog%00`);
  expect(status).toBe(400);
});

test('[TX27] the operations stand in the CapabilityStatement, and TerminologyCapabilities tell of them', async () => {
  const { body: statement } = await api.get('/metadata');
  const operationsOf = (type: string) =>
    statement.rest[0].resource
      .find((one: { type: string }) => one.type === type)
      .operation.map(({ name }: { name: string }) => name);
  expect(operationsOf('CodeSystem')).toEqual(expect.arrayContaining(['lookup', 'validate-code', 'subsumes']));
  expect(operationsOf('ValueSet')).toEqual(expect.arrayContaining(['expand', 'validate-code']));
  expect(operationsOf('ConceptMap')).toEqual(expect.arrayContaining(['translate']));
  expect(operationsOf('Patient')).not.toContain('expand');
  const { body } = await api.get('/metadata?mode=terminology');
  expect(body).toMatchObject({
    resourceType: 'TerminologyCapabilities',
    kind: 'instance',
    translation: { needsMap: true },
  });
});

test('[TX28] nobody asks without a token', async () => {
  expect((await api.get('/ValueSet/$expand?url=http://example.org/mammals', { as: '' })).status).toBe(401);
});
