import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Accept,
  type HttpHandler,
  type HttpHost,
  httpSource,
} from '../../src/exchange/connectors/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { sourceContract } from './contract.ts';
import { adt, committed, fieldOf, keepingAccept, testContext, text, tlsFiles } from './support.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const json = { 'content-type': 'application/json' };
const post = (url: string, body: string | Uint8Array, headers: Record<string, string> = json) =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body), headers });

sourceContract('http, on a port of its own', async () => ({
  create: (context) => httpSource.create(httpSource.options.parse({ path: '/in', port: 0 }), context),
  message: (number) => JSON.stringify({ number, name: 'Specimen' }),
  async send(source, message) {
    for (;;) {
      const { status } = await post(source.status().address, message);
      if (status === 200 || status === 202) return 'taken';
      if (status !== 503) return 'refused';
    }
  },
  cleanup: async () => undefined,
}));

/** The shared server, as far as a source sees it. */
function mountedHost() {
  const handlers = new Map<string, HttpHandler>();
  const http: HttpHost = {
    mount(path, handler) {
      handlers.set(path, handler);
      return { unmount: () => void handlers.delete(path) };
    },
  };
  return { http, handlers };
}

sourceContract('http, on the shared server', async () => {
  const { http, handlers } = mountedHost();
  return {
    create: (context) => httpSource.create(httpSource.options.parse({ path: '/in' }), { ...context, http }),
    message: (number) => JSON.stringify({ number, name: 'Specimen' }),
    async send(_source, message) {
      for (;;) {
        const answer = await handlers.get('/in')?.({
          method: 'POST',
          headers: json,
          body: Buffer.from(message),
          peer: 'client',
        });
        if (answer?.status === 200 || answer?.status === 202) return 'taken';
        if (answer?.status !== 503) return 'refused';
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
    cleanup: async () => undefined,
  };
});

async function listening(accept: Accept, options: object = {}) {
  const source = httpSource.create(
    httpSource.options.parse({ path: '/in', port: 0, ...options }),
    testContext(),
  );
  await source.start(accept);
  cleanups.push(() => source.stop());
  return { source, url: source.status().address };
}

describe('answers', () => {
  it('[C81] 202 with the message id after the commit, 200 for a duplicate', async () => {
    let isDuplicate = false;
    const { url } = await listening(async () => committed(42, { duplicate: isDuplicate }));
    const first = await post(url, '{}');
    expect([first.status, await first.json()]).toEqual([
      202,
      { messageId: 42, receivedAt: '2026-03-04T05:06:07.000Z', duplicate: false },
    ]);
    isDuplicate = true;
    expect((await post(url, '{}')).status).toBe(200);
  });

  it('[C82] Idempotency-Key, quoted or bare, is the control id; one that can’t be kept is refused', async () => {
    const { accept, received } = keepingAccept();
    const { url } = await listening(accept);
    await post(url, '{}', { ...json, 'idempotency-key': '"8e03978e"' });
    await post(url, '{}', { ...json, 'idempotency-key': '8e03978e' });
    await post(url, '{}');
    expect(received.map((one) => one.controlId)).toEqual(['8e03978e', '8e03978e', undefined]);
    for (const key of ['', '""', 'with space', 'x'.repeat(256)]) {
      expect((await post(url, '{}', { ...json, 'idempotency-key': key })).status).toBe(400);
    }
    expect(received).toHaveLength(3);
  });

  it.each([
    ['DATABASE_UNAVAILABLE', true, 503, '7'],
    ['QUEUE_FULL', true, 503, '7'],
    ['QUEUE_CONTROL_ID_REUSED', false, 409, null],
    ['STEP_FAILED', false, 422, null],
    ['CONNECT_LOST', false, 422, null],
    ['INTERNAL', false, 500, null],
  ] as const)('[C83] %s, again %s: %i with Retry-After %s', async (code, retry, status, retryAfter) => {
    const accept: Accept = async () => ({ outcome: 'refused', error: new IsthmusError(code), retry });
    const { url } = await listening(accept, { retryAfterSeconds: 7 });
    const answer = await post(url, '{}');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(await answer.json()).toMatchObject({ code });
  });

  it('[C84] only POST, only on its path, only the declared types, only up to the limit', async () => {
    const { accept, received } = keepingAccept();
    const { url } = await listening(accept, { maxBodyBytes: 100 });
    const get = await fetch(url);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await post(url.replace('/in', '/other'), '{}')).status).toBe(404);
    expect((await post(url, '{}', { 'content-type': 'text/html' })).status).toBe(415);
    expect((await post(url, '{}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(202);
    expect((await post(url, `"${'x'.repeat(200)}"`)).status).toBe(413);
    const chunked = new Blob([`"${'x'.repeat(200)}"`]).stream();
    const answer = await fetch(url, {
      method: 'POST',
      headers: json,
      body: chunked,
      duplex: 'half',
    } as RequestInit);
    expect(answer.status).toBe(413);
    expect(received).toHaveLength(1);
  });

  it.each([
    ['no JSON', '{"a":'],
    ['nothing', ''],
    ['deep arrays', '['.repeat(65) + ']'.repeat(65)],
    ['200,000 levels', '['.repeat(200_000)],
    ['deep objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('[C85] %s: 400 without quoting the body', async (_name, body) => {
    const { accept, received } = keepingAccept();
    const { url } = await listening(accept);
    const answer = await post(url, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(received).toHaveLength(0);
  });

  it('[C85] brackets in strings are not depth, and 64 levels are fine', async () => {
    const { url } = await listening(keepingAccept().accept);
    expect((await post(url, JSON.stringify({ text: `\\"${'['.repeat(500)}` }))).status).toBe(202);
    expect((await post(url, '['.repeat(64) + ']'.repeat(64))).status).toBe(202);
  });

  it('[C86] HL7 over HTTP: the acknowledgment is the body', async () => {
    const hl7 = { 'content-type': 'application/hl7-v2; charset=utf-8' };
    const { accept, received } = keepingAccept();
    const { url } = await listening(accept);
    const answer = await post(url, adt('A1'), hl7);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/hl7-v2']);
    expect(fieldOf(await answer.text(), 'MSA', 2)).toBe('A1');
    const bad = await post(url, adt('A2', { 18: 'MARTIAN' }), hl7);
    expect(bad.status).toBe(400);
    expect(fieldOf(await bad.text(), 'MSA', 1)).toBe('AR');
    const none = await post(url, 'nothing', hl7);
    expect([none.status, fieldOf(await none.text(), 'MSA', 1)]).toEqual([400, 'AR']);
    expect(received.map((one) => [one.contentType, text(one.body)])).toEqual([
      ['application/hl7-v2', adt('A1')],
    ]);
  });

  it('[C86] a synchronous reply is the body', async () => {
    const { url } = await listening(async () => committed(1, { reply: Buffer.from('{"seen":true}') }));
    const answer = await post(url, '{}');
    expect([answer.status, await answer.json()]).toEqual([200, { seen: true }]);
  });
});

describe('who may post', () => {
  it('[C87] off loopback only with mutual TLS or the override; tokens and TLS only with a port', () => {
    const issues = (options: object) =>
      httpSource.options.safeParse({ path: '/in', ...options }).error?.issues.map((one) => one.path[0]);
    expect(issues({ port: 0, host: '0.0.0.0' })).toEqual(['host']);
    expect(issues({ port: 0, host: '0.0.0.0', allowPlaintextOffLoopback: true })).toBeUndefined();
    expect(
      issues({ port: 0, host: '0.0.0.0', tls: { ...tlsFiles.server, ca: tlsFiles.ca } }),
    ).toBeUndefined();
    expect(issues({ clients: [] })).toEqual(['port']);
    expect(issues({ path: 'in', port: 0 })).toEqual(['path']);
  });

  it('[C88] tokens: the client’s name is the peer; no token, a wrong one, and an empty list are 401 before the body is read', async () => {
    const { accept, received } = keepingAccept();
    const token = 'synthetic-token-of-the-lab';
    const { url } = await listening(accept, { clients: [{ name: 'lab', token }] });
    const bearer = (value: string) => ({ ...json, authorization: `Bearer ${value}` });
    expect((await post(url, '{}', bearer(token))).status).toBe(202);
    expect((await post(url, '{}', bearer(`${token}x`))).status).toBe(401);
    expect((await post(url, '{}')).status).toBe(401);
    const nobody = await listening(accept, { clients: [] });
    expect((await post(nobody.url, '{}', bearer(token))).status).toBe(401);
    expect(received.map((one) => one.peer)).toEqual(['lab']);
  });

  it('[C88] mutual TLS: the peer is the certificate’s name', async () => {
    const { accept, received } = keepingAccept();
    const { url } = await listening(accept, { tls: { ...tlsFiles.server, ca: tlsFiles.ca } });
    const ask = (identity: object) =>
      new Promise<number | string>((resolve) => {
        const options = {
          method: 'POST',
          headers: json,
          ca: tlsFiles.ca,
          servername: 'localhost',
          agent: false,
          ...identity,
        };
        const request = requestHttps(url, options, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.on('error', () => resolve('refused'));
        request.end('{}');
      });
    expect(await ask(tlsFiles.client)).toBe(202);
    expect(await ask(tlsFiles.stranger)).toBe('refused');
    expect(await ask({})).toBe('refused');
    expect(received.map((one) => one.peer)).toEqual(['lab-1']);
  });

  it('[C89] a request that does not arrive in time is ended', async () => {
    const { url } = await listening(keepingAccept().accept, { requestTimeoutMs: 300 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    cleanups.push(() => void socket.destroy());
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.resume();
    socket.write(
      'POST /in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
    );
    await closed;
  });
});
