import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientReference } from '../../src/trust/access/index.ts';
import { patient, pulse } from '../fhir/support/api.ts';
import { ada, ben, observation } from '../record/fixtures.ts';
import { type BundleApi, create, get, patch, put, remove, startBundleApi, toldOf, urn } from './support.ts';

let api: BundleApi;
beforeAll(async () => {
  api = await startBundleApi();
});
afterAll(() => api.stop());

const known = (value: string, parts: object = {}) =>
  patient({ identifier: [{ system: 'urn:test', value }], ...parts });
const query = (value: string) => `identifier=urn:test|${value}`;

describe('[T10] entries of a batch stand each for itself', () => {
  test('what fails is told in its entry, the others are done, and the answer is 200', async () => {
    const id = await api.made(known('t10'));
    const told = await api.batch(
      create(known('t10-new')),
      create({ ...pulse(), status: 'no-such-status' }),
      get('Patient/is-not-there'),
      get(`Patient/${id}`),
      { request: { method: 'COPY', url: 'Patient' } },
      put(`Patient/${id}`, { ...known('t10', { active: true }), id }, { ifMatch: 'W/"1"' }),
      put(`Patient/${id}`, { ...known('t10'), id }, { ifMatch: 'W/"1"' }),
      patch(`Patient/${id}`, [{ op: 'replace', path: '/active', value: false }]),
      get(`Patient?${query('t10')}`),
      remove(`Patient?${query('t10-new')}`),
      create(known('t10'), { ifNoneExist: query('t10') }),
      { request: { method: 'HEAD', url: `Patient/${id}` } },
      get('NoSuchType/1'),
      get(`Patient/${id}/_history/1`),
    );
    expect(told.map(({ status }) => status)).toEqual([
      ...[201, 422, 404, 200, 400, 200, 412, 200, 200, 204, 200, 200, 404, 200],
    ]);
    for (const n of [1, 2, 4, 6, 12]) expect(told[n]?.outcome.resourceType).toBe('OperationOutcome');
    expect(told[3]?.resource).toMatchObject({ id, meta: { versionId: '1' } });
    expect(told[5]).toMatchObject({ etag: 'W/"2"', location: `${api.base}/Patient/${id}/_history/2` });
    expect(told[8]?.resource).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    expect(told[11]?.resource).toBeUndefined();
    expect(told[13]?.resource.meta.versionId).toBe('1');
    expect((await api.get(`/Patient/${id}`)).body).toMatchObject({ active: false, meta: { versionId: '3' } });
  });

  test('references between entries are left as they are', async () => {
    const told = await api.batch(
      create(known('t10-a'), {}, urn(1)),
      create(pulse({ subject: { reference: 'Patient/t10-x' } })),
    );
    const { body } = await api.get(`/${told[1]?.location?.split('/').slice(-4, -2).join('/')}`);
    expect(body.subject.reference).toBe('Patient/t10-x');
  });

  test('a bundle is no entry of a bundle', async () => {
    for (const url of ['/', `${api.base}/`]) {
      const told = await api.batch(create({ resourceType: 'Bundle', type: 'batch' }, { url }));
      expect(told[0]?.status).toBe(400);
    }
  });

  test('two hundred entries, in order where they are about the same', async () => {
    const entries = Array.from({ length: 200 }, (_, n) =>
      put('Patient/t10-same', { ...known(`v${n}`), id: 't10-same' }),
    );
    const told = await api.batch(...entries);
    expect(told.map(({ etag }) => etag)).toEqual(entries.map((_, n) => `W/"${n + 1}"`));
  });

  test('addresses below our own base are ours, others are not', async () => {
    const id = await api.made(known('t10-base'));
    const told = await api.batch(
      get(`${api.base}/Patient/${id}`),
      get(`http://elsewhere.example/fhir/R4/Patient/${id}`),
      get(`${api.base}.elsewhere.example/Patient/${id}`),
    );
    expect(told.map(({ status }) => status)).toEqual([200, 400, 400]);
  });
});

describe('[T11] a bundle shows and does no more than its caller may', () => {
  test('within a compartment, what lies outside is not there', async () => {
    await api.write(observation('mine', { patient: ada }), observation('other', { patient: ben }));
    const { body } = await api.get('/Observation?_count=50');
    const idsOf = (who: typeof ada) =>
      body.entry
        .map(({ resource }: { resource: { id: string; subject?: { reference: string } } }) => resource)
        .find(
          ({ subject }: { subject?: { reference: string } }) => subject?.reference === patientReference(who),
        ).id;
    const [mine, other] = [idsOf(ada), idsOf(ben)];
    const asAda = { as: 'ada' };
    const told = toldOf(
      (await api.post('batch', [get(`Observation/${mine}`), get(`Observation/${other}`)], asAda)).body,
    );
    expect(told.map(({ status }) => status)).toEqual([200, 404]);
    expect((await api.post('transaction', [get(`Observation/${other}`)], asAda)).status).toBe(404);
    for (const entry of [
      put(`Observation/${other}`, { ...pulse({ subject: { reference: patientReference(ben) } }), id: other }),
      create(pulse({ subject: { reference: patientReference(ben) } })),
    ])
      expect((await api.post('transaction', [entry], asAda)).status).toBe(403);
    await api.post('transaction', [remove(`Observation/${other}`)], asAda);
    expect((await api.get(`/Observation/${other}`)).body.meta.versionId).toBe('1');
    const found = await api.post(
      'transaction',
      [create(pulse({ subject: { reference: `Patient?_id=${patientReference(ben).split('/')[1]}` } }))],
      asAda,
    );
    expect(found.status).toBe(412);
  });
});

