import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { patient, pulse, startApi, type TestApi } from './support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ limits: { resourceBytes: 200_000, bundleBytes: 1_000_000, heldBytes: 1_500_000 } });
  await api.made(patient());
});
afterAll(() => api.stop());

describe('[F21] [F22] every refusal is an OperationOutcome', () => {
  test.each([
    ['GET', '/Nothing/1', 404, 'not-found'],
    ['GET', '/Observation/never-was', 404, 'not-found'],
    ['GET', '/Observation/1/2/3/4', 404, 'not-found'],
    ['GET', '/Observation/', 404, 'not-found'],
    ['GET', '/Observation/%00', 404, 'not-found'],
    ['GET', `/Observation/${'x'.repeat(65)}`, 404, 'not-found'],
    ['GET', '/Observation/a%2F..%2Fb', 404, 'not-found'],
    ['GET', '/Parameters', 404, 'not-found'],
    ['GET', '/$nothing', 404, 'not-found'],
    ['PUT', '/Observation/x/_history/1', 405, 'not-supported'],
    ['DELETE', '/metadata', 405, 'not-supported'],
    ['POST', '/Observation/1', 405, 'not-supported'],
    ['OPTIONS', '/Observation/1', 405, 'not-supported'],
    ['GET', '/Observation?_format=xml', 406, 'not-supported'],
    ['GET', '/metadata?_format=application/fhir%2Bxml', 406, 'not-supported'],
  ])('%s %s is %d', async (method, path, status, code) => {
    const answer = await api.call(method, path);
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
    expect(answer.body.issue[0]).toMatchObject({ severity: 'error', code });
    expect(answer.headers.get('content-type')).toContain('application/fhir+json');
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  });

  test('405 names what is served there', async () => {
    expect((await api.call('POST', '/Patient/1')).headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH, PUT');
    expect((await api.call('PATCH', '/Patient/_search')).headers.get('allow')).toBe('POST');
  });

  test.each([
    ['application/fhir+xml', 406],
    ['text/html', 406],
    ['application/fhir+json; fhirVersion=3.0', 406],
    ['application/fhir+json;q=0', 406],
    ['application/fhir+json; fhirVersion=4.0', 200],
    ['text/html, application/fhir+xml;q=0.9, */*;q=0.1', 200],
    ['application/json', 200],
  ])('Accept: %s is %d', async (accept, status) => {
    expect((await api.get('/Patient', { headers: { accept } })).status).toBe(status);
  });

  test.each([
    ['application/fhir+xml', 415],
    ['text/plain', 415],
    ['application/json; charset=latin1', 415],
    ['application/fhir+json; fhirVersion=5.0', 415],
    [';;', 415],
    ['application/fhir+json; charset=UTF-8', 201],
    ['application/json', 201],
  ])('Content-Type: %s is %d', async (type, status) => {
    const answer = await api.call('POST', '/Patient', { body: patient(), headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
    if (status === 415) expect(answer.body.resourceType).toBe('OperationOutcome');
  });

  test('without a token nothing but metadata is told', async () => {
    for (const path of ['/Patient', '/Nothing', '/Patient/1/2/3/4', '/_history']) {
      const answer = await api.get(path, { as: '' });
      expect([answer.status, answer.body.issue[0].code], path).toEqual([401, 'login']);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
    expect((await api.get('/metadata', { as: '' })).status).toBe(200);
  });

  test('[F26] the id of the request comes back', async () => {
    const answer = await api.get('/Patient', { headers: { 'x-request-id': 'mine-1' } });
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    const own = (await api.get('/Patient', { headers: { 'x-request-id': 'a b\tc' } })).headers;
    expect(own.get('x-request-id')).toBe(own.get('x-correlation-id'));
  });

  test('an address that is no URL', async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(api.port, '127.0.0.1', () =>
        socket.write(
          'GET /fhir/R4/Patient/%zz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-televisit\r\nConnection: close\r\n\r\n',
        ),
      );
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(status).toMatch(/^HTTP\/1.1 404 /);
    expect(status).toContain('OperationOutcome');
  });
});

describe('[F23] what is too large', () => {
  const large = (bytes: number) => JSON.stringify(pulse({ note: [{ text: 'x'.repeat(bytes) }] }));

  test('is refused by what the header says', async () => {
    const answer = await api.call('POST', '/Observation', { body: large(200_000) });
    expect([answer.status, answer.body.issue[0].code]).toEqual([413, 'too-long']);
    expect((await api.call('POST', '/', { body: large(1_000_000) })).status).toBe(413);
    expect((await api.call('POST', '/Observation', { body: large(199_000) })).status).toBe(201);
  });

  test('and by what comes, when no header says it', async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 40; sent++) controller.enqueue(Buffer.alloc(10_000, 0x20));
        controller.close();
      },
    });
    const response = await fetch(`${api.base}/Observation`, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { authorization: 'Bearer token-of-televisit', 'content-type': 'application/fhir+json' },
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  test('large bodies together are bounded, and the bound is given back', async () => {
    const body = `{"resourceType":"Bundle","type":"batch","total":"${'x'.repeat(900_000)}"}`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.call('POST', '/', { body })));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([200, 400, 422, 503]).toEqual(expect.arrayContaining([...statuses]));
    const busy = answers.filter(({ status }) => status === 503);
    for (const { headers, body: outcome } of busy) {
      expect(headers.get('retry-after')).toBeTruthy();
      expect(outcome.issue[0].code).toBe('throttled');
    }
    expect((await api.call('POST', '/', { body })).status).not.toBe(503);
  });
});

