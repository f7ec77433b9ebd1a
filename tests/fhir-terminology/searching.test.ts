import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInSource, combineSources, resourceSource } from '../../src/standards/terminology/index.ts';
import { pulse, startApi, type TestApi } from '../fhir/support/api.ts';

const ANIMALS = 'http://example.org/animals';
const animals = {
  ...{ resourceType: 'CodeSystem', url: ANIMALS, version: '1', status: 'active', content: 'complete' },
  concept: [
    { code: 'mammal', concept: [{ code: 'dog', concept: [{ code: 'poodle' }] }, { code: 'cat' }] },
    { code: 'bird' },
  ],
};
const valueSet = (url: string, compose: object) => ({
  resourceType: 'ValueSet',
  url,
  status: 'active',
  compose,
});
const mammals = valueSet('http://example.org/mammals', {
  include: [{ system: ANIMALS, filter: [{ property: 'concept', op: 'is-a', value: 'mammal' }] }],
});
const LARGE = 'http://example.org/large';
const large = {
  ...{ resourceType: 'CodeSystem', url: LARGE, status: 'active', content: 'complete' },
  concept: Array.from({ length: 3000 }, (_, at) => ({ code: `c${at}` })),
};
const manyCodes = valueSet('http://example.org/many', { include: [{ system: LARGE }] });
const incomplete = valueSet('http://example.org/incomplete', {
  include: [{ system: 'http://example.org/none' }],
});

let api: TestApi;
const ids: Record<string, string> = {};
beforeAll(async () => {
  const own = resourceSource([animals, mammals, large, manyCodes, incomplete]);
  const source = combineSources([own, builtInSource()]);
  api = await startApi({ terminology: { source: async () => source } });
  for (const code of ['mammal', 'dog', 'poodle', 'cat', 'bird'])
    ids[await api.made(pulse({ code: { coding: [{ system: ANIMALS, code }] } }))] = code;
  ids[await api.made(pulse({ code: { text: 'no code' } }))] = 'none';
  ids[await api.made(pulse({ code: { coding: [{ system: 'http://example.org/other', code: 'dog' }] } }))] =
    'other';
});
afterAll(() => api.stop());

const found = async (query: string): Promise<string[]> => {
  const { status, body } = await api.get(`/Observation?${query}`, { headers: { prefer: 'handling=strict' } });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body.issue)}`);
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => ids[resource.id]).sort();
};

describe('[TX30] searching by codes that terminology knows', () => {
  test(':in and :not-in a value set', async () => {
    expect(await found(`code:in=${mammals.url}`)).toEqual(['cat', 'dog', 'mammal', 'poodle']);
    expect(await found(`code:not-in=${mammals.url}`)).toEqual(['bird', 'none', 'other']);
  });

  test(':below and :above a code', async () => {
    expect(await found(`code:below=${ANIMALS}|dog`)).toEqual(['dog', 'poodle']);
    expect(await found(`code:above=${ANIMALS}|dog`)).toEqual(['dog', 'mammal']);
    expect(await found(`code:below=${ANIMALS}|cat,${ANIMALS}|bird`)).toEqual(['bird', 'cat']);
  });

  test('the union of parameters has them as well', async () => {
    expect(await found(`combo-code:in=${mammals.url}`)).toEqual(['cat', 'dog', 'mammal', 'poodle']);
    expect(await found(`combo-code:not-in=${mammals.url}`)).toEqual(['bird', 'none', 'other']);
  });

  test('at the end of a chain, and with other conditions', async () => {
    expect(
      await found(`code:in=${mammals.url}&code:not-in=http://hl7.org/fhir/ValueSet/administrative-gender`),
    ).toHaveLength(4);
    const { status } = await api.get(`/Patient?_has:Observation:patient:code:in=${mammals.url}`);
    expect(status).toBe(200);
  });

  test.each([
    ['code:in=http://example.org/unknown', 'invalid'],
    ['code:in=http://example.org/incomplete', 'invalid'],
    ['code:in=http://example.org/many', 'too-costly'],
    [`code:below=${ANIMALS}|cow`, 'invalid'],
    ['code:below=dog', 'invalid'],
    ['subject:in=http://example.org/mammals', 'not-supported'],
  ])('%s is refused, never left out', async (query, code) => {
    const { status, body } = await api.get(`/Observation?${query}`);
    expect([status, body.issue[0].code]).toEqual([400, code]);
    expect(JSON.stringify(body)).not.toContain('example.org/many');
  });

  test('an address is below an address, as before', async () => {
    await api.made({ resourceType: 'ValueSet', status: 'active', url: 'http://example.org/a/b' });
    const { body } = await api.get('/ValueSet?url:below=http://example.org/a');
    expect(body.entry).toHaveLength(1);
  });
});
