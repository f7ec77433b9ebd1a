import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './support/api.ts';

const DOCUMENT = 5_800_000;
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ limits: { answeredBytes: 4 * DOCUMENT } });
  for (const n of [1, 2, 3]) await api.made(scan(`${n}`));
});
afterAll(() => api.stop());

const scan = (title: string) => ({
  ...{ resourceType: 'DocumentReference', status: 'current', subject: { reference: 'Patient/taking' } },
  content: [{ attachment: { title, contentType: 'text/plain', data: 'A'.repeat(DOCUMENT) } }],
});
const PAGE = '/DocumentReference?patient=taking';
const post = (type: string, entry: object[]) =>
  api.call('POST', '', { body: { resourceType: 'Bundle', type, entry } });
const asked = { request: { method: 'GET', url: PAGE.slice(1) } };

/** Asks, waits for the first of the answer, and takes no more of it. */
async function askAndLeave(): Promise<IncomingMessage> {
  const request = get(`${api.base}${PAGE}`, {
    headers: { authorization: 'Bearer token-of-televisit' },
    agent: false,
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  return answer.pause();
}

describe('[F29] what is answered and not taken is bounded', () => {
  test('who comes then is told to come again, also in bundles; small answers and writes go on', async () => {
    const left = await askAndLeave();
    const refused = await api.get(PAGE);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(refused.body.issue[0]).toMatchObject({ code: 'throttled', expression: ['answer'] });
    expect((await post('transaction', [asked, asked])).status).toBe(503);
    const batch = await post('batch', [asked, ...Array.from({ length: 4 }, () => asked)]);
    expect(batch.body.entry.at(-1).response.status).toMatch(/^503/);
    expect((await api.get('/metadata')).status).toBe(200);
    expect((await api.call('POST', '/DocumentReference', { body: scan('written') })).status).toBe(201);
    left.destroy();
    await expect.poll(async () => (await api.get(PAGE)).status, { timeout: 5_000 }).toBe(200);
  });

  test('a large answer is told without indents', async () => {
    const { text } = await api.get(`${PAGE}&_pretty=true&_count=1`);
    expect(text.split('\n')).toHaveLength(1);
  });
});

test.each(['"><script>', 'a/b', 'x y', 'user@host'])(
  '[F30] a Host that is none, %s, makes no links',
  async (host) => {
    const request = get(`${api.base}/metadata`, { headers: { host }, agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(400);
  },
);
