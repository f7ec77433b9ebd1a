import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations as packages } from '../../src/clinical/packages/index.ts';
import { migrations, openTerminology, type Terminology } from '../../src/clinical/terminology/index.ts';
import { startApi, type TestApi } from '../fhir/support/api.ts';

let api: TestApi;
let terminology: Terminology;
beforeAll(async () => {
  api = await startApi({
    migrations: [...packages, ...migrations],
    terminology: { source: () => terminology.source() },
  });
  terminology = openTerminology({ database: api.db.database });
});
afterAll(() => api.stop());

const result = async (path: string): Promise<unknown> => {
  const { body } = await api.get(path);
  return (
    body.parameter?.find(({ name }: { name: string }) => name === 'result')?.valueBoolean ??
    body.issue?.[0].code
  );
};

describe('[TX11] resources of the record count', () => {
  const codeSystem = (concept: object[]) => ({
    ...{
      resourceType: 'CodeSystem',
      id: 'own',
      url: 'http://example.org/own',
      status: 'active',
      content: 'complete',
      concept,
    },
  });

  test('as soon as they are written, and as they are now', async () => {
    const ask = () => result('/CodeSystem/$validate-code?url=http://example.org/own&code=b');
    expect(await ask()).toBe(false);
    expect((await api.call('PUT', '/CodeSystem/own', { body: codeSystem([{ code: 'a' }]) })).status).toBe(
      201,
    );
    expect(await ask()).toBe(false);
    expect(
      (await api.call('PUT', '/CodeSystem/own', { body: codeSystem([{ code: 'a' }, { code: 'b' }]) })).status,
    ).toBe(200);
    expect(await ask()).toBe(true);
    expect((await api.call('DELETE', '/CodeSystem/own')).status).toBeLessThan(300);
    expect(await ask()).toBe(false);
  });

  test('value sets and maps too', async () => {
    const set = { resourceType: 'ValueSet', url: 'http://example.org/set', status: 'active' };
    await api.made({
      ...set,
      compose: {
        include: [{ system: 'http://hl7.org/fhir/administrative-gender', concept: [{ code: 'male' }] }],
      },
    });
    const asked =
      '/ValueSet/$validate-code?url=http://example.org/set&system=http://hl7.org/fhir/administrative-gender';
    expect([await result(`${asked}&code=male`), await result(`${asked}&code=female`)]).toEqual([true, false]);
    const element = [{ code: 'x', target: [{ code: 'male', equivalence: 'equivalent' }] }];
    const group = [
      { source: 'http://example.org/local', target: 'http://hl7.org/fhir/administrative-gender', element },
    ];
    await api.made({ resourceType: 'ConceptMap', url: 'http://example.org/map', status: 'active', group });
    const translated =
      '/ConceptMap/$translate?system=http://example.org/local&targetsystem=http://hl7.org/fhir/administrative-gender';
    expect([await result(`${translated}&code=x`), await result(`${translated}&code=y`)]).toEqual([
      true,
      false,
    ]);
  });

  test('units have a code system', async () => {
    expect(await result('/CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=mg/dL')).toBe(true);
    expect(await result('/CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=mgdL')).toBe(false);
  });
});
