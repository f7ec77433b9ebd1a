import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Timer } from '../../../foundation/clock/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { exposureRule, hostPort, listen, mayBind } from '../shared/listen.ts';
import { errorName } from '../shared/net-errors.ts';
import { StatusBoard } from '../shared/status.ts';
import { clientAllowed, toServerOptions } from '../shared/tls.ts';
import { within } from '../shared/within.ts';
import type { Accept, ConnectorContext, Source, SourceKind } from '../types.ts';
import { type MllpSourceOptions, mllpSourceOptions } from './options.ts';
import { Responder } from './responder.ts';
import { Session } from './session.ts';

/** Listens for MLLP, with TLS or without (docs/design/connectors.md, rules C10-C29). */
class MllpSource implements Source {
  readonly #options: MllpSourceOptions;
  readonly #context: ConnectorContext;
  readonly #board: StatusBoard;
  readonly #sessions = new Set<Session>();
  #server: Server | undefined;
  #responder: Responder | undefined;
  #sweep: Timer | undefined;
  #isPaused = false;
  #allClosed: (() => void) | undefined;

  constructor(options: MllpSourceOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#board = new StatusBoard(context, this.#addressAt(options.port), () => this.#sessions.size);
  }

  async start(accept: Accept): Promise<void> {
    const options = this.#options;
    if (!mayBind(options))
      throw new IsthmusError('CONFIG_INVALID', { place: `host ${options.host}`, rule: exposureRule });
    this.#board.set('starting');
    const { logger, clock } = this.#context;
    this.#responder = new Responder({ options, accept, logger, now: () => clock.now() });
    const server = this.#createServer();
    server.maxConnections = options.maxConnections;
    server.on('drop', () =>
      logger.warn({ limit: options.maxConnections }, 'MLLP connection refused: too many connections'),
    );
    try {
      this.#board.setAddress(this.#addressAt(await listen(server, options)));
    } catch (error) {
      this.#board.set('stopped');
      throw error;
    }
    server.on('error', (error) => this.#board.set('down', errorName(error)));
    this.#server = server;
    this.#sweepLater();
    this.#board.set(this.#isPaused ? 'paused' : 'up');
  }

  pause(): void {
    this.#setPaused(true);
  }

  resume(): void {
    this.#setPaused(false);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.#sweep?.cancel();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const drained = new Promise<void>((resolve) => {
      this.#allClosed = resolve;
      for (const session of this.#sessions) session.drain();
      if (this.#sessions.size === 0) resolve();
    });
    const isDrained = await within(this.#context.clock, this.#options.drainTimeoutMs, drained);
    if (!isDrained)
      this.#context.logger.warn(
        { connections: this.#sessions.size },
        'MLLP connections closed with messages in hand',
      );
    for (const session of this.#sessions) session.destroy();
    await closed;
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #addressAt(port: number): string {
    return `${this.#options.tls ? 'mllps' : 'mllp'}://${hostPort(this.#options.host, port)}`;
  }

  /** `allowHalfOpen`: a sender that closes its side after its last message still gets the answer. */
  #createServer(): Server {
    const { tls } = this.#options;
    if (!tls) return createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket));
    const options = { ...toServerOptions(tls), allowHalfOpen: true, handshakeTimeout: 10_000 };
    const server = createTlsServer(options, (socket) => this.#connected(socket));
    const { logger } = this.#context;
    server.on('tlsClientError', (error) =>
      logger.warn({ code: 'CONNECT_TLS', error: errorName(error) }, 'TLS handshake refused'),
    );
    return server;
  }

  #connected(socket: Socket): void {
    const responder = this.#responder;
    const commonName = socket instanceof TLSSocket ? commonNameOf(socket) : undefined;
    const peer = commonName ?? socket.remoteAddress ?? 'unknown';
    if (!responder || !this.#server || !clientAllowed(this.#options.tls, commonName)) {
      this.#context.logger.warn({ peer, code: 'FORBIDDEN' }, 'MLLP connection refused');
      socket.destroy();
      return;
    }
    const { clock, logger } = this.#context;
    const onClosed = (closed: Session) => this.#closed(closed);
    const session = new Session(socket, { responder, limits: this.#options, clock, logger, peer, onClosed });
    this.#sessions.add(session);
    if (this.#isPaused) session.setPaused(true);
  }

  #closed(session: Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) this.#allClosed?.();
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    for (const session of this.#sessions) session.setPaused(isPaused);
    if (this.#server) this.#board.set(isPaused ? 'paused' : 'up');
  }

  /** One timer for all connections. */
  #sweepLater(): void {
    const { idleTimeoutMs, frameTimeoutMs } = this.#options;
    const everyMs = Math.min(1_000, Math.ceil(Math.min(idleTimeoutMs, frameTimeoutMs) / 4));
    const { clock } = this.#context;
    this.#sweep = clock.after(everyMs, () => {
      const nowMs = clock.monotonicMs();
      for (const session of this.#sessions) session.enforceLimits(nowMs);
      if (this.#server) this.#sweepLater();
    });
  }
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const name: string | string[] | undefined = socket.getPeerCertificate()?.subject?.CN;
  return Array.isArray(name) ? name[0] : name;
}

export const mllpSource: SourceKind<MllpSourceOptions> = {
  kind: 'mllp',
  options: mllpSourceOptions,
  create: (options, context) => new MllpSource(options, context),
};
