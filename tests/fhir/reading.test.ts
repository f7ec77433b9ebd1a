import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientId, patientReference } from '../../src/trust/access/index.ts';
import { ada, ben, observation } from '../record/fixtures.ts';
import { patient, pulse, startApi, type TestApi } from './support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('reading', () => {
  test('[F1] a resource that a channel wrote, with its version, as FHIR JSON', async () => {
    const one = observation('read');
    await api.write(one);
    const { status, headers, body } = await api.get(`/Observation/${one.id}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/fhir+json; fhirVersion=4.0');
    expect(headers.get('etag')).toBe('W/"1"');
    expect(new Date(headers.get('last-modified') ?? '').toISOString().slice(0, 19)).toBe(
      body.meta.lastUpdated.slice(0, 19),
    );
    expect(body).toMatchObject({
      resourceType: 'Observation',
      id: one.id,
      meta: { versionId: '1', source: 'urn:isthmus:system:lab#7' },
      subject: { reference: patientReference(ada) },
    });
    expect((await api.get(`/Observation/${one.id}?_pretty=true`)).text).toContain('\n  "id"');
  });

  test('[F3] what the caller has already is 304', async () => {
    const id = await api.made(patient());
    const { headers } = await api.get(`/Patient/${id}`);
    const modified = headers.get('last-modified') ?? '';
    const later = new Date(Date.parse(modified) + 60_000).toUTCString();
    const earlier = new Date(Date.parse(modified) - 60_000).toUTCString();
    const cases: [Record<string, string>, number][] = [
      [{ 'if-none-match': 'W/"1"' }, 304],
      [{ 'if-none-match': '"7", W/"1"' }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': 'W/"2"' }, 200],
      [{ 'if-none-match': 'W/"2"', 'if-modified-since': later }, 200],
      [{ 'if-modified-since': modified }, 304],
      [{ 'if-modified-since': later }, 304],
      [{ 'if-modified-since': earlier }, 200],
      [{ 'if-modified-since': 'yesterday' }, 200],
    ];
    for (const [conditions, expected] of cases) {
      const answer = await api.get(`/Patient/${id}`, { headers: conditions });
      expect([answer.status, answer.text === ''], JSON.stringify(conditions)).toEqual([
        expected,
        expected === 304,
      ]);
      expect(answer.headers.get('etag')).toBe('W/"1"');
    }
  });

  test('[F5] HEAD is GET without the body', async () => {
    const id = await api.made(patient());
    const [head, get] = [await api.call('HEAD', `/Patient/${id}`), await api.get(`/Patient/${id}`)];
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['etag', 'last-modified', 'content-type', 'content-length'])
      expect(head.headers.get(name), name).toBe(get.headers.get(name));
    expect((await api.call('HEAD', '/Patient/never-was')).status).toBe(404);
    expect((await api.call('HEAD', '/Patient')).status).toBe(200);
  });

  test('[F6] a part of it, marked as such', async () => {
    const id = await api.made(
      patient({
        active: true,
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A</div>' },
      }),
    );
    const part = async (query: string) => (await api.get(`/Patient/${id}?${query}`)).body;
    const subsetted = { tag: [expect.objectContaining({ code: 'SUBSETTED' })] };
    expect(await part('_elements=active')).toMatchObject({ id, active: true, meta: subsetted });
    expect(await part('_elements=active')).not.toHaveProperty('name');
    expect(await part('_summary=text')).toMatchObject({ text: { status: 'generated' }, meta: subsetted });
    expect(await part('_summary=data')).not.toHaveProperty('text');
    expect((await part('_summary=false')).meta).not.toHaveProperty('tag');
    expect((await api.get(`/Patient/${id}?_summary=much`)).status).toBe(400);
  });
});

describe('history', () => {
  test('[F2] [F4] of a resource: versions newest first, each with what made it', async () => {
    const id = await api.made(pulse());
    await api.call('PUT', `/Observation/${id}`, { body: pulse({ id, status: 'amended' }) });
    await api.call('DELETE', `/Observation/${id}`);
    const { body } = await api.get(`/Observation/${id}/_history`);
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 3 });
    expect(
      body.entry.map(({ request, response, resource }: Record<string, Record<string, unknown>>) => [
        request?.method,
        request?.url,
        response?.status,
        response?.etag,
        resource?.status,
      ]),
    ).toEqual([
      ['DELETE', `Observation/${id}`, '204', 'W/"3"', undefined],
      ['PUT', `Observation/${id}`, '200', 'W/"2"', 'amended'],
      ['POST', 'Observation', '201', 'W/"1"', 'final'],
    ]);
    expect((await api.get(`/Observation/${id}/_history/1`)).body.status).toBe('final');
    expect((await api.get(`/Observation/${id}/_history/9`)).status).toBe(404);
    expect((await api.get('/Observation/never-was/_history')).status).toBe(404);
  });

  test('[F4] [F19] of a resource, page by page and back', async () => {
    const id = await api.made(pulse());
    for (const status of ['amended', 'corrected', 'cancelled'])
      await api.call('PUT', `/Observation/${id}`, { body: pulse({ id, status }) });
    const linkOf = (body: { link: { relation: string; url: string }[] }, relation: string) =>
      body.link.find((one) => one.relation === relation)?.url.slice(api.base.length);
    const first = (await api.get(`/Observation/${id}/_history?_count=3`)).body;
    const second = (await api.get(linkOf(first, 'next') ?? '')).body;
    const statuses = [...first.entry, ...second.entry].map(({ resource }) => resource.status);
    expect(statuses).toEqual(['cancelled', 'corrected', 'amended', 'final']);
    expect(linkOf(second, 'next')).toBeUndefined();
    expect((await api.get(linkOf(second, 'previous') ?? '')).body.entry).toEqual(first.entry);
    expect((await api.get(linkOf(second, 'first') ?? '')).body.entry).toEqual(first.entry);
  });

  test('[F4] of a type and of everything, since and at an instant', async () => {
    const id = await api.made({ resourceType: 'Basic', code: { text: 'x' } });
    await api.made({ resourceType: 'Basic', code: { text: 'y' } });
    const { lastUpdated } = (await api.get(`/Basic/${id}`)).body.meta;
    const entries = async (path: string) => ((await api.get(path)).body.entry ?? []).length as number;
    expect(await entries('/Basic/_history')).toBe(2);
    expect(await entries(`/Basic/_history?_since=${encodeURIComponent(lastUpdated)}`)).toBe(2);
    expect(await entries('/Basic/_history?_since=2999')).toBe(0);
    expect(await entries('/Basic/_history?_at=1999')).toBe(0);
    expect(await entries(`/Basic/${id}/_history?_since=2999`)).toBe(0);
    expect(await entries('/_history?_count=1')).toBe(1);
    for (const wrong of ['_since=yesterday', '_at=x', '_count=0', '_count=-1'])
      expect((await api.get(`/Basic/_history?${wrong}`)).status, wrong).toBe(400);
  });
});

describe('[A1] [F1] what a context may not see does not exist', () => {
  test('in reads, versions, histories and searches', async () => {
    const mine = observation('mine');
    const others = observation('others', { patient: ben });
    await api.write(mine, others);
    expect((await api.get(`/Observation/${mine.id}`, { as: 'ada' })).status).toBe(200);
    const neverWas = observation('never').id;
    for (const path of ['', '/_history', '/_history/1']) {
      const answer = await api.get(`/Observation/${others.id}${path}`, { as: 'ada' });
      const absent = await api.get(`/Observation/${neverWas}${path}`, { as: 'ada' });
      expect(answer.status).toBe(404);
      const withoutId = ({ text }: typeof answer) => text.replace(/Correlation id [^.]+/, '');
      expect(withoutId(answer)).toBe(withoutId(absent));
    }
    const search = await api.get(`/Observation?patient=${patientId(ben)}`, { as: 'ada' });
    expect(search.body).not.toHaveProperty('entry');
    const ofAda = await api.get(`/Observation?patient=${patientId(ada)}&_summary=count`);
    const all = await api.get('/Observation?_summary=count', { as: 'ada' });
    expect(all.body.total).toBe(ofAda.body.total);
    expect((await api.get(`/Observation/${mine.id}`, { as: 'nobody' })).status).toBe(404);
    expect((await api.get('/Observation', { as: 'nobody' })).body).not.toHaveProperty('entry');
  });

  test('nor can it be written, or told from what never was', async () => {
    const others = observation('unwritable', { patient: ben });
    await api.write(others);
    const put = (id: string) =>
      api.call('PUT', `/Observation/${id}`, {
        as: 'ada',
        body: pulse({ id, subject: { reference: patientReference(ben) } }),
      });
    const [seen, never] = [await put(others.id), await put('never-was')];
    expect([seen.status, never.status]).toEqual([403, 403]);
    const removed = await api.call('DELETE', `/Observation/${others.id}`, { as: 'ada' });
    expect(removed.status).toBe(204);
    expect((await api.get(`/Observation/${others.id}`)).headers.get('etag')).toBe('W/"1"');
    const own = await api.call('POST', '/Observation', {
      as: 'ada',
      body: pulse({ subject: { reference: patientReference(ada) } }),
    });
    expect(own.status).toBe(201);
  });
});
