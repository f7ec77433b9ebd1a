import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createAddressGuard,
  createWebhookDestination,
  type Delivery,
  type Destination,
  type Resolve,
  webhookDestination,
} from '../../src/exchange/connectors/index.ts';
import { type Clock, manualClock, systemClock } from '../../src/foundation/clock/index.ts';
import { eventually } from '../support/index.ts';
import { destinationContract } from './contract.ts';
import { delivery, never, testContext, tlsFiles, turns } from './support.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const secrets = ['whsec_c3ludGhldGljLXNlY3JldC1udW1iZXItb25l', 'whsec_c3ludGhldGljLXNlY3JldC1udW1iZXItdHdv'];
const notice = (number: number, more: Partial<Delivery> = {}): Delivery =>
  delivery(`{"changed":"Observation/${number}"}`, {
    idempotencyKey: `n.${number}`,
    contentType: 'application/json',
    ...more,
  });

interface Posted {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A subscriber whose answers are scripted. */
class Subscriber {
  readonly posts: Posted[] = [];
  connections = 0;
  port = 0;
  script: (response: ServerResponse, post: Posted) => void = (response) => void response.writeHead(204).end();
  #server: Server | undefined;

  async listen(port = 0, tls?: object): Promise<void> {
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void chunks.push(chunk));
      request.on('end', () => {
        const post = { headers: request.headers, body: Buffer.concat(chunks).toString() };
        this.posts.push(post);
        this.script(response, post);
      });
    };
    const server = tls ? createTlsServer(tls, serve) : createServer(serve);
    server.on('connection', () => {
      this.connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}

const loopback = (port: number) => ({ host: '127.0.0.1', port, plaintext: true, private: true });

function optionsFor(port: number, options: object = {}) {
  return webhookDestination.options.parse({
    url: `http://127.0.0.1:${port}/hook/secret-path`,
    secrets,
    allow: [loopback(port)],
    ...options,
  });
}

async function subscribed(options: object = {}, clock: Clock = systemClock) {
  const subscriber = new Subscriber();
  await subscriber.listen();
  cleanups.push(() => subscriber.close());
  const context = testContext(clock);
  const destination = webhookDestination.create(optionsFor(subscriber.port, options), context);
  await destination.start();
  cleanups.push(() => destination.stop());
  return { subscriber, destination, context };
}

destinationContract('webhook', async () => {
  const subscriber = new Subscriber();
  await subscriber.listen();
  return {
    create: (context) => webhookDestination.create(optionsFor(subscriber.port), context),
    delivery: (number) => notice(number),
    peer: {
      received: () =>
        subscriber.posts.map(({ headers, body }) => ({ key: headers['webhook-id'] as string, body })),
      down: () => subscriber.close(),
      up: () => subscriber.listen(subscriber.port),
      refuse() {
        const before = subscriber.script;
        subscriber.script = (response) => {
          response.writeHead(422).end();
          subscriber.script = before;
        };
      },
      silence() {
        subscriber.script = () => undefined;
      },
    },
    cleanup: () => subscriber.close(),
  };
});

describe('signatures', () => {
  it('[C41] the receiver’s library verifies it, with each secret of a rotation and no other', async () => {
    const { subscriber, destination } = await subscribed();
    await destination.deliver(notice(7), never);
    const [post] = subscriber.posts;
    const headers = post?.headers as Record<string, string>;
    expect(headers['webhook-id']).toBe('n.7');
    expect(headers['content-type']).toBe('application/json');
    for (const secret of secrets) {
      expect(new Webhook(secret).verify(post?.body ?? '', headers)).toEqual({ changed: 'Observation/7' });
    }
    const other = new Webhook('whsec_c3ludGhldGljLXNlY3JldC1ub3Qta25vd24tdG8tdXM=');
    expect(() => other.verify(post?.body ?? '', headers)).toThrow();
    expect(() => new Webhook(secrets[0] ?? '').verify(`${post?.body} `, headers)).toThrow();
  });

  it('[C41] a repeat has the same id and a time of its own', async () => {
    const clock = manualClock();
    const { subscriber, destination } = await subscribed({}, clock);
    await destination.deliver(notice(7), never);
    clock.advance(600_000);
    await destination.deliver(notice(7, { attempt: 2 }), never);
    const [first, second] = subscriber.posts.map((post) => post.headers);
    expect(second?.['webhook-id']).toBe(first?.['webhook-id']);
    expect(Number(second?.['webhook-timestamp']) - Number(first?.['webhook-timestamp'])).toBe(600);
  });

  it('[C42] neither secrets nor the path of the URL get into status or log; a bad secret is not quoted', async () => {
    const { destination, context, subscriber } = await subscribed({
      headers: { 'x-api-key': 'key-of-ours' },
    });
    subscriber.script = (response) => void response.writeHead(500).end();
    await destination.deliver(notice(1), never);
    const written = JSON.stringify([context.lines, context.statuses, destination.status()]);
    for (const hidden of [...secrets, 'secret-path', 'key-of-ours', 'c3ludGhldGlj'])
      expect(written).not.toContain(hidden);
    const parsed = webhookDestination.options.safeParse({
      url: 'https://hooks.example.org/',
      secrets: ['whsec_bad'],
    });
    expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([['secrets', 0]]);
    expect(JSON.stringify(parsed.error?.issues)).not.toContain('whsec_bad');
  });

  it('[C40] what is no UTF-8 text is refused without sending', async () => {
    const { subscriber, destination } = await subscribed();
    const result = await destination.deliver(notice(1, { content: Buffer.from([0xff]) }), never);
    expect(result).toMatchObject({ outcome: 'permanent', scope: 'entry' });
    expect(subscriber.posts).toEqual([]);
  });
});

describe('answers', () => {
  it.each([
    [200, 'delivered', undefined],
    [204, 'delivered', undefined],
    [301, 'transient', 'destination'],
    [400, 'permanent', 'entry'],
    [401, 'transient', 'destination'],
    [403, 'transient', 'destination'],
    [404, 'transient', 'destination'],
    [408, 'transient', 'destination'],
    [409, 'permanent', 'entry'],
    [410, 'transient', 'destination'],
    [413, 'permanent', 'entry'],
    [422, 'permanent', 'entry'],
    [425, 'transient', 'destination'],
    [429, 'transient', 'destination'],
    [500, 'transient', 'destination'],
    [503, 'transient', 'destination'],
    [599, 'transient', 'destination'],
    [600, 'transient', 'destination'],
  ])('[C50] %i is %s %s', async (status, outcome, scope) => {
    const { subscriber, destination } = await subscribed();
    subscriber.script = (response) =>
      void response.writeHead(status, { location: `http://127.0.0.1:${subscriber.port}/x` }).end();
    const result = await destination.deliver(notice(1), never);
    expect(result).toMatchObject({ outcome, acknowledgment: `HTTP ${status}`, ...(scope ? { scope } : {}) });
    expect(subscriber.posts).toHaveLength(1);
  });

  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['999999', 3_600_000],
    ['Wed, 01 Jan 2020 00:00:00 GMT', 0],
    ['-5', 0],
    ['soon', undefined],
  ])('[C51] Retry-After %j waits %s ms, never longer than the limit', async (header, expected) => {
    const { subscriber, destination } = await subscribed({}, manualClock());
    subscriber.script = (response) => void response.writeHead(503, { 'retry-after': header }).end();
    const result = await destination.deliver(notice(1), never);
    expect('retryAfterMs' in result ? result.retryAfterMs : undefined).toBe(expected);
  });

  it('[C52] the connection breaks after the request: ambiguous', async () => {
    const { subscriber, destination } = await subscribed();
    subscriber.script = (response) => void response.socket?.destroy();
    expect(await destination.deliver(notice(1), never)).toMatchObject({
      outcome: 'ambiguous',
      code: 'CONNECT_LOST',
    });
  });

  it('[C52] no answer in time: ambiguous, and the request is given up', async () => {
    const clock = manualClock();
    const { subscriber, destination } = await subscribed({ timeoutMs: 1_000 }, clock);
    subscriber.script = () => undefined;
    const delivering = destination.deliver(notice(1), never);
    await eventually(() => subscriber.posts.length === 1);
    clock.advance(1_000);
    expect(await delivering).toMatchObject({ outcome: 'ambiguous', code: 'ANSWER_TIMEOUT' });
  });

  it('[C53] an answer that is too large or breaks off is cut, and the status counts', async () => {
    const { subscriber, destination } = await subscribed({ maxResponseBytes: 1_000 });
    subscriber.script = (response) => void response.writeHead(200).end('x'.repeat(100_000));
    const large = await destination.deliver(notice(1), never);
    expect(large).toEqual({ outcome: 'delivered', acknowledgment: 'HTTP 200' });
    subscriber.script = (response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('half', () => response.socket?.destroy());
    };
    expect(await destination.deliver(notice(2), never)).toMatchObject({ outcome: 'delivered' });
    subscriber.script = (response) => void response.writeHead(200).end('whole');
    const whole = await destination.deliver(notice(3), never);
    expect('response' in whole && Buffer.from(whole.response ?? []).toString()).toBe('whole');
  });

  it('[C54] keeps its connections', async () => {
    const { subscriber, destination } = await subscribed();
    for (let number = 1; number <= 10; number++) await destination.deliver(notice(number), never);
    expect(subscriber.connections).toBe(1);
  });
});

