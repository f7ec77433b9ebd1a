import { type Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../../foundation/clock/index.ts';
import type { HttpAnswer } from './classify.ts';

export type PostOutcome =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** `sent`: the connection stood, so the request may have been read. */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly error: unknown }
  | { readonly kind: 'timeout'; readonly sent: boolean };

export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly agent: Agent;
  readonly lookup: LookupFunction;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * One POST, one answer. Never throws, follows no redirect, ends within `timeoutMs`, and keeps no more of the answer than the limit:
 * the status is the answer, so a body that is too large or breaks off does not change it.
 */
export function post(options: PostOptions): Promise<PostOutcome> {
  return new Promise((resolve) => {
    let sent = false;
    const send = options.url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(options.url, {
      method: 'POST',
      agent: options.agent,
      lookup: options.lookup,
      headers: { ...options.headers, 'content-length': String(options.body.length) },
    });
    const settle = (outcome: PostOutcome) => {
      connectTimer.cancel();
      timer.cancel();
      options.signal.removeEventListener('abort', abort);
      resolve(outcome);
    };
    const giveUp = () => {
      settle({ kind: 'timeout', sent });
      request.destroy();
    };
    const abort = () => {
      settle({ kind: 'failed', sent, error: Object.assign(new Error('stopped'), { code: 'ABORT_ERR' }) });
      request.destroy();
    };
    const connectTimer = options.clock.after(options.connectTimeoutMs, () => {
      if (!sent) giveUp();
    });
    const timer = options.clock.after(options.timeoutMs, giveUp);
    options.signal.addEventListener('abort', abort, { once: true });
    request.on('error', (error) => settle({ kind: 'failed', sent, error }));
    request.on('response', (response) =>
      collect(response, options.maxResponseBytes, (answer) => settle({ kind: 'answered', answer })),
    );
    whenConnected(request, () => {
      sent = true;
      connectTimer.cancel();
    });
    request.end(options.body);
  });
}

/** Calls back when bytes of the request can leave: at once on a kept connection, else after the (TLS) handshake. */
function whenConnected(request: ClientRequest, run: () => void): void {
  request.on('socket', (socket) => {
    if (request.reusedSocket || !socket.connecting) return run();
    socket.once(request.protocol === 'https:' ? 'secureConnect' : 'connect', run);
  });
}

/** Gathers the answer's body up to the limit, then lets go of it. Calls back exactly once. */
function collect(response: IncomingMessage, limit: number, done: (answer: HttpAnswer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (whole: boolean) => {
    const answer = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
    done({ ...answer, body: whole && size > 0 ? Buffer.concat(chunks) : undefined });
  };
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) return void chunks.push(chunk);
    finish(false);
    response.destroy();
  });
  response.on('end', () => finish(size <= limit));
  response.on('error', () => finish(false));
}
