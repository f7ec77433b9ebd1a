import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patient, pulse } from '../fhir/support/api.ts';
import { type BundleApi, create, get, patch, put, remove, startBundleApi, urn } from './support.ts';

let api: BundleApi;
beforeAll(async () => {
  api = await startBundleApi();
});
afterAll(() => api.stop());

const known = (value: string, parts: object = {}) =>
  patient({ identifier: [{ system: 'urn:test', value }], ...parts });
const query = (value: string) => `identifier=urn:test|${value}`;
const practitioner = (value: string) => ({
  resourceType: 'Practitioner',
  identifier: [{ system: 'urn:npi', value }],
  name: [{ family: 'Curie' }],
});
const idOf = (location: string | undefined) => location?.split('/').slice(0, 2).join('/') ?? '';

describe('[T1] a transaction is all or nothing', () => {
  test('one invalid entry: nothing is written, and the entry and every place are named', async () => {
    const answer = await api.post('transaction', [
      create(known('t1')),
      create({ ...pulse(), status: 'no-such-status' }),
      create({ resourceType: 'Observation' }),
    ]);
    expect(answer.status).toBe(422);
    const places = answer.body.issue.map((issue: { expression: string[] }) => issue.expression[0]);
    expect(places).toContain('Bundle.entry[1].resource.status');
    expect(places.some((place: string) => place.startsWith('Bundle.entry[2].resource'))).toBe(true);
    expect(answer.text).not.toContain('no-such-status');
    expect(await api.count(`Patient?${query('t1')}`)).toBe(0);
  });

  test('a condition that does not hold at the end of it undoes the beginning', async () => {
    const id = await api.made(known('t1-old'));
    const answer = await api.post('transaction', [
      create(known('t1-new')),
      remove(`Patient/${id}`, { ifMatch: 'W/"7"' }),
    ]);
    expect(answer.status).toBe(412);
    expect(answer.body.issue[0].expression).toEqual(['Bundle.entry[1].request.ifMatch']);
    expect(await api.count(`Patient?${query('t1-new')}`)).toBe(0);
    expect((await api.get(`/Patient/${id}`)).status).toBe(200);
  });

  test('a read that fails undoes the writes', async () => {
    const answer = await api.post('transaction', [create(known('t1-read')), get('Patient/is-not-there')]);
    expect(answer.status).toBe(404);
    expect(answer.body.issue[0].expression).toEqual(['Bundle.entry[1]']);
    expect(await api.count(`Patient?${query('t1-read')}`)).toBe(0);
  });
});

describe('[T2] entries take place in the order DELETE, POST, PUT and PATCH, GET, and are answered in theirs', () => {
  test('whatever the order of the request', async () => {
    const gone = await api.made(known('t2', { active: true }));
    const kept = await api.made(known('t2-kept'));
    const told = await api.transact(
      get(`Patient?${query('t2')}`),
      put(`Patient/${kept}`, { ...known('t2-kept'), id: kept, active: false }),
      create(known('t2'), { ifNoneExist: query('t2') }),
      get(`Patient/${kept}`),
      remove(`Patient/${gone}`),
    );
    expect(told.map(({ status }) => status)).toEqual([200, 200, 201, 200, 204]);
    expect(told[0]?.resource.total ?? told[0]?.resource.entry.length).toBe(1);
    expect(told[0]?.resource.entry[0].resource.id).toBe(idOf(told[2]?.location).split('/')[1]);
    expect(told[3]?.resource).toMatchObject({ id: kept, active: false, meta: { versionId: '2' } });
    expect(told[1]).toMatchObject({ etag: 'W/"2"', location: `Patient/${kept}/_history/2` });
    expect(Date.parse(told[1]?.lastModified ?? '')).toBeGreaterThan(0);
    expect((await api.get(`/Patient/${gone}`)).status).toBe(410);
  });

  test('an empty transaction is answered with an empty one', async () => {
    expect(await api.transact()).toEqual([]);
  });
});

