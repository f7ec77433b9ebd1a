import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import {
  bearerCheck,
  bearerHook,
  clientOf,
  createHttpServer,
  type HttpHost,
  type HttpServer,
  type HttpServerOptions,
  httpHost,
  parseJson,
} from '../../src/foundation/http/index.ts';
import { createLogger, silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually } from '../support/index.ts';

const CANARY = 'CANARY^PATIENT';
let started: HttpServer[] = [];
let blockers: Server[] = [];

afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()));
  await Promise.all(blockers.map((blocker) => new Promise((resolve) => blocker.close(resolve))));
  started = [];
  blockers = [];
});

async function serve(
  routes: (server: HttpServer) => void,
  options: Partial<HttpServerOptions> = {},
): Promise<string> {
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    portIsFixed: true,
    logger: silentLogger,
    ...options,
  });
  started.push(server);
  routes(server);
  return (await server.listen()).url;
}

async function blockedPort(): Promise<number> {
  const blocker = createServer();
  blockers.push(blocker);
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('errors', () => {
  test('leave with the status and advice of the registry, and a correlation id', async () => {
    const url = await serve(({ app }) => {
      app.get('/known', () => {
        throw new IsthmusError('GONE', { place: 'Patient/1', cause: new Error(CANARY) });
      });
    });
    const answer = await fetch(`${url}/known`, { headers: { 'x-correlation-id': 'my-own-id-1' } });
    expect(answer.status).toBe(410);
    const body = await answer.json();
    expect(body).toMatchObject({
      error: { code: 'GONE', place: 'Patient/1', advice: expect.any(String) },
      correlationId: 'my-own-id-1',
    });
    expect(JSON.stringify(body)).not.toContain(CANARY);
    expect(answer.headers.get('x-correlation-id')).toBe('my-own-id-1');
  });

  test('that nobody foresaw are INTERNAL outside and described in the log, without their message', async () => {
    const lines: string[] = [];
    const logger = createLogger({ format: 'json', write: (line) => lines.push(line) });
    const url = await serve(
      ({ app }) => {
        app.get('/unknown', () => {
          throw new Error(CANARY);
        });
      },
      { logger },
    );
    const answer = await fetch(`${url}/unknown?name=${CANARY}`);
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(JSON.parse(text).error.code).toBe('INTERNAL');
    expect(text + lines.join('')).not.toContain(CANARY);
    expect(lines.join('')).toContain(JSON.parse(text).correlationId);
  });

  test('of the request itself name the rule: no route, bad JSON, too deep, too large, no JSON', async () => {
    const url = await serve(({ app }) => app.post('/in', () => 'ok'), { bodyLimitBytes: 100_000 });
    const post = async (body: string, type = 'application/json') => {
      const answer = await fetch(`${url}/in`, { method: 'POST', body, headers: { 'content-type': type } });
      const text = await answer.text();
      expect(text).not.toContain('CANARY');
      return [answer.status, answer.ok ? 'OK' : JSON.parse(text).error.code];
    };
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect(await post('{"a": CANARY}')).toEqual([400, 'INVALID_REQUEST']);
    expect(await post('')).toEqual([400, 'INVALID_REQUEST']);
    expect(await post('['.repeat(40_000) + ']'.repeat(40_000))).toEqual([400, 'INVALID_REQUEST']);
    expect(await post(`"${'x'.repeat(200_000)}"`)).toEqual([413, 'TOO_LARGE']);
    expect(await post('<a/>', 'application/xml')).toEqual([400, 'INVALID_REQUEST']);
    expect(await post('{}', 'application/fhir+json; charset=utf-8')).toEqual([200, 'OK']);
  });

  test('a refusal asks for the bearer token, an outage says when to come again', async () => {
    const url = await serve(({ app }) => {
      app.get('/401', () => {
        throw new IsthmusError('UNAUTHENTICATED');
      });
      app.get('/503', () => {
        throw new IsthmusError('DATABASE_UNAVAILABLE');
      });
    });
    expect((await fetch(`${url}/401`)).headers.get('www-authenticate')).toContain('Bearer');
    expect((await fetch(`${url}/503`)).headers.get('retry-after')).toBe('5');
  });
});

describe('every answer', () => {
  test('carries the security headers, which a route may narrow', async () => {
    const url = await serve(({ app }) => {
      app.get('/', () => 'x');
      app.get('/own', (_request, reply) => reply.header('cache-control', 'max-age=60').send('x'));
    });
    for (const path of ['/', '/nowhere']) {
      const { headers } = await fetch(url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect((await fetch(`${url}/own`)).headers.get('cache-control')).toBe('max-age=60');
  });
});

describe('the port', () => {
  test('when fixed and taken is PORT_TAKEN, naming it', async () => {
    const port = await blockedPort();
    const server = createHttpServer({ host: '127.0.0.1', port, portIsFixed: true, logger: silentLogger });
    await expect(server.listen()).rejects.toMatchObject({ code: 'PORT_TAKEN', place: `127.0.0.1:${port}` });
    await server.stop();
  });

  test('when taken and not fixed gives way to the next free one, and the server works there', async () => {
    const port = await blockedPort();
    const url = await serve(({ app }) => app.get('/', () => 'here'), { port, portIsFixed: false });
    expect(Number(new URL(url).port)).toBeGreaterThan(port);
    expect(await (await fetch(url)).text()).toBe('here');
  });
});

describe('the bearer token', () => {
  const check = bearerCheck([
    { name: 'televisit', token: 'right-token' },
    { name: 'unset', token: '' },
  ]);

  test('lets in who has it, by name', () => {
    expect(check('Bearer right-token')).toBe('televisit');
    expect(check('bearer right-token')).toBe('televisit');
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    'Basic right-token',
    'Bearer right-token x',
    'right-token',
  ])('nobody by %o', (header) => {
    expect(check(header)).toBeUndefined();
  });

  test('an empty list lets nobody in', () => {
    expect(bearerCheck([])('Bearer x')).toBeUndefined();
  });

  test('is asked for before the body is read, and a route without the hook has no client', async () => {
    const url = await serve(({ app }) => {
      app.post('/guarded', { onRequest: bearerHook(check) }, (request) => clientOf(request));
      app.post('/forgotten', (request) => clientOf(request));
    });
    const post = (path: string, token?: string) =>
      fetch(url + path, {
        method: 'POST',
        body: 'not json at all',
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
      });
    expect((await post('/guarded')).status).toBe(401);
    expect((await post('/guarded', 'right-token')).status).toBe(400);
    const right = { authorization: 'Bearer right-token' };
    expect(await (await fetch(`${url}/guarded`, { method: 'POST', headers: right })).text()).toBe(
      'televisit',
    );
    expect((await fetch(`${url}/forgotten`, { method: 'POST', headers: right })).status).toBe(401);
  });
});

describe('mounted handlers', () => {
  test('come and go while the server runs, get bytes of any type, and leave other routes alone', async () => {
    const hosts: HttpHost[] = [];
    const url = await serve((server) => {
      server.app.get('/fixed', () => 'fixed');
      hosts.push(httpHost(server, { bodyLimitBytes: 1_000 }));
    });
    const [host] = hosts;
    const post = (body: string) =>
      fetch(`${url}/in/adt?x=1`, { method: 'POST', body, headers: { 'content-type': 'x-application/hl7' } });
    expect((await post('MSH')).status).toBe(404);
    const mounted = host?.mount('/in/adt', async ({ body, method, headers, peer }) => ({
      status: 202,
      headers: { 'content-type': 'text/plain' },
      body: `${method} ${headers['content-type']} ${peer} ${Buffer.from(body)}`,
    }));
    const answer = await post('MSH|^~\\&');
    expect(answer.status).toBe(202);
    expect(await answer.text()).toBe('POST x-application/hl7 127.0.0.1 MSH|^~\\&');
    expect((await post('x'.repeat(2_000))).status).toBe(413);
    expect(await (await fetch(`${url}/fixed`)).text()).toBe('fixed');
    expect(() => host?.mount('/in/adt', async () => ({ status: 200 }))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
    mounted?.unmount();
    expect((await post('MSH')).status).toBe(404);
  });

  test('with a check are for its clients only, who are named to the handler', async () => {
    const url = await serve((server) => {
      const host = httpHost(server, { check: bearerCheck([{ name: 'lab', token: 'lab-token' }]) });
      host.mount('/in', async ({ peer }) => ({ status: 200, body: peer }));
    });
    expect((await fetch(`${url}/in`, { method: 'POST', body: 'x' })).status).toBe(401);
    const headers = { authorization: 'Bearer lab-token' };
    expect(await (await fetch(`${url}/in`, { method: 'POST', body: 'x', headers })).text()).toBe('lab');
  });
});

describe('limits', () => {
  test('a request that does not arrive whole in time is closed', async () => {
    const url = await serve(({ app }) => app.post('/', () => 'x'), { requestTimeoutMs: 200 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    socket.on('error', () => undefined);
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    await eventually(() => socket.destroyed || answer.includes(' 408 '), { deadlineMs: 8_000 });
    socket.destroy();
  });

  test('stop lets a running request finish and does not wait for one that never will', async () => {
    let release: () => void = () => undefined;
    const running = new Promise<string>((resolve) => {
      release = () => resolve('finished');
    });
    let entered = 0;
    const server = createHttpServer({
      host: '127.0.0.1',
      port: 0,
      portIsFixed: true,
      logger: silentLogger,
      graceMs: 200,
    });
    server.app.get('/slow', () => {
      entered++;
      return running;
    });
    server.app.get('/never', () => {
      entered++;
      return new Promise(() => undefined);
    });
    const { url } = await server.listen();
    const slow = fetch(`${url}/slow`).then((answer) => answer.text());
    const never = fetch(`${url}/never`).then(
      () => 'answered',
      () => 'closed',
    );
    await eventually(() => entered === 2);
    const stopped = server.stop();
    release();
    expect(await slow).toBe('finished');
    expect(await never).toBe('closed');
    await stopped;
  });
});

test('JSON: no __proto__, no depth beyond the limit, brackets in strings do not count', () => {
  expect(() => parseJson('{"__proto__": {"x": 1}}')).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST' }),
  );
  expect(() => parseJson('{"\\u005f_proto__": {"x": 1}}')).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST' }),
  );
  expect(() => parseJson('[[[1]]]', 2)).toThrow(
    expect.objectContaining({ rule: 'JSON nested deeper than 2' }),
  );
  expect(parseJson('["[[[[\\"[[", {"a": "}"}]', 2)).toEqual(['[[[["[[', { a: '}' }]);
});
