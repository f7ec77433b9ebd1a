import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { resourceSource } from '../../src/standards/terminology/index.ts';
import { patient, startApi, type TestApi } from '../fhir/support/api.ts';
import { profile, profileUrl, sourceOf } from '../fhir-validation/support.ts';

const STATUS = 'http://example.org/status';
const codeSystem = {
  ...{ resourceType: 'CodeSystem', url: STATUS, status: 'active', content: 'complete' },
  concept: [{ code: 'M' }, { code: 'S' }],
};
const valueSet = {
  ...{ resourceType: 'ValueSet', url: 'http://example.org/vs', status: 'active' },
  compose: { include: [{ system: STATUS, filter: [{ property: 'code', op: 'regex', value: '[A-M]' }] }] },
};
const bound = (name: string, url: string) =>
  profile(name, 'Patient', [
    {
      ...{ id: 'Patient.maritalStatus', path: 'Patient.maritalStatus', min: 0, max: '1' },
      ...{ base: { path: 'Patient.maritalStatus', min: 0, max: '1' }, type: [{ code: 'CodeableConcept' }] },
      binding: { strength: 'required', valueSet: url },
    },
  ]);

let api: TestApi;
beforeAll(async () => {
  const source = resourceSource([codeSystem, valueSet]);
  api = await startApi({
    terminology: { source: async () => source },
    validator: createValidator(
      sourceOf([bound('known', valueSet.url), bound('unknown', 'http://example.org/none')]),
    ),
  });
});
afterAll(() => api.stop());

const issuesOf = async (name: string, coding: object): Promise<string[]> => {
  const body = patient({ meta: { profile: [profileUrl(name)] }, maritalStatus: { coding: [coding] } });
  const answer = await api.call('POST', '/Patient/$validate', { body });
  return answer.body.issue
    .filter(({ expression }: { expression?: string[] }) => expression?.[0] === 'Patient.maritalStatus')
    .map(({ severity, code }: { severity: string; code: string }) => `${severity} ${code}`);
};

describe('[TX31] $validate asks terminology about required bindings that the validator cannot check', () => {
  test('a code of the value set is right, another is an error', async () => {
    expect(await issuesOf('known', { system: STATUS, code: 'M' })).toEqual([]);
    expect(await issuesOf('known', { system: STATUS, code: 'S' })).toEqual(['error code-invalid']);
    expect(await issuesOf('known', { system: 'http://example.org/other', code: 'M' })).toEqual([
      'error code-invalid',
    ]);
  });

  test('what terminology cannot tell either stays an information', async () => {
    expect(await issuesOf('unknown', { system: STATUS, code: 'M' })).toEqual(['information not-supported']);
    expect(await issuesOf('known', { code: 'M' })).toEqual(['information not-supported']);
  });
});