describe('[T3] entries name each other by fullUrl', () => {
  test('in references, circular ones too, in uri elements and in narratives, and nowhere else', async () => {
    const told = await api.transact(
      create(
        known('t3', {
          link: [{ type: 'seealso', other: { reference: urn(2) } }],
          text: {
            status: 'generated',
            div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn(2)}">other</a></div>`,
          },
        }),
        {},
        urn(1),
      ),
      create(
        known('t3-b', {
          link: [{ type: 'seealso', other: { reference: urn(1) } }],
          identifier: [{ system: 'urn:ietf:rfc:3986', value: urn(1) }],
          photo: [{ contentType: 'image/png', url: urn(1) }],
        }),
        {},
        urn(2),
      ),
      put('Observation/t3-pulse', {
        ...pulse({ subject: { reference: urn(1) } }),
        id: 't3-pulse',
        derivedFrom: [{ reference: 'urn:oid:1.2.3' }],
      }),
      create(pulse({ subject: { reference: urn(1) } }), {}, 'urn:oid:1.2.3'),
    );
    const [one, other, , third] = told.map(({ location }) => idOf(location));
    const { body: first } = await api.get(`/${one}`);
    const { body: second } = await api.get(`/${other}`);
    expect(first.link[0].other.reference).toBe(other);
    expect(first.text.div).toContain(`href="${other}"`);
    expect(second.link[0].other.reference).toBe(one);
    expect(second.photo[0].url).toBe(one);
    expect(second.identifier[0].value).toBe(urn(1));
    const { body: observation } = await api.get('/Observation/t3-pulse');
    expect(observation.subject.reference).toBe(one);
    expect(observation.derivedFrom[0].reference).toBe(third);
  });

  test('by an address of another server, in full or relative to the entry', async () => {
    const base = 'http://elsewhere.example/fhir';
    const told = await api.transact(
      create(known('t3-c'), {}, `${base}/Patient/77`),
      create(pulse({ subject: { reference: 'Patient/77' } }), {}, `${base}/Observation/1`),
      create(pulse({ subject: { reference: `${base}/Patient/77/_history/3` } }), {}, urn(9)),
      create(pulse({ subject: { reference: 'Patient/77' } }), {}, urn(8)),
    );
    const [one, ...others] = told.map(({ location }) => idOf(location));
    const subjects = await Promise.all(
      others.map(async (other) => (await api.get(`/${other}`)).body.subject.reference),
    );
    expect(subjects).toEqual([one, one, 'Patient/77']);
  });

  test.each([
    [
      'a urn that is no entry',
      [create(pulse({ subject: { reference: urn(5) } }))],
      'Bundle.entry[0].resource.subject.reference',
    ],
    [
      'a fullUrl of two entries',
      [create(known('a'), {}, urn(1)), create(known('b'), {}, urn(1))],
      'Bundle.entry[1].fullUrl',
    ],
  ])('%s is refused', async (_what, entry, place) => {
    const answer = await api.post('transaction', entry);
    expect(answer.status).toBe(400);
    expect(answer.body.issue[0].expression).toEqual([place]);
  });
});

