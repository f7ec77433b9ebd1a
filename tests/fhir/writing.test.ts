import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patient, pulse, startApi, type TestApi } from './support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('creating', () => {
  test('[F8] gives an id of its own, a location and version 1', async () => {
    const { status, headers, body } = await api.call('POST', '/Patient', {
      body: patient({ id: 'mine', meta: { versionId: '9', lastUpdated: '1999-01-01T00:00:00Z' } }),
    });
    expect(status).toBe(201);
    expect(body.id).not.toBe('mine');
    expect(body.meta.versionId).toBe('1');
    expect(new Date(body.meta.lastUpdated).getUTCFullYear()).toBeGreaterThan(2000);
    expect(headers.get('location')).toBe(`${api.base}/Patient/${body.id}/_history/1`);
    expect(headers.get('etag')).toBe('W/"1"');
    expect((await api.get(`/Patient/${body.id}`)).body).toEqual(body);
  });

  test('[F16] answers what Prefer asks for', async () => {
    const prefer = (value: string) =>
      api.call('POST', '/Patient', { body: patient(), headers: { prefer: value } });
    const minimal = await prefer('return=minimal');
    expect([minimal.status, minimal.text]).toEqual([201, '']);
    expect(minimal.headers.get('location')).toContain('/Patient/');
    expect((await prefer('handling=strict, return=representation')).body.resourceType).toBe('Patient');
    const told = await api.call('POST', '/Patient', {
      body: patient({ meta: { profile: ['http://example.org/unknown'] } }),
      headers: { prefer: 'return=OperationOutcome' },
    });
    expect(told.status).toBe(201);
    expect(told.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }] });
  });

  test('[F6] keeps every digit', async () => {
    const id = await api.made(pulse());
    const body = `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"x"},"valueQuantity":{"value":7.10}}`;
    const { text } = await api.call('PUT', `/Observation/${id}`, { body });
    expect(text).toContain('"value":7.10');
    expect((await api.get(`/Observation/${id}?_pretty=true`)).text).toContain('"value": 7.10');
  });

  test.each([
    ['no JSON', '{"resourceType":"Patient"', 400],
    ['not of the type in the address', { resourceType: 'Observation' }, 400],
    ['an unknown type', '{"resourceType":"Nothing"}', 400],
    ['an element twice', '{"resourceType":"Patient","active":true,"active":false}', 400],
    ['a prototype', '{"resourceType":"Patient","__proto__":{"a":1}}', 400],
    ['an array', '[]', 400],
    ['nothing', '', 400],
    ['an unknown element', patient({ nickname: 'x' }), 422],
    ['a wrong type', patient({ active: 'yes' }), 422],
    ['a date out of range', patient({ birthDate: '2020-02-31' }), 422],
    ['a required code of no value set', patient({ gender: 'x' }), 422],
    ['without a required element', { resourceType: 'Observation', status: 'final' }, 422],
  ])('[F7] %s is refused with its place', async (_what, body, expected) => {
    const answer = await api.call('POST', '/Patient', {
      body,
      ...(body === '' ? { headers: { 'content-type': 'application/fhir+json' } } : {}),
    });
    const path = (body as { resourceType?: string }).resourceType === 'Observation' && expected === 422;
    const other = path ? await api.call('POST', '/Observation', { body }) : answer;
    expect(other.status).toBe(expected);
    expect(other.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
    expect(other.body.issue[0].expression[0]).toBeTruthy();
  });

  test('[F7] tells every issue at once, and none of the data', async () => {
    const { status, body, text } = await api.call('POST', '/Patient', {
      body: patient({ gender: 'Kanarienvogel', birthDate: 'Kanarienvogel' }),
    });
    expect(status).toBe(422);
    const places = body.issue.flatMap(({ expression }: { expression: string[] }) => expression);
    expect(places).toEqual(expect.arrayContaining(['Patient.gender', 'Patient.birthDate']));
    expect(text).not.toContain('Kanarienvogel');
  });
});

