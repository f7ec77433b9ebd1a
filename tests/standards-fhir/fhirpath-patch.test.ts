import { describe, expect, test } from 'vitest';
import {
  applyFhirPathPatch,
  FhirError,
  type Json,
  parseJson,
  stringifyExact,
} from '../../src/standards/fhir/index.ts';

const patient = (): Json => ({
  resourceType: 'Patient',
  id: 'p1',
  meta: { versionId: '3', lastUpdated: '2026-01-02T03:04:05Z' },
  identifier: [
    { use: 'official', value: '1' },
    { use: 'usual', value: '2' },
    { use: 'old', value: '3' },
  ],
  name: [{ family: 'Probe', given: ['Ada', 'B.', 'C.'], _given: [null, { id: 'middle' }, null] }],
  gender: 'female',
  deceasedBoolean: false,
  extension: [{ url: 'urn:a', valueString: 'x' }],
});

type Part = Readonly<Record<string, unknown>>;
const operation = (type: string, path: string, ...more: Part[]) => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...more],
});
const patch = (...parameter: unknown[]) => ({ resourceType: 'Parameters', parameter });
const value = (content: Part): Part => ({ name: 'value', ...content });
const named = (name: string): Part => ({ name: 'name', valueString: name });
const at = (name: string, index: unknown): Part => ({ name, valueInteger: index });
const apply = (...operations: unknown[]) => applyFhirPathPatch(patient(), patch(...operations));

