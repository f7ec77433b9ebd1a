import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ResourceWrite, writeResources } from '../../src/clinical/record/index.ts';
import { patientId } from '../../src/trust/access/index.ts';
import { type Answer, startApi, type TestApi } from '../fhir/support/api.ts';
import { ada as adasSource } from '../record/fixtures.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

interface Json {
  readonly resourceType: string;
  readonly id?: string;
}

const commit = (...resources: (Json & { readonly [element: string]: unknown })[]) =>
  api.db.database.transaction((transaction) =>
    writeResources(
      transaction,
      resources.map((resource): ResourceWrite => ({ op: 'update', method: 'PUT', resource })),
      { origin: { system: 'test' }, scope: { kind: 'everything' } },
    ),
  );
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const entriesOf = ({ body }: Answer, mode = 'match'): string[] =>
  (body.entry ?? [])
    .filter((entry: { search: { mode: string } }) => entry.search.mode === mode)
    .map(({ resource }: { resource: Json }) => `${resource.resourceType}/${resource.id}`)
    .sort();

describe('[O1] Patient/$everything', () => {
  const [patient, other] = [randomUUID(), randomUUID()];
  const about = (id: string) => ({ subject: { reference: `Patient/${id}` } });
  const encounter = (id: string, start: string, more: object = {}) => ({
    ...{ resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' } },
    ...{ period: { start, end: start }, ...about(patient), ...more },
  });
  const doctor = randomUUID();
  const ids = ['early', 'middle', 'late'].map((name) => `${name}-${randomUUID()}`) as [
    string,
    string,
    string,
  ];
  beforeAll(async () => {
    await commit({ resourceType: 'Patient', id: patient }, { resourceType: 'Patient', id: other });
    await commit(
      { resourceType: 'Practitioner', id: doctor },
      encounter(ids[0], '2026-01-10'),
      encounter(ids[1], '2026-02-10', {
        participant: [{ individual: { reference: `Practitioner/${doctor}` } }],
      }),
      encounter(ids[2], '2026-03-10'),
      encounter(randomUUID(), '2026-02-10', about(other)),
    );
  });

  test('is the compartment, and what it refers to', async () => {
    const answer = await api.get(`/Patient/${patient}/$everything`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    expect(entriesOf(answer)).toEqual([`Patient/${patient}`, ...ids.map((id) => `Encounter/${id}`)].sort());
    expect(entriesOf(answer, 'include')).toEqual([`Practitioner/${doctor}`]);
  });

  test('bounded by dates of care, types and time of change', async () => {
    const matches = async (query: string) =>
      entriesOf(await api.get(`/Patient/${patient}/$everything?${query}`));
    expect(await matches('_type=Encounter&start=2026-02-10')).toEqual(
      [ids[1], ids[2]].map((id) => `Encounter/${id}`).sort(),
    );
    expect(await matches('_type=Encounter&end=2026-02-10')).toEqual(
      [ids[0], ids[1]].map((id) => `Encounter/${id}`).sort(),
    );
    expect(await matches('start=2026-02&end=2026-02')).toEqual(
      [`Encounter/${ids[1]}`, `Patient/${patient}`].sort(),
    );
    expect(await matches('_since=2999-01-01T00:00:00Z')).toEqual([]);
    const call = {
      body: parameters({ name: 'end', valueDate: '2026-01-31' }, { name: '_type', valueCode: 'Encounter' }),
    };
    expect(entriesOf(await api.call('POST', `/Patient/${patient}/$everything`, call))).toEqual([
      `Encounter/${ids[0]}`,
    ]);
  });

  test('in pages, whose links lead through all of it, for the caller only', async () => {
    const found: string[] = [];
    let address = `${api.base}/Patient/${patient}/$everything?_count=2`;
    for (let page = 0; page < 5 && address !== ''; page++) {
      const answer = await api.get(address.replace(api.base, ''));
      expect(answer.status).toBe(200);
      found.push(...entriesOf(answer));
      const links = answer.body.link as { relation: string; url: string }[];
      address = links.find(({ relation }) => relation === 'next')?.url ?? '';
      if (address !== '')
        expect((await api.get(address.replace(api.base, ''), { as: 'other' })).status).toBe(400);
    }
    expect(found.sort()).toEqual([`Patient/${patient}`, ...ids.map((id) => `Encounter/${id}`)].sort());
  });

  test('of a patient who is not there, or may not be seen, is not there', async () => {
    expect((await api.get(`/Patient/${randomUUID()}/$everything`)).status).toBe(404);
    expect((await api.get(`/Patient/${patient}/$everything`, { as: 'ada' })).status).toBe(404);
    expect((await api.get('/Patient/$everything', { as: 'nobody' })).status).toBe(404);
  });

  test('without an id: of the one patient whom the context sees', async () => {
    const [own, name] = [patientId(adasSource), randomUUID()];
    await commit(
      { resourceType: 'Patient', id: own },
      { resourceType: 'Condition', id: name, ...about(own) },
    );
    const answer = await api.get('/Patient/$everything', { as: 'ada' });
    expect(entriesOf(answer)).toEqual([`Condition/${name}`, `Patient/${own}`].sort());
    expect((await api.get('/Patient/$everything')).status).toBe(400);
  });

  test('an unknown parameter is named, in strict handling refused', async () => {
    const path = `/Patient/${patient}/$everything?nonsense=1`;
    expect(entriesOf(await api.get(path), 'outcome')).toHaveLength(1);
    expect((await api.get(path, { headers: { prefer: 'handling=strict' } })).status).toBe(400);
    expect((await api.get(`/Patient/${patient}/$everything?start=x`)).status).toBe(400);
    expect((await api.get(`/Patient/${patient}/$everything?_type=Nonsense`)).status).toBe(400);
    expect((await api.get(`/Patient/${patient}/$everything?_count=0`)).status).toBe(400);
  });
});

describe('[O2] $validate', () => {
  const bad = { resourceType: 'Observation', status: 'nonsense' };
  const errorsOf = ({ status, body }: Answer): string[] => {
    expect(status).toBe(200);
    expect(body.resourceType).toBe('OperationOutcome');
    return body.issue
      .filter(({ severity }: { severity: string }) => severity === 'error')
      .map(({ expression }: { expression: string[] }) => expression[0]);
  };
  const good = { resourceType: 'Observation', status: 'final', code: { text: 'pulse' } };

  test('of what is sent: 200 with the issues, whatever is wrong with it', async () => {
    const found = errorsOf(await api.call('POST', '/Observation/$validate', { body: bad }));
    expect(found).toEqual(expect.arrayContaining(['Observation.status', 'Observation.code']));
    expect(errorsOf(await api.call('POST', '/Observation/$validate', { body: good }))).toEqual([]);
    expect(errorsOf(await api.call('POST', '/Patient/$validate', { body: good }))).toContain('resourceType');
    expect(
      errorsOf(await api.call('POST', '/Observation/$validate', { body: '{"resourceType":' })),
    ).toHaveLength(1);
    expect((await api.call('POST', '/Observation/$validate')).status).toBe(400);
  });

  test('in Parameters, with mode and profile', async () => {
    const sent = (...more: object[]) => ({ body: parameters({ name: 'resource', resource: bad }, ...more) });
    expect(errorsOf(await api.call('POST', '/Observation/$validate', sent()))).toContain(
      'Observation.status',
    );
    const id = randomUUID();
    const update = {
      body: parameters(
        { name: 'resource', resource: { ...good, id: 'another' } },
        { name: 'mode', valueCode: 'update' },
      ),
    };
    expect(errorsOf(await api.call('POST', `/Observation/${id}/$validate`, update))).toContain(
      'Observation.id',
    );
    const mode = (value: string) => sent({ name: 'mode', valueCode: value });
    expect((await api.call('POST', '/Observation/$validate', mode('nonsense'))).status).toBe(400);
    expect((await api.call('POST', '/Observation/$validate', mode('profile'))).status).toBe(400);
    expect((await api.call('POST', '/Observation/$validate', mode('delete'))).status).toBe(400);
    const profile = { name: 'profile', valueCanonical: 'http://example.org/unknown' };
    const unknown = await api.call('POST', '/Observation/$validate', {
      body: parameters({ name: 'resource', resource: good }, profile),
    });
    // What was demanded can't be found out.
    expect(errorsOf(unknown)).toEqual(['Observation.meta.profile']);
  });

  test('of what is stored, with the issues that it was taken with', async () => {
    const id = randomUUID();
    const issues = [
      {
        severity: 'error' as const,
        code: 'value',
        expression: 'Observation.valueString',
        rule: 'as it came',
      },
    ];
    await api.db.database.transaction((transaction) =>
      writeResources(transaction, [{ op: 'update', method: 'PUT', resource: { ...bad, id }, issues }], {
        origin: { system: 'test' },
        scope: { kind: 'everything' },
      }),
    );
    const found = errorsOf(await api.get(`/Observation/${id}/$validate`));
    expect(found).toEqual(expect.arrayContaining(['Observation.status', 'Observation.valueString']));
    expect(errorsOf(await api.call('POST', `/Observation/${id}/$validate?mode=delete`))).toEqual([]);
    expect((await api.get(`/Observation/${randomUUID()}/$validate`)).status).toBe(404);
    expect((await api.get(`/Observation/${id}/$validate`, { as: 'ada' })).status).toBe(404);
  });
});

describe('[O3] DocumentReference/$docref', () => {
  const patient = randomUUID();
  const CCD = { system: 'http://loinc.org', code: '34133-9' };
  const NOTE = { system: 'http://loinc.org', code: '11506-3' };
  const document = (id: string, coding: object, parts: object) => ({
    ...{ resourceType: 'DocumentReference', id, status: 'current', type: { coding: [coding] } },
    ...{
      subject: { reference: `Patient/${patient}` },
      content: [{ attachment: { url: 'http://example.org/x' } }],
    },
    ...parts,
  });
  const period = (start: string, end: string) => ({ context: { period: { start, end } } });
  const [ccdOld, ccd, note, superseded] = ['ccd-old', 'ccd', 'note', 'superseded'].map(
    (name) => `${name}-${randomUUID()}`,
  ) as [string, string, string, string];
  beforeAll(async () => {
    await commit({ resourceType: 'Patient', id: patient });
    await commit(
      document(ccdOld, CCD, { date: '2026-05-01T00:00:00Z', ...period('2026-01-01', '2026-01-31') }),
      document(ccd, CCD, { date: '2026-06-01T00:00:00Z', ...period('2026-02-01', '2026-02-28') }),
      document(note, NOTE, { date: '2026-03-15T00:00:00Z' }),
      document(superseded, NOTE, { status: 'superseded', date: '2026-07-01T00:00:00Z' }),
    );
  });
  const docref = async (query: string) => {
    const answer = await api.get(`/DocumentReference/$docref?patient=${patient}${query}`);
    expect(answer.status, answer.text).toBe(200);
    return entriesOf(answer);
  };
  const names = (...ids: string[]) => ids.map((id) => `DocumentReference/${id}`).sort();

  test('without dates the current document of each type', async () => {
    expect(await docref('')).toEqual(names(ccd, note));
    expect(await docref('&type=http://loinc.org|34133-9')).toEqual(names(ccd));
  });

  test('with dates those whose care overlaps them', async () => {
    expect(await docref('&start=2026-01-15&end=2026-01-20')).toEqual(names(ccdOld));
    expect(await docref('&start=2026-02-15')).toEqual(names(ccd, note));
    expect(await docref('&end=2026-02-15')).toEqual(names(ccdOld, ccd));
    expect(await docref('&start=2026-01-01&type=http://loinc.org|11506-3')).toEqual(names(note));
  });

  test('by Parameters, with a CodeableConcept', async () => {
    const body = parameters(
      { name: 'patient', valueId: patient },
      { name: 'start', valueDateTime: '2026-01-01' },
      { name: 'type', valueCodeableConcept: { coding: [CCD] } },
    );
    expect(entriesOf(await api.call('POST', '/DocumentReference/$docref', { body }))).toEqual(
      names(ccdOld, ccd),
    );
  });

  test('no document is made on demand, and a patient is needed', async () => {
    const answer = await api.get(`/DocumentReference/$docref?patient=${patient}&on-demand=true`);
    expect([entriesOf(answer).length, entriesOf(answer, 'outcome').length]).toEqual([0, 1]);
    expect((await api.get('/DocumentReference/$docref')).status).toBe(400);
    expect((await api.get(`/DocumentReference/$docref?patient=${randomUUID()}`)).status).toBe(404);
    expect((await api.get(`/DocumentReference/$docref?patient=${patient}`, { as: 'ada' })).status).toBe(404);
    expect((await api.get(`/DocumentReference/$docref?patient=${patient}&start=x`)).status).toBe(400);
  });
});

test('[O4] they stand in the CapabilityStatement', async () => {
  const { body } = await api.get('/metadata');
  const operations = (type: string) =>
    body.rest[0].resource
      .find((one: { type: string }) => one.type === type)
      .operation.map(({ name }: { name: string }) => name);
  expect(operations('Patient')).toEqual(expect.arrayContaining(['everything', 'validate']));
  expect(operations('DocumentReference')).toEqual(expect.arrayContaining(['docref', 'validate']));
});
