import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLINIC, HOSPITAL, openWorld, type World } from '../identity-pipeline/world.ts';

/** A real engine: patients come by HL7 v2, and are asked for, merged and fed over FHIR with the operator's token. */

let world: World;
beforeAll(async () => {
  world = await openWorld(`{ authorities: { '1.2.3.4': { feeder: 'televisit' } } }`);
}, 30_000);
afterAll(() => world.stop());

const adt = (authority: string, id: string, pid: string, event = 'A04') =>
  [
    `MSH|^~\\&|ADT|SITE|ISTHMUS|ISTHMUS|20260301120000||ADT^${event}|M${id}${event}|P|2.5.1`,
    `EVN|${event}|20260301120000`,
    `PID|1||${id}^^^&${authority}&ISO^MR||${pid}`,
    'PV1|1|O',
  ].join('\r');
const pix = (source: string) => world.get(`Patient/$ihe-pix?sourceIdentifier=${encodeURIComponent(source)}`);
const valuesIn = (parameters: { readonly [element: string]: unknown }): string[] =>
  ((parameters.parameter ?? []) as { valueIdentifier?: { value: string } }[]).flatMap(
    ({ valueIdentifier }) => valueIdentifier?.value ?? [],
  );

test('[IF8] a system that the configuration names is known before its first patient', async () => {
  expect(await pix(`urn:oid:${CLINIC}|1`)).toMatchObject({ issue: [{ code: 'not-found' }] });
  expect(await pix('urn:oid:9.9.9|1')).toMatchObject({ issue: [{ code: 'code-invalid' }] });
});

test('[IF7] patients of messages are matched, cross-referenced and merged over FHIR', async () => {
  const pid = 'Falk^Greta^Ilse||19620417|F|||3 Hill Rd^^Ames^IA^50010||5152221234';
  await world.send('adt', adt(HOSPITAL, 'H1', pid));
  await world.send('clinic', adt(CLINIC, 'C1', pid));
  await world.settled();
  expect(valuesIn(await pix(`urn:oid:${HOSPITAL}|H1`))).toEqual(['C1']);
  const { status, body } = await world.call('POST', 'Patient/$match', {
    resourceType: 'Patient',
    name: [{ family: 'Falk', given: ['Greta'] }],
    birthDate: '1962-04-17',
    telecom: [{ system: 'phone', value: '515-222-1234' }],
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ total: 1, entry: [{ search: { extension: [{ valueCode: 'certain' }] } }] });
  // The number that the hospital merges leads on.
  await world.send('adt', adt(HOSPITAL, 'H2', 'Falke^Greta||19620417|F'));
  await world.settled();
  const merged = await world.call('POST', 'Patient/$merge', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'source-patient-identifier', valueIdentifier: { system: `urn:oid:${HOSPITAL}`, value: 'H2' } },
      { name: 'target-patient-identifier', valueIdentifier: { system: `urn:oid:${HOSPITAL}`, value: 'H1' } },
    ],
  });
  expect(merged.status, JSON.stringify(merged.body)).toBe(200);
  expect(valuesIn(await pix(`urn:oid:${HOSPITAL}|H2`)).sort()).toEqual(['C1', 'H1']);
  // What the hospital still says under the old number is on the same chart.
  const person = await world.person('H1');
  expect(await world.person('H2')).toBe(person);
});

test('[IF10] a feed and the messages of its authority speak of one patient', async () => {
  const system = `urn:oid:${CLINIC}`;
  const fed = await world.call('PUT', `Patient?identifier=${system}|C7`, {
    resourceType: 'Patient',
    identifier: [{ system, value: 'C7' }],
    name: [{ family: 'Orr', given: ['Bly'] }],
    birthDate: '1990-01-30',
  });
  expect(fed.status).toBe(201);
  await world.send('clinic', adt(CLINIC, 'C7', 'Orr^Bly||19900130|F', 'A08'));
  await world.settled();
  const found = await world.get(`Patient?identifier=${system}|C7`);
  expect(found).toMatchObject({ total: 1, entry: [{ resource: { id: fed.body.id } }] });
});

test('[IF12] a system that another client feeds is refused', async () => {
  const system = 'urn:oid:1.2.3.4';
  const refused = await world.call('PUT', `Patient?identifier=${system}|1`, {
    resourceType: 'Patient',
    identifier: [{ system, value: '1' }],
  });
  expect(refused).toMatchObject({ status: 403, body: { issue: [{ code: 'forbidden' }] } });
});

test('[IF6] all of it is in the audit trail, by ids', async () => {
  // A preview writes nothing, and shows somebody.
  const preview = await world.call('POST', 'Patient/$merge', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'source-patient-identifier', valueIdentifier: { system: `urn:oid:${CLINIC}`, value: 'C7' } },
      { name: 'target-patient-identifier', valueIdentifier: { system: `urn:oid:${CLINIC}`, value: 'C1' } },
      { name: 'preview', valueBoolean: true },
    ],
  });
  expect(preview.status, JSON.stringify(preview.body)).toBe(200);
  const rows = await world.rows<{ action: string; target: string }>('SELECT action, target FROM audit_entry');
  const actions = new Set(rows.map(({ action }) => action));
  for (const action of ['record.match', 'record.ihe-pix', 'record.merge', 'identity.merge'])
    expect(actions).toContain(action);
  expect(JSON.stringify(rows)).not.toMatch(/Falk|Greta|1962/);
});