describe('[T4] conditional references find exactly one', () => {
  test('in the record, among many that are looked for at once', async () => {
    for (const n of [1, 2, 3]) await api.made(practitioner(`t4-${n}`));
    const told = await api.transact(
      ...[1, 2, 3, 2].map((n) =>
        create(pulse({ performer: [{ reference: `Practitioner?identifier=urn:npi|t4-${n}` }] })),
      ),
    );
    for (const [index, n] of [1, 2, 3, 2].entries()) {
      const { body } = await api.get(`/${idOf(told[index]?.location)}`);
      const { body: found } = await api.get(`/${body.performer[0].reference}`);
      expect(found.identifier[0].value).toBe(`t4-${n}`);
    }
  });

  test('among what the same transaction makes, and not what it deletes or changes away', async () => {
    const old = await api.made(practitioner('t4-moved'));
    const other = await api.made(practitioner('t4-renamed'));
    const reference = (value: string) => ({ reference: `Practitioner?identifier=urn:npi|${value}` });
    const told = await api.transact(
      create(pulse({ performer: [reference('t4-moved'), reference('t4-renamed')] })),
      create(practitioner('t4-moved')),
      remove(`Practitioner/${old}`),
      put(`Practitioner/${other}`, { ...practitioner('t4-other'), id: other }),
      create(practitioner('t4-renamed')),
    );
    const { body } = await api.get(`/${idOf(told[0]?.location)}`);
    expect(body.performer.map((one: { reference: string }) => one.reference)).toEqual([
      idOf(told[1]?.location),
      idOf(told[4]?.location),
    ]);
  });

  test.each([
    ['none', 't4-none', []],
    ['two in the record', 't4-two', ['record', 'record']],
    ['one in the record and one in the transaction', 't4-both', ['record', 'bundle']],
    ['two in the transaction', 't4-made', ['bundle', 'bundle']],
  ])('%s: 412, and nothing is written', async (_what, value, where) => {
    for (const one of where) if (one === 'record') await api.made(practitioner(value));
    const answer = await api.post('transaction', [
      create(known(value)),
      create(pulse({ performer: [{ reference: `Practitioner?identifier=urn:npi|${value}` }] })),
      ...where.flatMap((one) => (one === 'bundle' ? [create(practitioner(value))] : [])),
    ]);
    expect(answer.status).toBe(412);
    expect(answer.body.issue[0].expression).toEqual(['Bundle.entry[1].resource.performer[0].reference']);
    expect(await api.count(`Patient?${query(value)}`)).toBe(0);
  });

  test('criteria that are not understood are refused by place', async () => {
    const answer = await api.post('transaction', [
      create(pulse({ performer: [{ reference: 'Practitioner?no-such-parameter=1' }] })),
    ]);
    expect(answer.status).toBe(400);
    expect(answer.body.issue[0].expression).toEqual(['Bundle.entry[0].resource.performer[0].reference']);
  });
});

describe('[T5] conditional creates, updates, patches and deletes', () => {
  test('a create that finds one makes none, and who names it names what was found', async () => {
    const id = await api.made(known('t5'));
    const told = await api.transact(
      create(known('t5'), { ifNoneExist: query('t5') }, urn(1)),
      create(pulse({ subject: { reference: urn(1) } })),
    );
    expect(told.map(({ status }) => status)).toEqual([200, 201]);
    expect(told[0]?.location).toBe(`Patient/${id}/_history/1`);
    const { body } = await api.get(`/${idOf(told[1]?.location)}`);
    expect(body.subject.reference).toBe(`Patient/${id}`);
  });

  test('two creates under the same condition make one', async () => {
    const told = await api.transact(
      create(known('t5-twice'), { ifNoneExist: query('t5-twice') }, urn(1)),
      create(known('t5-twice'), { ifNoneExist: query('t5-twice') }, urn(2)),
      create(pulse({ subject: { reference: urn(2) } })),
    );
    expect(told.map(({ status }) => status)).toEqual([201, 200, 201]);
    expect(told[1]?.location).toBe(told[0]?.location);
    const { body } = await api.get(`/${idOf(told[2]?.location)}`);
    expect(body.subject.reference).toBe(idOf(told[0]?.location));
    expect(await api.count(`Patient?${query('t5-twice')}`)).toBe(1);
  });

  test('updates: made when nothing is found, else what is found is updated, and named', async () => {
    const id = await api.made(known('t5-put'));
    const told = await api.transact(
      put(`Patient?${query('t5-put')}`, known('t5-put', { active: true }), {}, urn(1)),
      put(`Patient?${query('t5-fresh')}`, known('t5-fresh'), {}, urn(2)),
      create(pulse({ subject: { reference: urn(1) } })),
      create(pulse({ subject: { reference: urn(2) } })),
    );
    expect(told.map(({ status }) => status)).toEqual([200, 201, 201, 201]);
    expect(told[0]?.location).toBe(`Patient/${id}/_history/2`);
    const subjects = await Promise.all(
      [2, 3].map(async (n) => (await api.get(`/${idOf(told[n]?.location)}`)).body.subject.reference),
    );
    expect(subjects).toEqual([`Patient/${id}`, idOf(told[1]?.location)]);
  });

  test('patches and deletes', async () => {
    const id = await api.made(known('t5-patch'));
    const gone = await api.made(known('t5-gone'));
    const told = await api.transact(
      patch(`Patient?${query('t5-patch')}`, [{ op: 'add', path: '/active', value: true }]),
      remove(`Patient?${query('t5-gone')}`),
      remove(`Patient?${query('t5-never')}`),
    );
    expect(told.map(({ status }) => status)).toEqual([200, 204, 204]);
    expect((await api.get(`/Patient/${id}`)).body.active).toBe(true);
    expect((await api.get(`/Patient/${gone}`)).status).toBe(410);
  });

  test('a FHIRPath Patch', async () => {
    const id = await api.made(known('t5-path', { active: true }));
    const part = (name: string, value: object) => ({ name, ...value });
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            part('type', { valueCode: 'replace' }),
            part('path', { valueString: 'Patient.active' }),
            part('value', { valueBoolean: false }),
          ],
        },
      ],
    };
    const [told] = await api.transact({
      resource: parameters,
      request: { method: 'PATCH', url: `Patient?${query('t5-path')}` },
    });
    expect(told?.status).toBe(200);
    const [again] = await api.batch({
      resource: parameters,
      request: { method: 'PATCH', url: `Patient/${id}` },
    });
    expect(again?.status).toBe(200);
    expect((await api.get(`/Patient/${id}`)).body.active).toBe(false);
  });

  test.each([
    [
      'a create finds two',
      () => create(known('t5-dup'), { ifNoneExist: query('t5-dup') }),
      412,
      'request.ifNoneExist',
    ],
    ['an update finds two', () => put(`Patient?${query('t5-dup')}`, known('t5-dup')), 412, 'request.url'],
    ['a delete finds two', () => remove(`Patient?${query('t5-dup')}`), 412, 'request.url'],
    ['a patch finds none', () => patch(`Patient?${query('t5-nobody')}`, []), 404, undefined],
    [
      'an update finds another id',
      () => put(`Patient?${query('t5-one')}`, { ...known('t5-one'), id: 'another' }),
      400,
      'resource.id',
    ],
    ['criteria without a condition', () => remove('Patient?_count=1'), 400, 'request.url'],
  ])('%s: refused', async (_what, entry, status, place) => {
    if ((await api.count(`Patient?${query('t5-dup')}`)) === 0) {
      await api.made(known('t5-dup'));
      await api.made(known('t5-dup'));
      await api.made(known('t5-one'));
    }
    const answer = await api.post('transaction', [entry()]);
    expect(answer.status).toBe(status);
    expect(answer.body.issue[0].expression).toEqual([place ? `Bundle.entry[0].${place}` : 'Bundle.entry[0]']);
  });
});