const failureOf = (parameters: unknown, limits = {}): FhirError => {
  try {
    applyFhirPathPatch(patient(), parameters, limits);
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('FHIRPath Patch', () => {
  test('[P9] adds, inserts, deletes, replaces and moves, and leaves what it was given alone', () => {
    const before = patient();
    const after = applyFhirPathPatch(
      before,
      patch(
        operation(
          'add',
          'Patient',
          named('birthDate'),
          value({ valueDate: '1980-01-01', _valueDate: { id: 'b' } }),
        ),
        operation('add', 'Patient.name[0]', named('given'), value({ valueString: 'D.' })),
        operation(
          'insert',
          'Patient.identifier',
          at('index', 1),
          value({ valueIdentifier: { value: '1b' } }),
        ),
        operation('move', 'Patient.identifier', at('source', 0), at('destination', 3)),
        operation('delete', "Patient.identifier.where(use = 'usual')"),
        operation('replace', 'Patient.gender', value({ valueCode: 'other' })),
      ),
    );
    expect(before).toEqual(patient());
    expect(after).toEqual({
      ...patient(),
      birthDate: '1980-01-01',
      _birthDate: { id: 'b' },
      identifier: [{ value: '1b' }, { use: 'old', value: '3' }, { use: 'official', value: '1' }],
      name: [
        { family: 'Probe', given: ['Ada', 'B.', 'C.', 'D.'], _given: [null, { id: 'middle' }, null, null] },
      ],
      gender: 'other',
    });
  });

  test('[P10] a primitive of a list takes its extensions along', () => {
    const moved = apply(operation('move', 'Patient.name[0].given', at('source', 1), at('destination', 0)));
    expect(moved.name).toEqual([
      { family: 'Probe', given: ['B.', 'Ada', 'C.'], _given: [{ id: 'middle' }, null, null] },
    ]);
    const gone = apply(operation('delete', 'Patient.name[0].given[1]'));
    expect(gone.name).toEqual([{ family: 'Probe', given: ['Ada', 'C.'] }]);
    const replaced = apply(operation('replace', 'Patient.name.given[1]', value({ valueString: 'X.' })));
    expect(replaced.name).toEqual([{ family: 'Probe', given: ['Ada', 'X.', 'C.'] }]);
  });

  test('[P10] a choice is named without its type, and may become another', () => {
    const time = { valueDateTime: '2026-01-01' };
    const replaced = apply(operation('replace', 'Patient.deceased', value(time)));
    expect(replaced).toMatchObject({ deceasedDateTime: '2026-01-01' });
    expect(replaced).not.toHaveProperty('deceasedBoolean');
    expect(failureOf(patch(operation('add', 'Patient', named('deceased'), value(time)))).code).toBe(
      'PATCH_FAILED',
    );
    expect(
      apply(
        operation('delete', 'Patient.deceased'),
        operation('add', 'Patient', named('deceased'), value(time)),
      ),
    ).toMatchObject({ deceasedDateTime: '2026-01-01' });
    const wrong = value({ valueQuantity: { value: 1 } });
    expect(failureOf(patch(operation('replace', 'Patient.deceased', wrong))).code).toBe('PATCH_FAILED');
    expect(apply(operation('delete', 'Patient.deceased.ofType(dateTime)'))).toHaveProperty('deceasedBoolean');
    expect(apply(operation('delete', 'Patient.deceased.ofType(boolean)'))).not.toHaveProperty(
      'deceasedBoolean',
    );
  });

  test('[P10] an element without a type of its own comes in parts', () => {
    const parts = [
      { name: 'gender', valueCode: 'male' },
      { name: 'telecom', valueContactPoint: { value: '1' } },
      { name: 'telecom', valueContactPoint: { value: '2' } },
      { name: 'name', part: [{ name: 'text', valueString: 'B.' }] },
    ];
    const after = apply(operation('add', 'Patient', named('contact'), { name: 'value', part: parts }));
    expect(after.contact).toEqual([
      { gender: 'male', telecom: [{ value: '1' }, { value: '2' }], name: { text: 'B.' } },
    ]);
  });

  test.each([
    ["Patient.extension('urn:a')"],
    ["Patient.extension.where(url = 'urn:a')"],
    ["Patient.extension.where(url='urn:a' and value = 'x').first()"],
    ['Patient.extension.last()'],
    ['Patient . extension[ 0 ]'],
    ['Patient.`extension`'],
  ])('[P9] %s leads to one element', (path) => {
    expect(apply(operation('delete', path))).not.toHaveProperty('extension');
  });

  test('what is not there is deleted without an error, several are not', () => {
    expect(apply(operation('delete', 'Patient.birthDate'))).toEqual(patient());
    expect(failureOf(patch(operation('delete', 'Patient.identifier'))).code).toBe('PATCH_FAILED');
  });

  test.each<[string, unknown]>([
    ['a path to nothing', operation('replace', 'Patient.birthDate', value({ valueDate: '1980' }))],
    ['a path to several', operation('replace', 'Patient.identifier', value({ valueIdentifier: {} }))],
    ['an element that is there', operation('add', 'Patient', named('gender'), value({ valueCode: 'male' }))],
    [
      'an element that the type has not',
      operation('add', 'Patient', named('sex'), value({ valueCode: 'x' })),
    ],
    ['a name of a prototype', operation('add', 'Patient', named('__proto__'), value({ valueCode: 'x' }))],
    [
      'elements of a primitive',
      operation('add', 'Patient.gender', named('extension'), value({ valueCode: 'x' })),
    ],
    [
      'an index behind the end',
      operation('insert', 'Patient.identifier', at('index', 4), value({ valueIdentifier: {} })),
    ],
    [
      'an insert into no list',
      operation('insert', 'Patient.gender', at('index', 0), value({ valueCode: 'x' })),
    ],
    [
      'a move from behind the end',
      operation('move', 'Patient.identifier', at('source', 3), at('destination', 0)),
    ],
    ['a move of no list', operation('move', 'Patient.gender', at('source', 0), at('destination', 0))],
  ])('[P3] %s fails', (_what, failing) => {
    const noop = operation('delete', 'Patient.birthDate');
    expect(failureOf(patch(noop, failing))).toMatchObject({ code: 'PATCH_FAILED', place: 'operation 1' });
  });

  test.each<[string, unknown]>([
    ['the id', operation('replace', 'Patient.id', value({ valueId: 'other' }))],
    ['no id', operation('delete', 'Patient.id')],
    ['the version', operation('replace', 'Patient.meta.versionId', value({ valueId: '9' }))],
    [
      'the time',
      operation('replace', 'Patient.meta', value({ valueMeta: { lastUpdated: '2000-01-01T00:00:00Z' } })),
    ],
  ])('[P4] %s is the server’s', (_what, forbidden) => {
    expect(failureOf(patch(forbidden))).toMatchObject({ code: 'PATCH_FORBIDDEN', place: 'operation 0' });
  });

  test('[P4] version and time come back when they are taken away', () => {
    expect(apply(operation('delete', 'Patient.meta')).meta).toEqual(patient().meta);
  });

  test.each<[string, unknown]>([
    ['another resource', { resourceType: 'Patient' }],
    ['another parameter', patch({ name: 'other', part: operation('delete', 'Patient.gender').part })],
    ['another type', patch(operation('delete', 'Observation.status'))],
    ['no path', patch({ name: 'operation', part: [{ name: 'type', valueCode: 'delete' }] })],
    ['an unknown operation', patch(operation('copy', 'Patient.gender'))],
    ['no value', patch(operation('replace', 'Patient.gender'))],
    ['no name', patch(operation('add', 'Patient', value({ valueCode: 'x' })))],
    ['no index', patch(operation('insert', 'Patient.identifier', value({ valueIdentifier: {} })))],
    [
      'a negative index',
      patch(operation('move', 'Patient.identifier', at('source', -1), at('destination', 0))),
    ],
    ['a path of other functions', patch(operation('delete', 'Patient.identifier.skip(1)'))],
    ['a path that calculates', patch(operation('delete', 'Patient.identifier[0 + 1]'))],
    ['a path to a prototype', patch(operation('delete', 'Patient.constructor'))],
    ['a long path', patch(operation('delete', `Patient${'.contact'.repeat(1000)}`))],
    ['an open path', patch(operation('delete', "Patient.identifier.where(use = 'x'"))],
  ])('[P5] %s is no patch', (_what, parameters) => {
    expect(failureOf(parameters).code).toBe('BAD_PATCH');
  });

  test('[P6] operations and depth are limited', () => {
    const noop = operation('delete', 'Patient.birthDate');
    expect(failureOf(patch(...new Array(1001).fill(noop))).code).toBe('BAD_PATCH');
    let part: object = { name: 'x', valueString: 'x' };
    for (let depth = 0; depth < 40; depth += 1) part = { name: 'contact', part: [part] };
    const deep = operation('add', 'Patient', named('contact'), { name: 'value', part: [part] });
    expect(failureOf(patch(deep)).code).toBe('BAD_PATCH');
  });

  test('[P8] decimals keep their digits', () => {
    const observation = parseJson('{"resourceType":"Observation","valueQuantity":{"value":1.50}}') as Json;
    const parameters = patch(
      operation('replace', 'Observation.value.value', value({ valueDecimal: parseJson('2.00') })),
    );
    expect(stringifyExact(applyFhirPathPatch(observation, parameters))).toContain('"value":2.00');
  });

  test('errors quote nothing of the resource or the patch', () => {
    const error = failureOf(
      patch(operation('replace', "Patient.name.where(family = 'Secret')", value({ valueHumanName: {} }))),
    );
    expect(error.message).not.toMatch(/Secret|Probe/);
  });
});
