import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from './support/api.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core';
const coding = (code: string) => ({ system: 'urn:oid:2.16.840.1.113883.6.238', code });
const group = (name: string, codes: readonly string[]) => ({
  url: `${usCore}-${name}`,
  extension: [
    ...codes.map((code, n) => ({ url: n === 0 ? 'ombCategory' : 'detailed', valueCoding: coding(code) })),
    { url: 'text', valueString: 'as told' },
  ],
});
const concept = (code: string) => ({ coding: [{ system: 'urn:test', code, display: `${code} shown` }] });

let api: TestApi;
/** Type → id of the one that is to be found; of each type there is another one without the value. */
const ids: Record<string, string> = {};
beforeAll(async () => {
  api = await startApi();
  ids.Patient = await api.made({
    resourceType: 'Patient',
    extension: [
      group('race', ['2028-9', '2034-7']),
      group('ethnicity', ['2186-5']),
      { url: `${usCore}-genderIdentity`, valueCodeableConcept: concept('identity') },
    ],
  });
  await api.made({ resourceType: 'Patient', extension: [group('race', ['2106-3'])] });
  const subject = { reference: `Patient/${ids.Patient}` };
  const asserted = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate';
  for (const [at, valueDateTime] of ['2019-03-04', '2023-03-04'].entries()) {
    const id = await api.made({
      resourceType: 'Condition',
      subject,
      extension: [{ url: asserted, valueDateTime }],
    });
    if (at === 0) ids.Condition = id;
  }
  const encounter = { resourceType: 'Encounter', status: 'finished', class: coding('AMB'), subject };
  ids.Encounter = await api.made({
    ...encounter,
    hospitalization: { dischargeDisposition: concept('home') },
  });
  await api.made(encounter);
  const goal = { resourceType: 'Goal', lifecycleStatus: 'active', subject };
  ids.Goal = await api.made({ ...goal, description: concept('walk') });
  await api.made({ ...goal, description: { text: 'to run' } });
  ids.CareTeam = await api.made({
    resourceType: 'CareTeam',
    subject,
    participant: [{ role: [concept('nurse')] }],
  });
  await api.made({ resourceType: 'CareTeam', subject });
});
afterAll(() => api.stop());

test.each([
  ['Patient?race=urn:oid:2.16.840.1.113883.6.238|2034-7', 'race'],
  ['Patient?race=2028-9', 'race'],
  ['Patient?ethnicity=2186-5', 'ethnicity'],
  ['Patient?gender-identity=urn:test|identity', 'patient-gender-identity'],
  ['Patient?gender-identity:text=identity shown', 'patient-gender-identity'],
  ['Condition?asserted-date=lt2020', 'condition-asserted-date'],
  ['Condition?asserted-date=2019-03', 'condition-asserted-date'],
  ['Encounter?discharge-disposition=urn:test|home', 'encounter-discharge-disposition'],
  ['Goal?description=walk', 'goal-description'],
  ['CareTeam?role=nurse', 'careteam-role'],
])("[S1] %s, by US Core's own definition", async (search, definition) => {
  const [type = '', name] = search.split(/[?:=]/);
  const found = await api.get(`/${search}`, { headers: { prefer: 'handling=strict' } });
  expect(found.status, found.text).toBe(200);
  expect(found.body.entry?.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual([
    ids[type],
  ]);
  const { body } = await api.get('/metadata', { as: '' });
  const entry = body.rest[0].resource.find((one: { type: string }) => one.type === type);
  expect(entry.searchParam.find((one: { name: string }) => one.name === name)).toMatchObject({
    definition: `http://hl7.org/fhir/us/core/SearchParameter/us-core-${definition}`,
  });
});

test('[S1] the system of a race counts, and a race is no ethnicity', async () => {
  for (const search of ['race=urn:other|2028-9', 'race=2186-5', 'ethnicity=2028-9'])
    expect((await api.get(`/Patient?${search}`)).body).not.toHaveProperty('entry');
});