describe('updating', () => {
  test('[F8] makes what is not there under the id in the address', async () => {
    const body = patient({ id: 'lovelace-1' });
    const first = await api.call('PUT', '/Patient/lovelace-1', { body });
    expect([first.status, first.headers.get('etag')]).toEqual([201, 'W/"1"']);
    const second = await api.call('PUT', '/Patient/lovelace-1', { body: { ...body, active: true } });
    expect([second.status, second.headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect((await api.get('/Patient/lovelace-1/_history/1')).body).not.toHaveProperty('active');
  });

  test.each([
    ['another id', patient({ id: 'other' })],
    ['no id', patient()],
    ['an id that is none', patient({ id: 7 })],
  ])('[F8] refuses a body with %s', async (_what, body) => {
    const { status, body: outcome } = await api.call('PUT', '/Patient/one', { body });
    expect([status, outcome.issue[0].expression]).toEqual([400, ['id']]);
  });

  test('[F9] makes no version when nothing changed', async () => {
    const id = await api.made(patient({ active: true }));
    const again = await api.call('PUT', `/Patient/${id}`, { body: patient({ active: true, id }) });
    expect([again.status, again.headers.get('etag'), again.body.meta.versionId]).toEqual([200, 'W/"1"', '1']);
  });

  test('[F10] under If-Match only the current version is replaced', async () => {
    const id = await api.made(patient());
    const put = (etag: string, active: boolean) =>
      api.call('PUT', `/Patient/${id}`, {
        body: patient({ id, active }),
        headers: { 'if-match': etag },
      });
    expect((await put('W/"1"', true)).status).toBe(200);
    expect((await put('W/"1"', false)).status).toBe(412);
    expect((await put('"2"', false)).status).toBe(200);
    expect((await put('*', true)).status).toBe(200);
    expect((await put('yesterday', true)).status).toBe(400);
    const absent = patient({ id: 'never-was' });
    for (const etag of ['W/"1"', '*']) {
      const answer = await api.call('PUT', '/Patient/never-was', {
        body: absent,
        headers: { 'if-match': etag },
      });
      expect(answer.status, etag).toBe(412);
    }
    expect((await api.get('/Patient/never-was')).status).toBe(404);
  });

  test('[F10] of concurrent updates under the same If-Match one succeeds', async () => {
    const id = await api.made(patient());
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        api.call('PUT', `/Patient/${id}`, {
          body: patient({ id, telecom: [{ system: 'phone', value: String(n) }] }),
          headers: { 'if-match': 'W/"1"' },
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(39);
  });

  test('[F10] a thousand updates at once lose none', async () => {
    const id = await api.made(patient());
    const puts = Array.from({ length: 1_000 }, (_, n) =>
      api.call('PUT', `/Patient/${id}`, {
        body: patient({ id, telecom: [{ system: 'phone', value: String(n) }] }),
        headers: { prefer: 'return=minimal' },
      }),
    );
    const etags = (await Promise.all(puts)).map(({ headers }) => headers.get('etag'));
    expect(new Set(etags)).toEqual(new Set(Array.from({ length: 1_000 }, (_, n) => `W/"${n + 2}"`)));
    const { body } = await api.get(`/Patient/${id}/_history?_count=1000`);
    const values = body.entry.map(
      ({ resource }: { resource: { telecom?: { value: string }[] } }) => resource.telecom?.[0]?.value,
    );
    expect([body.total, new Set(values).size]).toEqual([1_001, 1_000]);
  }, 30_000);

  test('[F10] counting up under If-Match, again after every 412, comes out right', async () => {
    const id = await api.made(patient({ multipleBirthInteger: 0 }));
    const countUp = async (): Promise<number> => {
      for (let tries = 1; ; tries++) {
        const { body, headers } = await api.get(`/Patient/${id}`);
        const answer = await api.call('PUT', `/Patient/${id}`, {
          body: { ...body, multipleBirthInteger: body.multipleBirthInteger + 1 },
          headers: { 'if-match': headers.get('etag') ?? '' },
        });
        if (answer.status === 200) return tries;
        if (answer.status !== 412) throw new Error(`answered ${answer.status}`);
      }
    };
    await Promise.all(Array.from({ length: 20 }, countUp));
    expect((await api.get(`/Patient/${id}`)).body.multipleBirthInteger).toBe(20);
  });

  test('[F10] If-None-Match: * only creates', async () => {
    const headers = { 'if-none-match': '*' };
    const body = patient({ id: 'only-once' });
    expect((await api.call('PUT', '/Patient/only-once', { body, headers })).status).toBe(201);
    expect((await api.call('PUT', '/Patient/only-once', { body, headers })).status).toBe(412);
  });

  test('[F13] a part of a resource does not replace the whole', async () => {
    const id = await api.made(patient({ active: true }));
    const { body } = await api.get(`/Patient/${id}?_elements=active`);
    expect(body.name).toBeUndefined();
    const answer = await api.call('PUT', `/Patient/${id}`, { body });
    expect(answer.status).toBe(422);
    expect((await api.get(`/Patient/${id}`)).body.name).toHaveLength(1);
  });
});

describe('patching', () => {
  const headers = { 'content-type': 'application/json-patch+json' };
  const patched = (id: string, operations: unknown, more: Record<string, string> = {}) =>
    api.call('PATCH', `/Patient/${id}`, {
      body: JSON.stringify(operations),
      headers: { ...headers, ...more },
    });

  test('[F11] changes what it names and is a version', async () => {
    const id = await api.made(patient());
    const answer = await patched(id, [{ op: 'add', path: '/active', value: true }]);
    expect([answer.status, answer.body.active, answer.headers.get('etag')]).toEqual([200, true, 'W/"2"']);
    const { body } = await api.get(`/Patient/${id}/_history`);
    expect(body.entry[0].request.method).toBe('PATCH');
  });

  test('[F11] takes Parameters with a FHIRPath Patch as well', async () => {
    const id = await api.made(patient({ active: true }));
    const part = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Patient.active' },
      { name: 'value', valueBoolean: false },
    ];
    const body = JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'operation', part }] });
    const answer = await api.call('PATCH', `/Patient/${id}`, {
      body,
      headers: { 'content-type': 'application/fhir+json' },
    });
    expect([answer.status, answer.body.active, answer.headers.get('etag')]).toEqual([200, false, 'W/"2"']);
    const { body: statement } = await api.get('/metadata');
    expect(statement.patchFormat).toEqual(['application/json-patch+json', 'application/fhir+json']);
  });

  test.each([
    ['a test that fails', [{ op: 'test', path: '/active', value: false }], 422],
    ['a path that is not there', [{ op: 'remove', path: '/photo' }], 422],
    ['a result that is invalid', [{ op: 'add', path: '/gender', value: 'x' }], 422],
    ['the id', [{ op: 'replace', path: '/id', value: 'x' }], 422],
    ['no array', { op: 'add' }, 400],
    ['an unknown operation', [{ op: 'explode', path: '/active' }], 400],
  ])('[F11] %s is refused, and nothing of it stays', async (_what, operations, expected) => {
    const id = await api.made(patient({ active: true }));
    const answer = await patched(id, operations);
    expect(answer.status).toBe(expected);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    expect((await api.get(`/Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });

  test('[F10] [F11] patches at once lose none, and If-Match is kept', async () => {
    const id = await api.made(patient({ telecom: [{ system: 'phone', value: 'first' }] }));
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, n) =>
        patched(id, [{ op: 'add', path: '/telecom/-', value: { system: 'phone', value: `n${n}` } }]),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await api.get(`/Patient/${id}`)).body.telecom).toHaveLength(26);
    const stale = await patched(id, [{ op: 'remove', path: '/telecom' }], { 'if-match': 'W/"1"' });
    expect(stale.status).toBe(412);
  });

  test('[F11] by FHIRPath, as Parameters', async () => {
    const id = await api.made(patient({ active: true }));
    const part = (name: string, value: object) => ({ name, ...value });
    const parameters = (path: string, value: object) => ({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            part('type', { valueCode: 'replace' }),
            part('path', { valueString: path }),
            part('value', value),
          ],
        },
      ],
    });
    const send = (body: object) => api.call('PATCH', `/Patient/${id}`, { body });
    const answer = await send(parameters('Patient.active', { valueBoolean: false }));
    expect([answer.status, answer.body.active, answer.headers.get('etag')]).toEqual([200, false, 'W/"2"']);
    expect((await send(parameters('Patient.photo', { valueString: 'x' }))).status).toBe(422);
    expect((await send({ resourceType: 'Patient' })).status).toBe(400);
    expect((await api.get(`/Patient/${id}`)).headers.get('etag')).toBe('W/"2"');
  });

  test('[F21] is refused where there is nothing, and in other formats', async () => {
    expect((await patched('never-was', [])).status).toBe(404);
    const id = await api.made(patient());
    await api.call('DELETE', `/Patient/${id}`);
    expect((await patched(id, [])).status).toBe(410);
    const xml = await api.call('PATCH', `/Patient/${id}`, {
      body: '<diff/>',
      headers: { 'content-type': 'application/xml-patch+xml' },
    });
    expect(xml.status).toBe(415);
  });
});

describe('deleting', () => {
  test('[F12] is the same however often, and counts as a version', async () => {
    const id = await api.made(patient());
    expect((await api.call('DELETE', `/Patient/${id}`)).status).toBe(204);
    expect((await api.call('DELETE', `/Patient/${id}`)).status).toBe(204);
    expect((await api.call('DELETE', '/Patient/never-was')).status).toBe(204);
    const gone = await api.get(`/Patient/${id}`);
    expect([gone.status, gone.body.issue[0].code]).toEqual([410, 'deleted']);
    expect((await api.get(`/Patient?_id=${id}`)).body).not.toHaveProperty('entry');
    expect((await api.get(`/Patient/${id}/_history/1`)).status).toBe(200);
    expect((await api.get(`/Patient/${id}/_history/2`)).status).toBe(410);
    const back = await api.call('PUT', `/Patient/${id}`, { body: patient({ id }) });
    expect([back.status, back.headers.get('etag')]).toEqual([201, 'W/"3"']);
  });

  test('[F10] under If-Match only the current version', async () => {
    const id = await api.made(patient());
    const stale = await api.call('DELETE', `/Patient/${id}`, { headers: { 'if-match': 'W/"4"' } });
    expect(stale.status).toBe(412);
    const told = await api.call('DELETE', `/Patient/${id}`, {
      headers: { 'if-match': 'W/"1"', prefer: 'return=OperationOutcome' },
    });
    expect([told.status, told.body.resourceType]).toEqual([200, 'OperationOutcome']);
  });
});

test('[F15] a Provenance in a header is stored with its target', async () => {
  const provenance = {
    resourceType: 'Provenance',
    recorded: '2026-03-03T10:00:00Z',
    agent: [{ who: { display: 'a device' } }],
  };
  const headers = { 'x-provenance': JSON.stringify(provenance) };
  const { status, body } = await api.call('POST', '/Patient', { body: patient(), headers });
  expect(status).toBe(201);
  const found = await api.get(`/Patient?_id=${body.id}&_revinclude=Provenance:target`);
  expect(found.body.entry).toHaveLength(2);
  expect(found.body.entry[1]).toMatchObject({
    search: { mode: 'include' },
    resource: { resourceType: 'Provenance', target: [{ reference: `Patient/${body.id}/_history/1` }] },
  });
  const before = (await api.get('/Patient?_summary=count')).body.total;
  for (const wrong of ['{', '{"resourceType":"Patient"}', '{"resourceType":"Provenance"}'])
    expect(
      (await api.call('POST', '/Patient', { body: patient(), headers: { 'x-provenance': wrong } })).status,
    ).toBeGreaterThanOrEqual(400);
  expect((await api.get('/Patient?_summary=count')).body.total).toBe(before);
});

test('[F28] every answer is heard of, by ids', async () => {
  const id = await api.made(patient());
  api.heard.length = 0;
  await api.get(`/Patient/${id}`);
  await api.get('/Patient?name=Lovelace');
  await api.get('/Patient/never-was');
  await api.call('PUT', '/Patient/x', { body: patient() });
  await api.get('/Nothing/1');
  await api.get('/Patient', { as: '' });
  const told = api.heard.map(({ interaction, reference, status, caller }) => [
    interaction?.name,
    reference,
    status,
    caller,
  ]);
  expect(told).toEqual([
    ['read', `Patient/${id}`, 200, 'televisit'],
    ['search', 'Patient', 200, 'televisit'],
    ['read', 'Patient/never-was', 404, 'televisit'],
    ['update', 'Patient/x', 400, 'televisit'],
    [undefined, undefined, 404, 'televisit'],
  ]);
});