describe('[T6] no two entries are about the same resource', () => {
  test.each([
    [
      'two updates',
      () => [put('Patient/t6', { ...known('t6'), id: 't6' }), put('Patient/t6', { ...known('x'), id: 't6' })],
    ],
    ['a delete and an update', () => [put('Patient/t6', { ...known('t6'), id: 't6' }), remove('Patient/t6')]],
    [
      'an update by id and one by criteria',
      () => [
        put('Patient/t6', { ...known('t6'), id: 't6', active: true }),
        put(`Patient?${query('t6')}`, known('t6')),
      ],
    ],
    [
      'a create and an update by criteria that find it',
      () => [create(known('t6-new')), put(`Patient?${query('t6-new')}`, known('t6-new'))],
    ],
  ])('%s: 400', async (_what, entry) => {
    await api.call('PUT', '/Patient/t6', { body: { ...known('t6'), id: 't6' } });
    const answer = await api.post('transaction', entry());
    expect(answer.status).toBe(400);
    expect(answer.body.issue[0].expression[0]).toMatch(/^Bundle\.entry\[\d\]/);
  });
});

describe('[T7] conditions on versions', () => {
  test('ifMatch is the current version, ifNoneMatch: * only makes', async () => {
    const id = await api.made(known('t7'));
    const resource = { ...known('t7', { active: true }), id };
    const told = await api.transact(put(`Patient/${id}`, resource, { ifMatch: 'W/"1"' }));
    expect(told[0]).toMatchObject({ status: 200, etag: 'W/"2"' });
    const late = await api.post('transaction', [put(`Patient/${id}`, resource, { ifMatch: 'W/"1"' })]);
    expect(late.status).toBe(412);
    const there = await api.post('transaction', [put(`Patient/${id}`, resource, { ifNoneMatch: '*' })]);
    expect([there.status, there.body.issue[0].expression[0]]).toEqual([
      412,
      'Bundle.entry[0].request.ifNoneMatch',
    ]);
    const made = await api.transact(
      put('Patient/t7-new', { ...known('t7-new'), id: 't7-new' }, { ifNoneMatch: '*' }),
    );
    expect(made[0]?.status).toBe(201);
  });

  test('a read under ifNoneMatch or ifModifiedSince is 304', async () => {
    const id = await api.made(known('t7-read'));
    const told = await api.transact(
      get(`Patient/${id}`, { ifNoneMatch: 'W/"1"' }),
      get(`Patient/${id}`, { ifModifiedSince: '2099-01-01T00:00:00Z' }),
      get(`Patient/${id}`, { ifNoneMatch: 'W/"9"' }),
    );
    expect(told.map(({ status }) => status)).toEqual([304, 304, 200]);
  });

  test('a failed test of a patch is 422, a wrong operation too, and the entry is named', async () => {
    const id = await api.made(known('t7-patch'));
    for (const operations of [
      [{ op: 'test', path: '/active', value: true }],
      [{ op: 'remove', path: '/nothing' }],
    ]) {
      const answer = await api.post('transaction', [patch(`Patient/${id}`, operations)]);
      expect(answer.status).toBe(422);
      expect(answer.body.issue[0].expression[0]).toContain('Bundle.entry[0].resource');
    }
  });
});

