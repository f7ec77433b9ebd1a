import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyWrites, type RecordWrite, migrations as record } from '../../src/clinical/record/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { bearerCheck, createHttpServer, type HttpServer } from '../../src/foundation/http/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { fhirApi, notificationOf } from '../../src/gateway/fhir/index.ts';
import {
  type AccessContext,
  createAccess,
  patientId,
  patientReference,
} from '../../src/trust/access/index.ts';
import { ada, ben, observation } from '../record/fixtures.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
let server: HttpServer;
let base: string;

const contexts: Record<string, AccessContext> = {
  televisit: { who: 'televisit', purpose: 'TREAT' },
  ada: { who: 'ada', purpose: 'PATRQT', patient: patientId(ada) },
  nobody: { who: 'nobody', purpose: 'PATRQT' },
};

beforeAll(async () => {
  db = await openTestDatabase({ migrations: record });
  server = createHttpServer({ host: '127.0.0.1', port: 0, portIsFixed: true, logger: silentLogger });
  await server.app.register(
    fhirApi({
      access: createAccess({ database: db.database }),
      check: bearerCheck(Object.keys(contexts).map((name) => ({ name, token: `token-of-${name}` }))),
      contextOf: (client) => contexts[client]!,
      clock: systemClock,
      logger: silentLogger,
      version: '0.1.0',
    }),
  );
  base = `${(await server.listen()).url}/fhir/R4`;
});
afterAll(async () => {
  await server.stop();
  await db.drop();
});

const write = (...writes: RecordWrite[]) =>
  db.database.transaction((transaction) => applyWrites(transaction, writes));
const get = async (path: string, { as = 'televisit', ...init }: RequestInit & { as?: string } = {}) => {
  const headers = { authorization: `Bearer token-of-${as}`, ...init.headers };
  const response = await fetch(`${base}${path}`, { ...init, headers });
  const text = await response.text();
  return { response, status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
};

describe('reading', () => {
  test('a resource with its version, as FHIR JSON', async () => {
    const one = observation('read');
    await write(one);
    const { response, body } = await get(`/Observation/${one.id}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/fhir+json; fhirVersion=4.0');
    expect(response.headers.get('etag')).toBe('W/"1"');
    expect(body).toMatchObject({
      resourceType: 'Observation',
      id: one.id,
      meta: { versionId: '1', source: 'urn:isthmus:system:lab#7' },
      subject: { reference: patientReference(ada) },
    });
    expect((await get(`/Observation/${one.id}`, { headers: { 'if-none-match': 'W/"1"' } })).status).toBe(304);
    const head = await get(`/Observation/${one.id}`, { method: 'HEAD' });
    expect([head.status, head.text, head.response.headers.get('etag')]).toEqual([200, '', 'W/"1"']);
    expect((await get(`/Observation/${one.id}?_pretty=true`)).text).toContain('\n  "id"');
  });

  test('past versions and the history', async () => {
    await write(observation('past'), observation('past', { minute: 1, set: { status: 'amended' } }));
    const { id } = observation('past');
    expect((await get(`/Observation/${id}/_history/1`)).body.status).toBe('final');
    expect((await get(`/Observation/${id}/_history/9`)).status).toBe(404);
    const { body } = await get(`/Observation/${id}/_history?_count=1`);
    expect(body).toMatchObject({ type: 'history', total: 2, entry: [{ response: { etag: 'W/"2"' } }] });
    const next = new URL(body.link.find(({ relation }: { relation: string }) => relation === 'next').url);
    const second = await get(`/Observation/${id}/_history${next.search}`);
    expect(second.body.entry).toMatchObject([{ resource: { status: 'final' }, response: { status: '201' } }]);
  });

  test('search by patient, token, date and id, page by page', async () => {
    const code = { coding: [{ system: 'http://loinc.org', code: 'page' }] };
    const all = Array.from({ length: 5 }, (_, n) =>
      observation(`page-${n}`, {
        set: { code, effectiveDateTime: `2026-01-0${n + 1}`, subject: { reference: patientReference(ada) } },
      }),
    );
    await write(...all);
    const search = `/Observation?patient=${patientReference(ada)}&code=http://loinc.org|page`;
    const found: string[] = [];
    let page = await get(`${search}&_count=2`);
    for (;;) {
      found.push(...(page.body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id));
      const next = page.body.link.find(({ relation }: { relation: string }) => relation === 'next');
      if (!next) break;
      page = await get(`/Observation${new URL(next.url).search}`);
    }
    expect(found.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect((await get(`${search}&date=ge2026-01-03&date=lt2026-01-05`)).body.entry).toHaveLength(2);
    expect((await get(`${search}&_id=${all[0]!.id},${all[1]!.id}`)).body.entry).toHaveLength(2);
    const none = await get(`/Observation?code=http://loinc.org|nothing`);
    expect(none.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    expect(none.body).not.toHaveProperty('entry');
  });
});

describe('refusing', () => {
  test.each([
    ['/Observation?code:not=x', 'code:not'],
    ['/Observation?subject.name=x', 'subject.name'],
    ['/Observation?_include=Observation:subject', '_include'],
    ['/Observation?_sort=date', '_sort'],
    ['/Patient?name=x', 'name'],
    ["/Observation?';drop%20table%20resource=1", 'query'],
    ['/Observation?date=yesterday', 'date'],
    ['/Observation?date=ap2026', 'date'],
    ['/Observation?patient=Group/1', 'patient'],
    ['/Observation?_count=0', '_count'],
    ['/Observation?_cursor=zzz', '_cursor'],
    [`/Observation?_id=${Array(200).fill('a').join(',')}`, '_id'],
  ])('%s names the parameter', async (path, place) => {
    const { status, body } = await get(path);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'invalid', expression: [place] }],
    });
  });

  test.each([
    ['GET', '/Observation/nothing', 404, 'not-found'],
    ['GET', '/Basic/1', 404, 'not-found'],
    ['GET', '/Observation/1/2/3/4', 404, 'not-found'],
    ['GET', '/Observation/%00', 404, 'not-found'],
    ['PUT', '/Observation/1', 405, 'not-supported'],
    ['POST', '/Observation', 405, 'not-supported'],
    ['GET', '/Observation?_format=xml', 406, 'not-supported'],
    ['GET', '/metadata?_format=application/fhir%2Bxml', 406, 'not-supported'],
  ])('%s %s is %d with an OperationOutcome', async (method, path, status, code) => {
    const answer = await get(path, { method });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code }],
    });
  });

  test('without a token nothing but metadata is told', async () => {
    const anonymous = await fetch(`${base}/Observation/${observation('read').id}`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toContain('Bearer');
    expect(await anonymous.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'login' }],
    });
    const metadata = await fetch(`${base}/metadata`);
    const statement = (await metadata.json()) as {
      rest: { resource: { type: string; searchParam: { name: string }[] }[] }[];
    };
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      kind: 'instance',
    });
    for (const { type, searchParam } of statement.rest[0]!.resource) {
      for (const { name } of searchParam) {
        const value = /date|occurrence|lastUpdated/i.test(name) ? '2026' : 'a';
        expect((await get(`/${type}?${name}=${value}`)).status, `${type}?${name}`).toBe(200);
      }
    }
  });
});

