import { isUtf8 } from 'node:buffer';
import {
  type ErrorCode,
  errorRegistry,
  IsthmusError,
  toIsthmusError,
} from '../../../foundation/errors/index.ts';
import { parseJson } from '../../../foundation/http/index.ts';
import { InFlight } from '../shared/counts.ts';
import { hostPort } from '../shared/listen.ts';
import { StatusBoard } from '../shared/status.ts';
import { within } from '../shared/within.ts';
import type {
  Accept,
  Acceptance,
  ConnectorContext,
  HttpIncoming,
  HttpOutgoing,
  Source,
  SourceKind,
} from '../types.ts';
import { Hl7OverHttp } from './hl7-over-http.ts';
import { type HttpSourceOptions, httpSourceOptions } from './options.ts';
import { OwnServer } from './own-server.ts';

type Refusal = { readonly error: IsthmusError; readonly retry: boolean };

/** Takes messages by POST, on a path of the product's server or on a port of its own (docs/design/connectors.md, rules C80-C89). */
class HttpSource implements Source {
  readonly #options: HttpSourceOptions;
  readonly #context: ConnectorContext;
  readonly #board: StatusBoard;
  readonly #inFlight = new InFlight();
  readonly #hl7: Hl7OverHttp;
  #accept: Accept | undefined;
  #own: OwnServer | undefined;
  #mounted: { unmount(): void } | undefined;
  #isPaused = false;

  constructor(options: HttpSourceOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#hl7 = new Hl7OverHttp(options, () => context.clock.now());
    const connections = () => this.#own?.connections ?? this.#inFlight.count;
    this.#board = new StatusBoard(context, this.#addressAt(options.port), connections);
  }

  async start(accept: Accept): Promise<void> {
    this.#accept = accept;
    this.#board.set('starting');
    const handler = (request: HttpIncoming) => this.#handle(request);
    try {
      if (this.#options.port === undefined) {
        this.#mounted = this.#host().mount(this.#options.path, handler);
      } else {
        this.#own = new OwnServer(this.#options, handler, this.#context.clock);
        this.#board.setAddress(this.#addressAt(await this.#own.start()));
      }
    } catch (error) {
      this.#board.set('stopped');
      throw error;
    }
    this.#board.set(this.#isPaused ? 'paused' : 'up');
  }

  pause(): void {
    this.#isPaused = true;
    this.#board.set('paused');
  }

  resume(): void {
    this.#isPaused = false;
    this.#board.set('up');
  }

  async stop(): Promise<void> {
    this.#accept = undefined;
    this.#mounted?.unmount();
    this.#mounted = undefined;
    const answered = within(this.#context.clock, this.#options.drainTimeoutMs, this.#inFlight.idle());
    await Promise.all([answered, this.#own?.stop()]);
    this.#own = undefined;
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #host() {
    if (this.#context.http) return this.#context.http;
    throw new IsthmusError('CONFIG_INVALID', {
      place: 'port',
      rule: 'needed where there is no HTTP server to be a path on',
    });
  }

  #addressAt(port: number | undefined): string {
    if (port === undefined) return this.#options.path;
    return `${this.#options.tls ? 'https' : 'http'}://${hostPort(this.#options.host, port)}${this.#options.path}`;
  }

  async #handle(request: HttpIncoming): Promise<HttpOutgoing> {
    if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    this.#inFlight.begin();
    try {
      return await this.#take(request);
    } catch (thrown) {
      return this.#refused(request, { error: toIsthmusError(thrown), retry: false });
    } finally {
      this.#inFlight.end();
    }
  }

  async #take(request: HttpIncoming): Promise<HttpOutgoing> {
    const accept = this.#accept;
    if (!accept || this.#isPaused)
      return this.#refused(request, { error: new IsthmusError('CHANNEL_PAUSED'), retry: true });
    const contentType = mediaTypeOf(request);
    if (!this.#options.contentTypes.includes(contentType)) return this.#unsupportedType();
    if (request.body.length > this.#options.maxBodyBytes) {
      const error = new IsthmusError('TOO_LARGE', {
        place: 'body',
        rule: `at most ${this.#options.maxBodyBytes} bytes`,
      });
      return this.#refused(request, { error, retry: false });
    }
    this.#check(request.body, contentType);
    const controlId = idempotencyKeyOf(request);
    const acceptance = await accept({
      body: request.body,
      contentType,
      peer: request.peer,
      ...(controlId === undefined ? {} : { controlId }),
    });
    if (acceptance.outcome === 'refused') return this.#refused(request, acceptance);
    return isHl7(request)
      ? this.#hl7.committed(request.body, acceptance)
      : committed(acceptance, contentType);
  }

  /** Throws what is wrong with the body, before anything is accepted. */
  #check(body: Uint8Array, contentType: string): void {
    if (contentType === hl7MediaType) this.#hl7.check(body);
    if (!/^application\/([a-z0-9.-]+\+)?json$/.test(contentType)) return;
    if (!isUtf8(body))
      throw new IsthmusError('INVALID_REQUEST', { place: 'body', rule: 'JSON is UTF-8 (RFC 8259 8.1)' });
    parseJson(
      Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'),
      this.#options.maxJsonDepth,
    );
  }

  #unsupportedType(): HttpOutgoing {
    const rule = `one of ${this.#options.contentTypes.join(', ')}`;
    return json(415, new IsthmusError('INVALID_REQUEST', { place: 'content-type', rule }).toPublic());
  }

  #refused(request: HttpIncoming, { error, retry }: Refusal): HttpOutgoing {
    const { code, place, rule } = error;
    this.#context.logger.warn({ peer: request.peer, code, place, rule, retry }, 'HTTP message refused');
    const status = retry ? 503 : statusOf(code);
    const headers: Record<string, string> = retry
      ? { 'retry-after': String(this.#options.retryAfterSeconds) }
      : {};
    const outgoing = isHl7(request)
      ? this.#hl7.refused(request.body, { error, retry })
      : json(status, error.toPublic());
    return { ...outgoing, status, headers: { ...outgoing.headers, ...headers } };
  }
}

const hl7MediaType = 'application/hl7-v2';

function mediaTypeOf(request: HttpIncoming): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function isHl7(request: HttpIncoming): boolean {
  return mediaTypeOf(request) === hl7MediaType;
}

/** Final refusals are the sender's to mend: what has no 4xx of its own in the registry is 422. */
function statusOf(code: ErrorCode): number {
  const { http } = errorRegistry[code];
  if (code === 'INTERNAL') return 500;
  return http >= 400 && http < 500 ? http : 422;
}

/**
 * The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header: a quoted string; many send it bare). Throws INVALID_REQUEST for
 * one that can't be kept.
 */
function idempotencyKeyOf(request: HttpIncoming): string | undefined {
  const value = request.headers['idempotency-key']?.trim();
  if (value === undefined) return undefined;
  const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new IsthmusError('INVALID_REQUEST', {
    place: 'Idempotency-Key',
    rule: '1 to 255 visible ASCII characters',
  });
}

function json(status: number, value: unknown): HttpOutgoing {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function committed(
  acceptance: Extract<Acceptance, { outcome: 'committed' }>,
  contentType: string,
): HttpOutgoing {
  const { messageId, receivedAt, duplicate, reply } = acceptance;
  if (reply) return { status: 200, headers: { 'content-type': contentType }, body: reply };
  return json(duplicate ? 200 : 202, { messageId, receivedAt: receivedAt.toISOString(), duplicate });
}

export const httpSource: SourceKind<HttpSourceOptions> = {
  kind: 'http',
  options: httpSourceOptions,
  create: (options, context) => new HttpSource(options, context),
};
