import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patient, startApi, type TestApi } from './support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const system = 'urn:test';
const known = (value: string, parts: object = {}) => patient({ identifier: [{ system, value }], ...parts });
const query = (value: string) => `identifier=${system}|${value}`;
const create = (value: string, criteria = query(value)) =>
  api.call('POST', '/Patient', { body: known(value), headers: { 'if-none-exist': criteria } });
const count = async (value: string) =>
  (await api.get(`/Patient?${query(value)}&_summary=count`)).body.total as number;

describe('[F14] creating under a condition', () => {
  test('makes one, and finds it from then on', async () => {
    const first = await create('a');
    const second = await create('a');
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(await count('a')).toBe(1);
  });

  test('is refused when several are found, or the criteria say nothing', async () => {
    await api.made(known('twice'));
    await api.made(known('twice'));
    expect((await create('twice')).status).toBe(412);
    for (const criteria of ['', '_count=1', 'nothing=x', 'birthdate=tomorrow'])
      expect((await create('none', criteria)).status, criteria).toBe(400);
    expect(await count('none')).toBe(0);
  });

  test('a thousand at once make one row', async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => create('race')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(999);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await count('race')).toBe(1);
  }, 30_000);
});

describe('[F14] updating under a condition', () => {
  const put = (value: string, parts: object = {}) =>
    api.call('PUT', `/Patient?${query(value)}`, { body: known(value, parts) });

  test.each([
    ['nothing is found and there is no id: made', 'u1', [], undefined, 201],
    ['nothing is found and there is an id: made under it', 'u2', [], 'u2-id', 201],
    ['one is found and there is no id: updated', 'u3', ['u3-id'], undefined, 200],
    ['one is found and it is the id: updated', 'u4', ['u4-id'], 'u4-id', 200],
    ['one is found and the id is another', 'u5', ['u5-id'], 'other', 400],
    ['several are found', 'u6', ['u6-a', 'u6-b'], undefined, 412],
  ])('%s', async (_what, value, before, id, expected) => {
    for (const one of before) await api.call('PUT', `/Patient/${one}`, { body: known(value, { id: one }) });
    const { status, body } = await put(value, { active: true, ...(id === undefined ? {} : { id }) });
    expect(status).toBe(expected);
    if (status < 300) expect(body).toMatchObject({ active: true, ...(id ? { id } : {}) });
    if (status === 200) expect(body.id).toBe(before[0]);
    expect(await count(value)).toBe(Math.max(before.length, status < 300 ? 1 : 0));
  });

  test('at once they make one and update it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        put('upsert', { telecom: [{ system: 'phone', value: String(n) }] }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(59);
    expect(await count('upsert')).toBe(1);
    const [entry] = (await api.get(`/Patient?${query('upsert')}`)).body.entry;
    expect(entry.resource.meta.versionId).toBe('60');
  });

  test('without criteria it is refused', async () => {
    expect((await api.call('PUT', '/Patient', { body: known('x') })).status).toBe(400);
    expect((await api.call('PUT', '/Patient?_format=json', { body: known('x') })).status).toBe(400);
  });
});

describe('[F14] patching and deleting under a condition', () => {
  const headers = { 'content-type': 'application/json-patch+json' };
  const body = JSON.stringify([{ op: 'add', path: '/active', value: true }]);
  const patch = (value: string) => api.call('PATCH', `/Patient?${query(value)}`, { body, headers });
  const remove = (value: string) => api.call('DELETE', `/Patient?${query(value)}`);

  test('one that is found, none, several', async () => {
    await api.made(known('p1'));
    expect((await patch('p1')).body.active).toBe(true);
    expect((await patch('p-none')).status).toBe(404);
    await api.made(known('p2'));
    await api.made(known('p2'));
    expect((await patch('p2')).status).toBe(412);
    expect((await remove('p2')).status).toBe(412);
    expect(await count('p2')).toBe(2);
    expect((await remove('p1')).status).toBe(204);
    expect((await remove('p1')).status).toBe(204);
    expect(await count('p1')).toBe(0);
  });

  test('nothing is deleted by a query that says nothing', async () => {
    const before = (await api.get('/Patient?_summary=count')).body.total;
    for (const path of ['/Patient', '/Patient?_pretty=true', '/Patient?unknown=x'])
      expect((await api.call('DELETE', path)).status, path).toBe(400);
    expect((await api.get('/Patient?_summary=count')).body.total).toBe(before);
  });
});