describe('[A1] what a context may not see does not exist', () => {
  test('in reads, versions, histories and searches', async () => {
    const mine = observation('mine');
    const others = observation('others', { patient: ben });
    await write(mine, others);
    expect((await get(`/Observation/${mine.id}`, { as: 'ada' })).status).toBe(200);
    const unseen = [
      `/Observation/${others.id}`,
      `/Observation/${others.id}/_history`,
      `/Observation/${others.id}/_history/1`,
    ];
    const neverWas = observation('never').id;
    for (const path of unseen) {
      const answer = await get(path, { as: 'ada' });
      const absent = await get(path.replace(others.id, neverWas), { as: 'ada' });
      expect(answer.status).toBe(404);
      const withoutId = ({ body }: typeof answer) => JSON.stringify(body).replace(/Correlation id [^.]+/, '');
      expect(withoutId(answer)).toBe(withoutId(absent));
    }
    const search = await get(`/Observation?patient=${patientId(ben)}`, { as: 'ada' });
    expect(search.body).not.toHaveProperty('entry');
    expect((await get(`/Observation/${mine.id}`, { as: 'nobody' })).status).toBe(404);
    expect((await get('/Observation', { as: 'nobody' })).body).not.toHaveProperty('entry');
  });
});

describe('notifications', () => {
  test('[N1] tell that a resource changed, and nothing of what it says', async () => {
    const [change] = await write(observation('notified'));
    const at = new Date('2026-03-03T10:00:00Z');
    const notification = notificationOf(change!, { at, correlationId: 'c-1' });
    expect(JSON.parse(Buffer.from(notification!.content).toString())).toEqual({
      type: 'Observation.created',
      timestamp: '2026-03-03T10:00:00.000Z',
      data: { reference: `Observation/${change!.id}`, versionId: '1', correlationId: 'c-1' },
    });
    expect(notification!.label).toBe(`Observation/${change!.id}`);
    const [again] = await write(observation('notified'));
    expect(notificationOf(again!, { at })).toBeUndefined();
  });
});
