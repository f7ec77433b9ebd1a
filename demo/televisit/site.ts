import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Board } from './board.ts';
import page from './page.html';
import type { Verdict } from './webhook.ts';

interface SiteOptions {
  readonly verify: (body: Buffer, headers: IncomingMessage['headers']) => Verdict;
  /** Resolves when the notification is on disk. */
  readonly accept: (id: string, reference: string) => Promise<'new' | 'repeat' | 'full'>;
  readonly board: () => Board;
  readonly onRefused: (reason: 'forged' | 'not-understood' | 'too-large') => void;
}

export interface Site {
  readonly server: Server;
  /** Tells the open pages, at most four times a second. */
  changed(): void;
  stop(): Promise<void>;
}

const mostWebhookBytes = 64 * 1024;
const mostPages = 50;
/** A page that does not read is cut off; it connects again by itself. */
const mostUnsentBytes = 1024 * 1024;
const pageEveryMs = 250;

/** The platform's own HTTP server: the webhook and the waiting room's page. */
export function createSite(options: SiteOptions): Site {
  const pages = new Set<ServerResponse>();
  const inHand = new Set<Promise<void>>();
  let due: NodeJS.Timeout | undefined;
  const send = (): void => {
    due = undefined;
    const text = boardEvent(options.board());
    for (const open of pages) {
      if (open.writableLength > mostUnsentBytes) open.destroy();
      else open.write(text);
    }
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const work = route({ options, pages }, request, response).catch(() => {
      if (!response.headersSent) answer(response, 500);
      else response.destroy();
    });
    inHand.add(work);
    void work.then(() => inHand.delete(work));
  });
  server.maxConnections = 200;
  return {
    server,
    changed() {
      due ??= setTimeout(send, pageEveryMs);
    },
    async stop() {
      clearTimeout(due);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const open of pages) open.end();
      await Promise.all(inHand);
      // What is left is idle, or a connection on which nothing was ever asked. A turn later the last answers are out.
      setImmediate(() => server.closeAllConnections());
      await closed;
    },
  };
}

interface Open {
  readonly options: SiteOptions;
  readonly pages: Set<ServerResponse>;
}

async function route(open: Open, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  switch (`${request.method} ${path}`) {
    case 'POST /webhooks/isthmus':
      return takeWebhook(open.options, request, response);
    case 'GET /':
      return showPage(response);
    case 'GET /events':
      return follow(open, response);
    case 'GET /healthz':
      return answer(response, 200);
    default:
      return answer(response, 404);
  }
}

async function takeWebhook(
  options: SiteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (!body) {
    options.onRefused('too-large');
    response.setHeader('connection', 'close');
    return answer(response, 413);
  }
  const verdict = options.verify(body, request.headers);
  if (verdict.verdict !== 'genuine') {
    options.onRefused(verdict.verdict);
    return answer(response, verdict.verdict === 'forged' ? 401 : 400);
  }
  const accepted = await options.accept(verdict.id, verdict.reference);
  if (accepted !== 'full') return answer(response, 204);
  response.setHeader('retry-after', '5');
  return answer(response, 503);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostWebhookBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function showPage(response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(page.replaceAll('{{nonce}}', nonce));
}

function follow(open: Open, response: ServerResponse): void {
  if (open.pages.size >= mostPages) {
    answer(response, 503);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(`retry: 1000\n${boardEvent(open.options.board())}`);
  open.pages.add(response);
  response.on('close', () => open.pages.delete(response));
}

const boardEvent = (board: Board): string => `event: board\ndata: ${JSON.stringify(board)}\n\n`;

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
