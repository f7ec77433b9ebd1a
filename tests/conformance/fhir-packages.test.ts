import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  listPackages,
  loadPackage,
  migrations,
  openProfiles,
  type Profiles,
  packageFile,
} from '../../src/clinical/packages/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { corporaFolder } from './corpora.ts';

const US_CORE = 'http://hl7.org/fhir/us/core';

describe('US Core', () => {
  let db: TestDatabase;
  let profiles: Profiles;
  beforeAll(async () => {
    db = await openTestDatabase({ migrations });
    profiles = await openProfiles(db.database, { logger: silentLogger });
  });
  afterAll(async () => {
    await profiles.close();
    await db.drop();
  });
  const load = (version: string) =>
    loadPackage(db.database, {
      source: packageFile(join(corporaFolder(), `fhir-packages/hl7.fhir.us.core-${version}.tgz`)),
    });

  test('6.1.0 is loaded whole, and again without a change', async () => {
    expect(await load('6.1.0')).toMatchObject({
      kind: 'loaded',
      name: 'hl7.fhir.us.core',
      version: '6.1.0',
      counts: { StructureDefinition: 59, ValueSet: 36, CodeSystem: 5, SearchParameter: 106 },
      withoutSnapshot: [],
    });
    expect((await load('6.1.0')).kind).toBe('unchanged');
    await profiles.refresh();
  });

  test('its profiles are structures, and its value sets lists where nothing is missing', () => {
    const source = profiles.current();
    expect(source.structure(`${US_CORE}/StructureDefinition/us-core-patient`)).toMatchObject({
      type: 'Patient',
      version: '6.1.0',
      derivation: 'constraint',
    });
    expect(source.structure(`${US_CORE}/StructureDefinition/us-core-race`)).toMatchObject({
      type: 'Extension',
    });
    const systemsOf = (name: string) => {
      const systems = source.valueSet?.(`${US_CORE}/ValueSet/${name}`)?.systems;
      return (
        systems &&
        Object.fromEntries([...systems].map(([url, codes]) => [url, codes === 'all' ? codes : codes.size]))
      );
    };
    expect(systemsOf('us-core-problem-or-health-concern')).toEqual({
      'http://terminology.hl7.org/CodeSystem/condition-category': 1,
      [`${US_CORE}/CodeSystem/condition-category`]: 1,
    });
    expect(systemsOf('us-core-screening-assessment-condition-category')).toEqual({
      [`${US_CORE}/CodeSystem/us-core-category`]: expect.any(Number),
    });
    expect(systemsOf('us-core-clinical-result-observation-category')).toEqual({
      'http://terminology.hl7.org/CodeSystem/observation-category': 7,
    });
    expect(systemsOf('us-core-documentreference-type')).toEqual({
      'http://terminology.hl7.org/CodeSystem/v3-NullFlavor': 1,
      'http://loinc.org': 'all',
    });
    // They are composed of value sets of the VSAC, which is not loaded.
    expect(systemsOf('omb-race-category')).toBeUndefined();
  });

  test('7.0.0 stands beside it, and is what an address without a version means', async () => {
    expect((await load('7.0.0')).kind).toBe('loaded');
    await profiles.refresh();
    expect((await listPackages(db.database)).map(({ version }) => version)).toEqual(['7.0.0', '6.1.0']);
    const address = `${US_CORE}/StructureDefinition/us-core-patient`;
    expect(profiles.current().structure(address)).toMatchObject({ version: '7.0.0' });
    expect(profiles.current().structure(`${address}|6.1.0`)).toMatchObject({ version: '6.1.0' });
  });
});