describe('[F25] hostile input', () => {
  const deep = (levels: number) =>
    `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(levels)}[]${'}]'.repeat(levels)}}`;

  test.each([
    ['JSON as deep as it is long', `${'['.repeat(90_000)}${']'.repeat(90_000)}`, 400],
    ['extensions in extensions', deep(3_000), 400],
    ['objects that never end', '{"a":'.repeat(30_000), 400],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1'), 400],
    ['half a surrogate', '{"resourceType":"Patient","name":[{"family":"\\ud800"}]}', 400],
    ['a NUL', '{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', 400],
    ['a number without end', `{"resourceType":"Patient","multipleBirthInteger":${'9'.repeat(100_000)}}`, 422],
  ])('%s is refused at once', async (_what, body, expected) => {
    const started = performance.now();
    const answer = await api.call('POST', '/Patient', { body });
    expect(answer.body.resourceType).toBe('OperationOutcome');
    expect(answer.status).toBe(expected);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  const attacks = [
    `'; DROP TABLE resource; --`,
    `1) OR 1=1 --`,
    `$1$2\\'"\``,
    '(a+)+$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '%25_%5C',
    '\u0000',
    '\\',
    ',,,',
    '||',
    `\${jndi:ldap://x}`,
    '../../etc/passwd',
  ];
  const parameters = [
    ...[
      '_id',
      '_lastUpdated',
      '_sort',
      '_count',
      '_include',
      '_revinclude',
      '_total',
      '_summary',
      '_elements',
    ],
    ...[
      '_cursor',
      '_has:Observation:patient:code',
      'name',
      'identifier',
      'birthdate',
      'general-practitioner',
    ],
    ...[
      'general-practitioner.name',
      'name:exact',
      'name:contains',
      'identifier:of-type',
      '_tag',
      '_security',
    ],
    ...[
      '_profile',
      '_source',
      'organization',
      'link',
      '_type',
      `'; DROP TABLE resource; --`,
      'gender:missing',
    ],
  ];
  test('SQL and the like in every parameter finds nothing more and breaks nothing', async () => {
    const all = (await api.get('/Patient?_summary=count')).body.total as number;
    for (const name of parameters) {
      const answers = await Promise.all(
        attacks.map((attack) =>
          api.get(`/Patient?${encodeURIComponent(name)}=${encodeURIComponent(attack)}`),
        ),
      );
      for (const [index, { status, body, text }] of answers.entries()) {
        const label = `${name}=${attacks[index]}: ${text.slice(0, 300)}`;
        expect([200, 400], label).toContain(status);
        expect(text, label).not.toMatch(/syntax error|pg_|SELECT |stack/);
        if (status === 200) expect(body.resourceType, label).toBe('Bundle');
      }
    }
    expect((await api.get('/Patient?_summary=count')).body.total).toBe(all);
    const [row] = await api.db.database.query<{ n: number }>(
      sql('test.there', 'SELECT 1 AS n FROM resource LIMIT 1'),
    );
    expect(row?.n).toBe(1);
    expect(api.unexpected).toEqual([]);
  }, 30_000);

  test('SQL in ids and criteria, too', async () => {
    for (const attack of attacks) {
      const id = encodeURIComponent(attack);
      expect((await api.get(`/Patient/${id}`)).status, attack).toBe(404);
      const criteria = { 'if-none-exist': `identifier=${id}` };
      const created = await api.call('POST', '/Patient', { body: patient(), headers: criteria });
      expect([200, 201, 400], attack).toContain(created.status);
    }
  });

  test('more than anybody needs is bounded or refused', async () => {
    expect((await api.get('/Patient?_count=1000000000')).status).toBe(200);
    expect((await api.get(`/Patient?_count=${'9'.repeat(40)}`)).status).toBe(400);
    const values = Array.from({ length: 10_000 }, (_, n) => n).join(',');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const name of ['identifier', '_id', 'name', 'birthdate']) {
      const started = performance.now();
      const answer = await api.call('POST', '/Patient/_search', { body: `${name}=${values}`, headers: form });
      expect(answer.status, name).toBe(400);
      expect(performance.now() - started, name).toBeLessThan(2_000);
    }
    const many = Array.from({ length: 5_000 }, (_, n) => `name=${n}`).join('&');
    expect((await api.call('POST', '/Patient/_search', { body: many, headers: form })).status).toBe(400);
    const long = await api.call('POST', '/Patient/_search', {
      body: `name=${'x'.repeat(600_000)}`,
      headers: form,
    });
    expect(long.status).toBe(413);
    const chain = `general-practitioner${'.organization.partof'.repeat(40)}.name=x`;
    expect([200, 400]).toContain((await api.get(`/Practitioner?${chain}`)).status);
  });
});

test('[F24] many at once are all answered, and leave connections to others', async () => {
  let [now, most] = [0, 0];
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    most = Math.max(most, ++now);
    try {
      return await work();
    } finally {
      now -= 1;
    }
  };
  const flooded = await startApi({
    watch: (database) => ({
      ...database,
      query: (...asked) => counted(() => database.query(...asked)),
      transaction: (work) => counted(() => database.transaction(work)),
    }),
  });
  try {
    const asked = Array.from({ length: 300 }, (_, n) => [
      flooded.get(`/Patient?name=x${n}`),
      flooded.get(`/Patient/never-was-${n}`),
      flooded.call('POST', '/Patient', { body: patient() }),
      flooded.call('PUT', `/Patient?identifier=${n % 10}`, {
        body: patient({ identifier: [{ value: `${n % 10}` }] }),
      }),
    ]).flat();
    const statuses = new Set((await Promise.all(asked)).map(({ status }) => status));
    expect([200, 201, 404]).toEqual(expect.arrayContaining([...statuses]));
    expect(most).toBeLessThanOrEqual(8);
    expect((await flooded.get('/Patient?identifier=3&_summary=count')).body.total).toBe(1);
  } finally {
    await flooded.stop();
  }
}, 30_000);

test('[F28] what can not be audited does not leave', async () => {
  let broken = false;
  const silent = await startApi({
    heard: async () => {
      if (broken) throw new IsthmusError('DATABASE_UNAVAILABLE');
    },
  });
  try {
    const id = await silent.made(patient());
    broken = true;
    for (const path of [`/Patient/${id}`, '/Patient', '/Patient/never-was']) {
      const { status, body, text } = await silent.get(path);
      expect([status, body.resourceType, body.issue[0].code]).toEqual([503, 'OperationOutcome', 'transient']);
      expect(text).not.toContain('Lovelace');
    }
  } finally {
    await silent.stop();
  }
});
