import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../foundation/clock/index.ts';
import { bearerCheck, type ClientCheck } from '../../../foundation/http/index.ts';
import { listen } from '../shared/listen.ts';
import { clientAllowed, toServerOptions } from '../shared/tls.ts';
import { within } from '../shared/within.ts';
import type { HttpHandler, HttpOutgoing } from '../types.ts';
import type { HttpSourceOptions } from './options.ts';

/** A listener of the source's own: one path, bodies up to the limit, time limits on headers and body. */
export class OwnServer {
  readonly #options: HttpSourceOptions;
  readonly #clock: Clock;
  readonly #handler: HttpHandler;
  readonly #check: ClientCheck | undefined;
  #server: Server | undefined;
  #connections = 0;
  #isStopping = false;

  constructor(options: HttpSourceOptions, handler: HttpHandler, clock: Clock) {
    this.#options = options;
    this.#handler = handler;
    this.#clock = clock;
    this.#check = options.clients === undefined ? undefined : bearerCheck(options.clients);
  }

  get connections(): number {
    return this.#connections;
  }

  /** Returns the real port. Throws PORT_TAKEN or CONFIG_INVALID. */
  async start(): Promise<number> {
    const { tls, requestTimeoutMs, maxConnections, host, port = 0 } = this.#options;
    const limits = {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
    };
    const server = tls ? createTlsServer({ ...limits, ...toServerOptions(tls) }) : createServer(limits);
    server.maxConnections = maxConnections;
    server.on('connection', (socket) => {
      this.#connections += 1;
      socket.once('close', () => (this.#connections -= 1));
    });
    server.on('request', (request, response) => {
      this.#serve(request).then(
        (outgoing) => this.#send(response, outgoing),
        () => this.#send(response, { status: 500 }),
      );
    });
    const bound = await listen(server, { host, port });
    this.#server = server;
    return bound;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#isStopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await within(this.#clock, this.#options.drainTimeoutMs, closed);
    server.closeAllConnections();
    this.#server = undefined;
  }

  /** While stopping, each answer is the last of its connection. */
  #send(response: ServerResponse, outgoing: HttpOutgoing): void {
    if (response.destroyed) return;
    const body = outgoing.body ?? '';
    const last: Record<string, string> = this.#isStopping ? { connection: 'close' } : {};
    response.writeHead(outgoing.status, {
      'content-length': String(Buffer.byteLength(body)),
      ...outgoing.headers,
      ...last,
    });
    response.end(body);
  }

  async #serve(request: IncomingMessage): Promise<HttpOutgoing> {
    const peer = this.#identify(request);
    if (peer === undefined)
      return { status: 401, headers: { 'www-authenticate': 'Bearer', connection: 'close' } };
    if ((request.url ?? '').split('?')[0] !== this.#options.path)
      return { status: 404, headers: { connection: 'close' } };
    const body = await readBody(request, this.#options.maxBodyBytes);
    if (body === undefined) return { status: 413, headers: { connection: 'close' } };
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.headers))
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    return this.#handler({ method: request.method ?? '', headers, body, peer });
  }

  /** The client's name by token, the certificate's common name, or the remote address; undefined when it may not post. */
  #identify(request: IncomingMessage): string | undefined {
    const commonName = this.#options.tls?.ca ? certificateName(request.socket as TLSSocket) : undefined;
    if (!clientAllowed(this.#options.tls, commonName)) return undefined;
    if (this.#check) return this.#check(request.headers.authorization);
    return commonName ?? request.socket.remoteAddress ?? 'unknown';
  }
}

function certificateName(socket: TLSSocket): string | undefined {
  const name = socket.getPeerCertificate().subject?.CN;
  return Array.isArray(name) ? name[0] : name;
}

/** The body, or undefined when it is larger than the limit (the rest is not read). */
function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      request.pause();
      resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the request broke off')));
  });
}
