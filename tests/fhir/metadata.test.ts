import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceTypes } from '../../src/standards/fhir/index.ts';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { startApi, type TestApi } from './support/api.ts';

interface ResourceEntry {
  readonly type: string;
  readonly interaction: { readonly code: string }[];
  readonly searchParam: { readonly name: string; readonly type: string }[];
  readonly searchInclude?: string[];
  readonly searchRevInclude?: string[];
  readonly supportedProfile?: string[];
}

const usCorePatient = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';

let api: TestApi;
let rest: { readonly resource: readonly ResourceEntry[]; readonly interaction: { readonly code: string }[] };
beforeAll(async () => {
  api = await startApi({ profilesOf: (type) => (type === 'Patient' ? [usCorePatient] : []) });
  rest = (await api.get('/metadata', { as: '' })).body.rest[0];
});
afterAll(() => api.stop());

describe('[F27] the CapabilityStatement', () => {
  test('is a valid resource that anybody may read', async () => {
    const { status, body } = await api.get('/metadata', { as: '' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      kind: 'instance',
      implementation: { url: api.base },
      instantiates: ['http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server'],
    });
    const errors = createValidator()
      .validate(body)
      .filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([]);
  });

  test('has every type, and of each what is mounted', () => {
    expect(rest.resource.map(({ type }) => type)).toEqual([...resourceTypes]);
    for (const { interaction } of rest.resource)
      expect(interaction.map(({ code }) => code).toSorted()).toEqual(
        [
          ...[
            'create',
            'delete',
            'history-instance',
            'history-type',
            'patch',
            'read',
            'search-type',
            'update',
          ],
          'vread',
        ].toSorted(),
      );
    const system = rest.interaction.map(({ code }) => code);
    expect(system.toSorted()).toEqual(['batch', 'history-system', 'search-system', 'transaction']);
    expect(rest.resource.find(({ type }) => type === 'Patient')).toMatchObject({
      supportedProfile: [usCorePatient],
      conditionalCreate: true,
      conditionalUpdate: true,
      conditionalDelete: 'single',
      conditionalRead: 'full-support',
      updateCreate: true,
      readHistory: true,
      searchRevInclude: expect.arrayContaining(['Provenance:target', 'Observation:subject']),
    });
  });

  test('every parameter and include that it names is answered, in strict handling', async () => {
    const examples: Readonly<Record<string, string>> = {
      ...{
        date: '2026',
        number: '5',
        quantity: '5',
        uri: 'urn:x',
        string: 'x',
        token: 'x',
        reference: 'Patient/x',
      },
    };
    const strict = { headers: { prefer: 'handling=strict' } };
    const types = new Set([
      'Patient',
      'Observation',
      'Encounter',
      'MedicationRequest',
      'Goal',
      'Provenance',
      'Location',
    ]);
    for (const { type, searchParam, searchInclude = [] } of rest.resource) {
      if (!types.has(type)) continue;
      for (const { name, type: kind } of searchParam) {
        const value = examples[kind];
        if (value === undefined) continue;
        const answer = await api.get(`/${type}?${name}=${value}`, strict);
        expect(answer.status, `${type}?${name}: ${answer.text.slice(0, 400)}`).toBe(200);
      }
      for (const include of searchInclude)
        expect((await api.get(`/${type}?_include=${include}`, strict)).status, include).toBe(200);
    }
  }, 30_000);

  test('is told again without being made again, for whoever asks', async () => {
    const asked = Array.from({ length: 20 }, () => api.get('/metadata', { as: '' }));
    expect(new Set((await Promise.all(asked)).map(({ text }) => text)).size).toBe(1);
  });
});