describe('where requests may go', () => {
  const forbidden = [
    ...[
      '127.0.0.1',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...[
      '255.255.255.255',
      '224.0.0.1',
      '198.18.0.1',
      '192.0.2.1',
      '198.51.100.1',
      '203.0.113.1',
      '240.0.0.1',
      '192.0.0.1',
    ],
    ...['2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0x7f000001', '017700000001'],
    ...[
      '[::1]',
      '[::]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[ff02::1]',
      '[2001:db8::1]',
      '[3fff::1]',
      '[100::1]',
    ],
    ...[
      '[::ffff:127.0.0.1]',
      '[::ffff:10.0.0.1]',
      '[::ffff:7f00:1]',
      '[0:0:0:0:0:ffff:a9fe:a9fe]',
      '[::127.0.0.1]',
      '[::ffff:0:7f00:1]',
    ],
    ...[
      '[64:ff9b::7f00:1]',
      '[64:ff9b::10.0.0.1]',
      '[64:ff9b:1::1]',
      '[2002:7f00:1::]',
      '[2002:a00:1::1]',
      '[2001:0:a00:1::1]',
      '[fec0::1]',
    ],
  ];

  it.each(forbidden)('[C43] https://%s is refused even when the host is listed', (host) => {
    const url = new URL(`https://${host}/`);
    const guard = createAddressGuard({ allow: [{ host: url.hostname, plaintext: false, private: false }] });
    expect(() => guard.check(url)).toThrow(expect.objectContaining({ code: 'ADDRESS_FORBIDDEN' }));
  });

  it.each([
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '[2606:2800:220:1::1]',
    '[64:ff9b::5db8:d822]',
    '[::ffff:93.184.216.34]',
  ])('[C43] https://%s is public', (host) => {
    const url = new URL(`https://${host}/`);
    const guard = createAddressGuard({ allow: [{ host: url.hostname, plaintext: false, private: false }] });
    expect(guard.check(url).hostname).toBe(url.hostname);
  });

  it.each(['169.254.169.254', '[fe80::1]', '0.0.0.0', '[::ffff:169.254.169.254]', '224.0.0.1'])(
    '[C43] %s stays forbidden for a host that may be private',
    (host) => {
      const url = new URL(`https://${host}/`);
      const guard = createAddressGuard({ allow: [{ host: url.hostname, plaintext: false, private: true }] });
      expect(() => guard.check(url)).toThrow(expect.objectContaining({ code: 'ADDRESS_FORBIDDEN' }));
    },
  );

  it.each([
    'https://hooks.example.org.attacker.example/',
    'https://attacker.example/hooks.example.org',
    'https://hooks.example.org:8443/',
    'https://hooks.example.org@attacker.example/',
    'https://user@hooks.example.org/',
    'https://user:password@hooks.example.org/',
    'https://xhooks.example.org/',
    'https://sub.hooks.example.org/',
    'https://hooks.example.org./',
    'http://hooks.example.org/',
    'http://hooks.example.org:443/',
    'ftp://hooks.example.org/',
    'file:///etc/passwd',
    'gopher://hooks.example.org/',
    'javascript:alert(1)',
    'hooks.example.org',
    '//hooks.example.org/',
    '',
  ])('[C44] %j is not https://hooks.example.org', (url) => {
    const guard = createAddressGuard({
      allow: [{ host: 'hooks.example.org', plaintext: false, private: false }],
    });
    expect(() => guard.check(url)).toThrow(expect.objectContaining({ code: 'ADDRESS_FORBIDDEN' }));
  });

  it('[C44] the same host written otherwise is the same host; an empty list allows nothing', () => {
    const allow = [{ host: 'hooks.example.org', plaintext: false, private: false }];
    for (const url of [
      'https://HOOKS.example.org/x',
      'https://hooks.example.org:443/',
      'https:hooks.example.org',
    ]) {
      expect(createAddressGuard({ allow }).check(url).origin).toBe('https://hooks.example.org');
    }
    expect(() => createAddressGuard({ allow: [] }).check('https://hooks.example.org/')).toThrow();
  });

  it('[C44] the configuration is told of a URL that may not be used', () => {
    const issues = (options: object) =>
      webhookDestination.options
        .safeParse({ secrets, ...options })
        .error?.issues.map((issue) => issue.path.join('.'));
    expect(issues({ url: 'https://hooks.example.org/in' })).toBeUndefined();
    expect(issues({ url: 'http://hooks.example.org/in' })).toEqual(['url']);
    expect(issues({ url: 'https://10.0.0.1/in' })).toEqual(['url']);
    expect(issues({ url: 'https://hooks.example.org/in', allow: [] })).toEqual(['url']);
    expect(issues({ url: 'https://me:pw@hooks.example.org/in' })).toEqual(['url']);
  });

  async function resolving(resolve: Resolve, allowed: object = {}) {
    const subscriber = new Subscriber();
    await subscriber.listen(0, tlsFiles.server);
    cleanups.push(() => subscriber.close());
    const { port } = subscriber;
    const options = webhookDestination.options.parse({
      url: `https://hooks.example.org:${port}/in`,
      secrets,
      allow: [{ host: 'hooks.example.org', port, ...allowed }],
      tls: { ca: tlsFiles.ca },
    });
    const destination: Destination = createWebhookDestination(options, { context: testContext(), resolve });
    await destination.start();
    cleanups.push(() => destination.stop());
    return { subscriber, destination };
  }

  it('[C45] a name that resolves to a private address gets no connection', async () => {
    for (const addresses of [
      ['127.0.0.1'],
      ['93.184.216.34', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['169.254.169.254'],
      ['fe80::1%lo'],
    ]) {
      const resolve: Resolve = async () =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const { subscriber, destination } = await resolving(resolve);
      const result = await destination.deliver(notice(1), never);
      expect(result).toMatchObject({ outcome: 'transient', code: 'ADDRESS_FORBIDDEN', scope: 'destination' });
      await turns();
      expect(subscriber.connections).toBe(0);
    }
  });

  it('[C45] rebinding: each connection is made to the address that was checked, resolved once', async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.255.255.1', family: 4 }];
    };
    const { subscriber, destination } = await resolving(resolve, { private: true });
    expect(await destination.deliver(notice(1), never)).toMatchObject({ outcome: 'delivered' });
    expect(await destination.deliver(notice(2), never)).toMatchObject({ outcome: 'delivered' });
    expect([asked, subscriber.connections]).toEqual([1, 1]);
  });

  it('[C45] a name that does not resolve is transient', async () => {
    const { destination } = await resolving(async () => {
      throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    });
    expect(await destination.deliver(notice(1), never)).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_REFUSED',
    });
    const empty = await resolving(async () => []);
    expect(await empty.destination.deliver(notice(1), never)).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_REFUSED',
    });
  });

  it('[C46] redirects are not followed: the other address sees no connection', async () => {
    const trap = new Subscriber();
    await trap.listen();
    cleanups.push(() => trap.close());
    const { subscriber, destination } = await subscribed();
    for (const status of [301, 302, 303, 307, 308]) {
      subscriber.script = (response) =>
        void response.writeHead(status, { location: `http://127.0.0.1:${trap.port}/` }).end();
      expect((await destination.deliver(notice(status), never)).outcome).toBe('transient');
    }
    expect(trap.connections).toBe(0);
  });

  it('[C47] TLS: a certificate of another name or authority gets no request', async () => {
    const subscriber = new Subscriber();
    await subscriber.listen(0, tlsFiles.server);
    cleanups.push(() => subscriber.close());
    const { port } = subscriber;
    for (const options of [
      { url: `https://localhost:${port}/`, allow: [{ host: 'localhost', port, private: true }] },
      {
        url: `https://localhost:${port}/`,
        allow: [{ host: 'localhost', port, private: true }],
        tls: { ca: tlsFiles.ca, serverName: 'other.example' },
      },
    ]) {
      const destination = webhookDestination.create(
        webhookDestination.options.parse({ secrets, ...options }),
        testContext(),
      );
      await destination.start();
      cleanups.push(() => destination.stop());
      expect(await destination.deliver(notice(1), never)).toMatchObject({
        outcome: 'transient',
        code: 'CONNECT_TLS',
      });
    }
    expect(subscriber.posts).toEqual([]);
  });
});