describe('[T8] Prefer', () => {
  test.each([
    [undefined, false, false],
    ['return=minimal', false, false],
    ['return=representation', true, false],
    ['return=OperationOutcome', false, true],
  ])('%s', async (prefer, withResource, withOutcome) => {
    const answer = await api.post('transaction', [create(known('t8', { multipleBirthInteger: 2 }))], {
      ...(prefer === undefined ? {} : { headers: { prefer } }),
    });
    const [{ resource, response }] = answer.body.entry;
    expect(resource !== undefined).toBe(withResource);
    if (withResource) expect(resource).toMatchObject({ multipleBirthInteger: 2, meta: { versionId: '1' } });
    expect(response.outcome?.resourceType).toBe(withOutcome ? 'OperationOutcome' : undefined);
  });
});

describe('[T9] bundles that are no request are refused', () => {
  test.each([
    ['searchset'],
    ['history'],
    ['collection'],
    ['document'],
    ['message'],
    ['transaction-response'],
  ])('%s: 400', async (type) => {
    const answer = await api.post(type, []);
    expect([answer.status, answer.body.issue[0].expression]).toEqual([400, ['Bundle.type']]);
  });

  test('another resource: 400', async () => {
    expect((await api.call('POST', '', { body: known('t9') })).status).toBe(400);
  });

  test.each([
    ['no request', { resource: known('x') }, 'request'],
    ['an unknown method', { request: { method: 'COPY', url: 'Patient' } }, 'request.method'],
    ['no address', { request: { method: 'GET' } }, 'request.url'],
    ['a POST without a resource', { request: { method: 'POST', url: 'Patient' } }, 'resource'],
    [
      'a POST of another type',
      create({ resourceType: 'Patient' }, { url: 'Observation' }),
      'resource.resourceType',
    ],
    ['a PUT of another id', put('Patient/a', { ...known('x'), id: 'b' }), 'resource.id'],
    ['an address elsewhere', remove('http://elsewhere.example/fhir/Patient/1'), 'request.url'],
    ['a type that is none', create({ resourceType: 'NoSuchType' }), 'resource.resourceType'],
    ['an address of a type that is none', remove('NoSuchType/1'), 'request.url'],
    ['an id that is none', remove('Patient/a b'), 'request.url'],
    ['a deletion of a whole type', remove('Patient'), 'request.url'],
  ])('%s: 400 with the place', async (_what, entry, place) => {
    const answer = await api.post('transaction', [entry]);
    expect([answer.status, answer.body.issue[0].expression]).toEqual([400, [`Bundle.entry[0].${place}`]]);
  });

  test('more than ten thousand entries: 413', async () => {
    const answer = await api.post(
      'transaction',
      Array.from({ length: 10_001 }, () => get('Patient/1')),
    );
    expect(answer.status).toBe(413);
  });
});
