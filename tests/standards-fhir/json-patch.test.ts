import fc from 'fast-check';
import { applyPatch, createPatch } from 'rfc6902';
import { describe, expect, test } from 'vitest';
import {
  applyJsonPatch,
  FhirError,
  type Json,
  parseJson,
  stringifyExact,
} from '../../src/standards/fhir/index.ts';

const patient = (): Json => ({
  resourceType: 'Patient',
  id: 'p1',
  meta: { versionId: '3', lastUpdated: '2026-01-02T03:04:05Z', tag: [{ code: 'a' }] },
  active: true,
  name: [{ family: 'Probe', given: ['Ada', 'B.'] }, { text: 'Ada' }],
  'a/b~c': 1,
});

const failureOf = (resource: Json, operations: unknown, limits = {}): FhirError => {
  try {
    applyJsonPatch(resource, operations, limits);
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('JSON Patch', () => {
  test('[P1] applies all operations in order, and leaves what it was given alone', () => {
    const before = patient();
    const after = applyJsonPatch(before, [
      { op: 'test', path: '/name/0/given/1', value: 'B.' },
      { op: 'add', path: '/name/0/given/-', value: 'C.' },
      { op: 'add', path: '/name/0/given/0', value: 'Z.' },
      { op: 'replace', path: '/active', value: false },
      { op: 'move', from: '/name/1', path: '/name/0' },
      { op: 'copy', from: '/name/0', path: '/contact' },
      { op: 'remove', path: '/a~1b~0c' },
    ]);
    expect(before).toEqual(patient());
    expect(after).toEqual({
      resourceType: 'Patient',
      id: 'p1',
      meta: patient().meta,
      active: false,
      name: [{ text: 'Ada' }, { family: 'Probe', given: ['Z.', 'Ada', 'B.', 'C.'] }],
      contact: { text: 'Ada' },
    });
  });

  test('[P1] a replaced element keeps its place', () => {
    const after = applyJsonPatch(patient(), [{ op: 'replace', path: '/active', value: false }]);
    expect(Object.keys(after)).toEqual(Object.keys(patient()));
  });

  test('[P2] agrees with another implementation on random documents', () => {
    const value = fc.jsonValue({ maxDepth: 3, depthSize: 'small' });
    const document = fc.dictionary(fc.stringMatching(/^[a-z~/]{1,3}$/), value, { maxKeys: 5 });
    fc.assert(
      fc.property(document, document, (one, other) => {
        const plain = JSON.stringify([one, other]);
        fc.pre(!/\[\]|\{\}|"(id|meta)"|-0|__proto__|constructor|prototype/.test(plain.slice(1, -1)));
        const [from, to] = [one, other].map((members) => ({ ...members, resourceType: 'Basic', id: 'x' }));
        const operations = createPatch(from, to);
        const theirs = structuredClone(from);
        expect(applyPatch(theirs, operations).every((result) => result === null)).toBe(true);
        expect(applyJsonPatch(from as Json, operations)).toEqual(theirs);
        expect(theirs).toEqual(to);
      }),
      { numRuns: 300 },
    );
  });

  test('[P3] a failing test is told apart, with its number', () => {
    const operations = [
      { op: 'test', path: '/active', value: true },
      { op: 'test', path: '/active', value: 'true' },
    ];
    expect(failureOf(patient(), operations)).toMatchObject({
      code: 'PATCH_TEST_FAILED',
      place: 'operation 1',
    });
    expect(failureOf(patient(), [{ op: 'test', path: '/gender', value: null }]).code).toBe('PATCH_FAILED');
  });

  test.each([
    ['a parent that is not there', { op: 'add', path: '/contact/0', value: {} }],
    ['an index behind the end', { op: 'add', path: '/name/3', value: {} }],
    ['an index with a zero in front', { op: 'add', path: '/name/01', value: {} }],
    ['a negative index', { op: 'remove', path: '/name/-1' }],
    ['the place after the last', { op: 'remove', path: '/name/-' }],
    ['a replaced one that is not there', { op: 'replace', path: '/gender', value: 'female' }],
    ['an index that is not there', { op: 'replace', path: '/name/2', value: {} }],
    ['a member of a text', { op: 'add', path: '/name/0/family/x', value: 1 }],
    ['an inherited member', { op: 'copy', from: '/toString', path: '/text' }],
    ['the length of an array', { op: 'replace', path: '/name/length', value: 0 }],
    ['a move into itself', { op: 'move', from: '/name', path: '/name/0/name' }],
    ['a source that is not there', { op: 'move', from: '/gender', path: '/sex' }],
  ])('[P3] %s fails', (_what, operation) => {
    const noop = { op: 'test', path: '/active', value: true };
    expect(failureOf(patient(), [noop, noop, operation])).toMatchObject({
      code: 'PATCH_FAILED',
      place: 'operation 2',
    });
  });

  test.each([
    [{ op: 'replace', path: '/resourceType', value: 'Person' }],
    [{ op: 'replace', path: '/id', value: 'other' }],
    [{ op: 'remove', path: '/id' }],
    [{ op: 'add', path: '/meta/versionId', value: '9' }],
    [{ op: 'remove', path: '/meta/lastUpdated' }],
    [{ op: 'move', from: '/id', path: '/language' }],
    [{ op: 'copy', from: '/active', path: '/id' }],
    [{ op: 'replace', path: '', value: { resourceType: 'Patient' } }],
    [{ op: 'remove', path: '' }],
  ])('[P4] %j would change what the server owns', (operation) => {
    expect(failureOf(patient(), [operation])).toMatchObject({
      code: 'PATCH_FORBIDDEN',
      place: 'operation 0',
    });
  });

  test('[P4] a test may look at it, and a meta that is replaced keeps version and time', () => {
    const after = applyJsonPatch(patient(), [
      { op: 'test', path: '/meta/versionId', value: '3' },
      { op: 'test', path: '', value: patient() },
      { op: 'replace', path: '/meta', value: { versionId: '99', tag: [{ code: 'b' }] } },
    ]);
    expect(after.meta).toEqual({ versionId: '3', lastUpdated: '2026-01-02T03:04:05Z', tag: [{ code: 'b' }] });
    expect(applyJsonPatch(patient(), [{ op: 'remove', path: '/meta' }]).meta).toEqual({
      versionId: '3',
      lastUpdated: '2026-01-02T03:04:05Z',
    });
  });

  test.each([
    [{}],
    ['text'],
    [[null]],
    [[{ op: 'increase', path: '/active' }]],
    [[{ op: 'add', path: '/active' }]],
    [[{ op: 'add', value: 1 }]],
    [[{ op: 'add', path: 'active', value: 1 }]],
    [[{ op: 'add', path: '/a~2', value: 1 }]],
    [[{ op: 'move', path: '/active' }]],
    [[{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
    [[{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]],
    [[{ op: 'copy', from: '/__proto__', path: '/text' }]],
  ])('[P5] %j is no patch', (operations) => {
    expect(failureOf(patient(), operations).code).toBe('BAD_PATCH');
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  test('[P6] the number of operations, the depth and what copying multiplies are limited', () => {
    const noop = { op: 'test', path: '/active', value: true };
    expect(failureOf(patient(), new Array(1001).fill(noop)).code).toBe('BAD_PATCH');
    expect(failureOf(patient(), [noop, noop], { maxOperations: 1 }).code).toBe('BAD_PATCH');
    const nest = new Array(100).fill({ op: 'copy', from: '/name', path: '/name/0/name' });
    expect(failureOf(patient(), nest).code).toBe('PATCH_FAILED');
    const double = new Array(100).fill(undefined).map((_, index) => ({
      op: 'copy',
      from: index % 2 === 0 ? '' : '/name',
      path: '/name/-',
    }));
    expect(failureOf(patient(), double).code).toBe('PATCH_FAILED');
  });

  test('[P7] what a patch empties goes, as FHIR has no empty arrays and objects', () => {
    const after = applyJsonPatch(patient(), [
      { op: 'remove', path: '/name/0/given/1' },
      { op: 'remove', path: '/name/0/given/0' },
      { op: 'remove', path: '/meta/tag/0' },
      { op: 'add', path: '/contact', value: [] },
    ]);
    expect(after.name).toEqual([{ family: 'Probe' }, { text: 'Ada' }]);
    expect(after).not.toHaveProperty('contact');
    expect(after.meta).not.toHaveProperty('tag');
  });

  test('[P8] decimals keep their digits and are tested by value', () => {
    const resource = parseJson(
      '{"resourceType":"Observation","id":"o","valueQuantity":{"value":1.50}}',
    ) as Json;
    const patch = parseJson(
      '[{"op":"test","path":"/valueQuantity/value","value":15e-1},{"op":"replace","path":"/valueQuantity/value","value":2.00}]',
    );
    expect(stringifyExact(applyJsonPatch(resource, patch))).toContain('"value":2.00');
    const wrong = parseJson('[{"op":"test","path":"/valueQuantity/value","value":1.51}]');
    expect(failureOf(resource, wrong).code).toBe('PATCH_TEST_FAILED');
    for (const [one, other] of [
      ['100', '1E+2'],
      ['-0', '0.00'],
      ['0.10', '1e-1'],
      ['1E400', '10e399'],
    ])
      expect(
        applyJsonPatch({ resourceType: 'Basic', v: parseJson(one!) }, [
          { op: 'test', path: '/v', value: parseJson(other!) },
        ]).resourceType,
      ).toBe('Basic');
  });

  test('errors quote nothing of the resource or the patch', () => {
    const error = failureOf(patient(), [{ op: 'test', path: '/name/0/family', value: 'Secret' }]);
    expect(error.message).not.toMatch(/Secret|Probe/);
  });
});