describe('[T12] many at once', () => {
  test('a hundred transactions that create under the same condition make one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        api.post('transaction', [
          create(known('t12'), { ifNoneExist: query('t12') }, urn(1)),
          create(pulse({ subject: { reference: urn(1) } })),
        ]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const created = answers.filter(({ body }) => body.entry[0].response.status === '201 Created');
    expect(created).toHaveLength(1);
    expect(await api.count(`Patient?${query('t12')}`)).toBe(1);
    const { body } = await api.get(`/Patient?${query('t12')}`);
    expect(await api.count(`Observation?subject=Patient/${body.entry[0].resource.id}`)).toBe(100);
  });

  test('transactions that write the same resources in opposite orders all succeed', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `t12-${n}`);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => {
        const ordered = n % 2 === 0 ? ids : [...ids].reverse();
        return api.post(
          'transaction',
          ordered.map((id) => put(`Patient/${id}`, { ...known(`${id} ${n}`), id })),
        );
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const id of ids) expect((await api.get(`/Patient/${id}`)).body.meta.versionId).toBe('30');
  });

  test('of transactions under the same ifMatch one succeeds', async () => {
    const id = await api.made(known('t12-match'));
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        api.post('transaction', [put(`Patient/${id}`, { ...known(String(n)), id }, { ifMatch: 'W/"1"' })]),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(39);
  });
});

describe('[T13] the audit trail has each entry', () => {
  test('with interaction, resource and status, and no data', async () => {
    const id = await api.made(known('t13'));
    api.heard.length = 0;
    await api.transact(create(known('t13-new')), remove(`Patient/${id}`), get('Patient?_count=1'));
    await api.batch(get(`Patient/${id}`), create({ ...pulse(), status: 'no' }));
    const told = api.heard.map(
      ({ interaction, reference, status }) => `${interaction?.name} ${reference} ${status}`,
    );
    expect(told).toEqual([
      'bundle undefined 200',
      `delete Patient/${id} 204`,
      expect.stringMatching(/^create Patient\/[0-9a-f-]{36} 201$/),
      'search Patient 200',
      'bundle undefined 200',
      `read Patient/${id} 410`,
      'create Observation 422',
    ]);
  });

  test('a transaction that is refused has written nothing and says so', async () => {
    api.heard.length = 0;
    await api.post('transaction', [create(known('t13-x')), create({ ...pulse(), status: 'no' })]);
    expect(api.heard.map(({ interaction, status }) => `${interaction?.name} ${status}`)).toEqual([
      'bundle 422',
    ]);
  });
});

describe('[T4] many names', () => {
  test('a thousand conditional references to what the same transaction makes', async () => {
    const practitioner = (n: number) => ({
      resourceType: 'Practitioner',
      identifier: [{ system: 'urn:npi', value: `many-${n}` }],
    });
    const numbers = Array.from({ length: 1_000 }, (_, n) => n);
    const started = performance.now();
    const told = await api.transact(
      ...numbers.map((n) =>
        create(pulse({ performer: [{ reference: `Practitioner?identifier=urn:npi|many-${n}` }] })),
      ),
      ...numbers.map((n) => create(practitioner(n))),
    );
    expect(performance.now() - started).toBeLessThan(15_000);
    const { body } = await api.get(`/${told[999]?.location?.split('/').slice(0, 2).join('/')}`);
    expect(body.performer[0].reference).toBe(told[1_999]?.location?.split('/').slice(0, 2).join('/'));
  });

  test('a narrative made to be slow is not', async () => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">urn:uuid:${'<a '.repeat(300_000)}</div>`;
    const started = performance.now();
    await api.post('transaction', [create(known('slow', { text: { status: 'generated', div } }))]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('[T14] what the entries of a bundle ask for is bounded together', () => {
  const asked = 'DocumentReference?patient=t14';
  beforeAll(async () => {
    const data = 'A'.repeat(5_800_000);
    for (const n of [1, 2, 3])
      await api.made({
        ...{ resourceType: 'DocumentReference', status: 'current', subject: { reference: 'Patient/t14' } },
        content: [{ attachment: { title: `${n}`, contentType: 'text/plain', data } }],
      });
  });

  test('a batch reads until it is full; what it writes is written all the same', async () => {
    const told = await api.batch(...Array.from({ length: 6 }, () => get(asked)), create(known('t14')), {
      request: { method: 'POST', url: 'Patient/$validate' },
      resource: known('t14'),
    });
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 200, 413, 413, 201, 413]);
    expect(told[5]?.outcome.issue[0]).toMatchObject({ code: 'too-costly', expression: ['Bundle'] });
  });

  test('a transaction that asks for more is refused as a whole', async () => {
    const gets = Array.from({ length: 6 }, () => get(asked));
    const refused = await api.post('transaction', [...gets, create(known('t14-not'))]);
    expect(refused.status).toBe(413);
    expect(await api.count(`Patient?${query('t14-not')}`)).toBe(0);
  });
});
