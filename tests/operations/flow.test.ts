import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { bearerCheck, createHttpServer, type HttpServer } from '../../src/foundation/http/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import {
  type Flow,
  localOrToken,
  type MessageRow,
  type MessagesView,
  registerFlow,
} from '../../src/operations/flow/index.ts';
import type { FlowPicture } from '../../src/operations/status/index.ts';
import { createTimeline, type Timeline } from '../../src/operations/timeline/index.ts';
import { eventually } from '../support/index.ts';

const picture: FlowPicture = {
  ...{ asOf: '2026-01-01T00:00:00Z', since: '2026-01-01T00:00:00Z', node: 'owner' },
  ...{ channels: [], leftovers: [], alarms: [] },
};
const hostile = '"><script>alert(1)</script>';
const row = (id: number): MessageRow => ({
  ...{ id, channel: hostile, type: 'ADT^A08', receivedAt: new Date(0), bytes: 12 },
  states: [{ queue: 'adt', state: 'done' }],
});
const asked: unknown[] = [];
const view: MessagesView = {
  messages(filter) {
    asked.push(filter);
    return Promise.resolve(Array.from({ length: filter.limit }, (_, index) => row(1_000 - index)));
  },
  entries(filter) {
    asked.push(filter);
    return Promise.resolve([]);
  },
  message: (id) => Promise.resolve(id === 7 ? row(7) : undefined),
  trace: () => Promise.resolve([]),
};

let databaseIsAway = false;
let server: HttpServer;
let flow: Flow;
let timeline: Timeline;
let port: number;

beforeEach(async () => {
  asked.length = 0;
  databaseIsAway = false;
  timeline = createTimeline({ clock: systemClock });
  server = createHttpServer({ host: '127.0.0.1', port: 0, portIsFixed: true, logger: silentLogger });
  flow = registerFlow(server.app, {
    timeline,
    picture: () =>
      databaseIsAway ? Promise.reject(new IsthmusError('DATABASE_UNAVAILABLE')) : Promise.resolve(picture),
    openMessages: () => view,
    guard: localOrToken(bearerCheck([{ name: 'operator', token: 'a-token-for-the-test' }])),
    clock: systemClock,
    logger: silentLogger,
  });
  server.app.addHook('preClose', async () => flow.close());
  port = (await server.listen()).port;
});
afterEach(() => server.stop());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.on('error', reject).end();
  });
}

/** An open page: what it was sent so far, and a way to leave. */
function openPage(headers: Record<string, string> = {}) {
  const page = { text: '', ended: false, close: () => request.destroy() };
  const request = httpRequest({ port, path: '/flow/events', headers }, (response) => {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      page.text += chunk;
    });
    response.on('end', () => {
      page.ended = true;
    });
  });
  request.on('error', () => undefined).end();
  return page;
}

function event(messageId: number): number {
  timeline.add({
    what: 'ADT^A08',
    from: 'general',
    to: 'adt',
    outcome: 'acknowledged',
    tone: 'plain',
    messageId,
  });
  return timeline.recent().at(-1)?.id ?? 0;
}

test('the page runs its own script and style only', async () => {
  const first = await get('/');
  const second = await get('/');
  const nonce = /nonce-([^']+)'/.exec(String(first.headers['content-security-policy']))?.[1] ?? '';
  expect(nonce.length).toBeGreaterThan(20);
  expect(first.text).toContain(`<script nonce="${nonce}">`);
  expect(first.text).not.toContain('{{nonce}}');
  expect(second.text).not.toContain(nonce);
  expect(first.text).not.toMatch(/(?:src|href)="https?:/);
});

test.each([
  ['another name for this machine (DNS rebinding)', { host: 'evil.example' }],
  ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
  ['a page of another port', { 'sec-fetch-site': 'same-site' }],
  ['a proxy', { 'x-forwarded-for': '203.0.113.9' }],
  ['a look-alike name', { host: 'localhost.evil.example' }],
  ['a wrong token', { host: 'isthmus.example', authorization: 'Bearer wrong' }],
])('nothing is shown to %s', async (_, headers) => {
  for (const path of ['/', '/flow/state', '/flow/events', '/flow/messages', '/flow/messages/7'])
    expect((await get(path, headers)).status).toBe(401);
});

test('names of this machine are let in, and a token from anywhere', async () => {
  for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080'])
    expect((await get('/flow/state', { host })).status).toBe(200);
  const headers = { host: 'isthmus.example', authorization: 'Bearer a-token-for-the-test' };
  expect(JSON.parse((await get('/flow/state', headers)).text)).toEqual(picture);
});

test('a page gets what happened before, then what happens, and the picture', async () => {
  event(1);
  const page = openPage();
  await eventually(() => page.text.includes('event: picture') && page.text.includes('"messageId":1'));
  event(2);
  await eventually(() => page.text.includes('"messageId":2'));
  page.close();
});

test('a page that was away gets what it missed, once', async () => {
  event(1);
  const seen = event(2);
  event(3);
  const page = openPage({ 'last-event-id': String(seen) });
  await eventually(() => page.text.includes('"messageId":3'));
  expect(page.text).not.toContain('"messageId":1}');
  expect(page.text).not.toContain('"messageId":2}');
  page.close();
});

test('a page is told that its picture is old while the database is away', async () => {
  databaseIsAway = true;
  const page = openPage();
  await eventually(() => page.text.includes('event: trouble\ndata: {"code":"DATABASE_UNAVAILABLE"}'));
  databaseIsAway = false;
  event(1);
  await eventually(() => page.text.includes('event: picture'));
  page.close();
});

test('the fifty-first page is sent away, and a stop ends the streams', async () => {
  const pages = Array.from({ length: 50 }, () => openPage());
  await eventually(() => pages.every((page) => page.text.includes('retry:')));
  const late = openPage();
  await eventually(() => late.ended);
  expect(late.text).toBe('');
  flow.close();
  await eventually(() => pages.every((page) => page.ended));
});

test('a list escapes whatever stands in it, and leads to the next page', async () => {
  const { text } = await get('/flow/messages?type=ADT&state=parked');
  expect(text).not.toContain('<script>');
  expect(text).toContain('&lt;script&gt;');
  expect(text).toContain('<option selected>parked</option>');
  expect(text).toContain('href="/flow/messages?type=ADT&amp;state=parked&amp;before=901"');
  expect(asked).toEqual([{ limit: 100, type: 'ADT', state: 'parked' }]);
});

test('the number beside a queue leads to its entries', async () => {
  const { text } = await get('/flow/messages?queue=adt%3Etelevisit&state=open');
  expect(asked).toEqual([{ queue: 'adt>televisit', limit: 100 }]);
  expect(text).toContain('Nothing is there now');
});

test('a message that is not there is not found; a query that makes no sense is refused by place', async () => {
  expect((await get('/flow/messages/7')).text).toContain('Message #7');
  expect((await get('/flow/messages/8')).status).toBe(404);
  const { status, text } = await get('/flow/messages?state=nonsense');
  expect([status, JSON.parse(text).error.place]).toEqual([400, 'query.state']);
});
