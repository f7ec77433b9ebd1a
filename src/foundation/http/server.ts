import type { AddressInfo } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { type Clock, systemClock } from '../clock/index.ts';
import { randomId } from '../crypto/index.ts';
import { IsthmusError } from '../errors/index.ts';
import type { Logger } from '../logging/index.ts';
import { handleErrors } from './errors.ts';
import { parseJsonBodies } from './json.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** When true a taken port is PORT_TAKEN; when false the next free one is used. */
  readonly portIsFixed: boolean;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** For bodies of routes that do not say otherwise; default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Until a request has arrived whole; default 30 s. */
  readonly requestTimeoutMs?: number;
  /** How long `stop` waits for requests that run; default 5 s. */
  readonly graceMs?: number;
}

export interface HttpServer {
  /** Routes are registered on it before `listen`. */
  readonly app: FastifyInstance;
  /** Throws PORT_TAKEN. */
  listen(): Promise<{ host: string; port: number; url: string }>;
  /** Takes no new requests, lets running ones finish within the grace, closes. */
  stop(): Promise<void>;
}

const PORTS_TRIED = 20;
const CORRELATION_ID = /^[A-Za-z0-9._-]{8,64}$/;

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'cache-control': 'no-store',
};

/** A fastify server with the conventions of this module; see its head. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const requestTimeoutMs = options.requestTimeoutMs ?? 30_000;
  const app = fastify({
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    http: {
      headersTimeout: Math.min(requestTimeoutMs, 15_000),
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: 2_000,
    },
    routerOptions: { maxParamLength: 256 },
    rewriteUrl: ({ url = '/' }) => decodable(url),
    genReqId: ({ headers }) => {
      const given = headers['x-correlation-id'];
      return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomId();
    },
    // Requests are audited and measured by who serves them; a line for each, with its URL, would write search values down.
    logger: false,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders).header('x-correlation-id', request.id);
  });
  parseJsonBodies(app);
  handleErrors(app, options.logger);
  return {
    app,
    listen: () => listen(app, options),
    stop: () => stop(app, options),
  };
}

/**
 * A path that can't be decoded would be answered by fastify itself, past every error handler. Taken as the text that it is, it is an
 * address that is not there.
 */
function decodable(url: string): string {
  if (!url.includes('%')) return url;
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return `${path.replaceAll('%', '%25')}${end === -1 ? '' : url.slice(end)}`;
  }
}

async function listen(app: FastifyInstance, { host, port, portIsFixed }: HttpServerOptions) {
  const attempts = portIsFixed || port === 0 ? 1 : PORTS_TRIED;
  for (let tried = 0; tried < attempts; tried++) {
    try {
      await app.listen({ host, port: port + tried });
      const address = app.server.address() as AddressInfo;
      return {
        host,
        port: address.port,
        url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
      };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
      if (code === 'EACCES') throw portError(host, port, 'this user may not listen on it', error);
      if (code === 'EADDRNOTAVAIL')
        throw portError(host, port, 'this machine does not have the address', error);
    }
  }
  throw portError(host, port, attempts === 1 ? undefined : `and so are the ${attempts - 1} ports after it`);
}

function portError(host: string, port: number, rule: string | undefined, cause?: unknown): IsthmusError {
  return new IsthmusError('PORT_TAKEN', {
    place: `${host}:${port}`,
    ...(rule === undefined ? {} : { rule }),
    ...(cause === undefined ? {} : { cause }),
  });
}

async function stop(
  app: FastifyInstance,
  { clock = systemClock, graceMs = 5_000, logger }: HttpServerOptions,
): Promise<void> {
  const limit = clock.after(graceMs, () => {
    logger.warn(
      { graceMs },
      'requests still ran when the HTTP server had to stop; their connections were closed',
    );
    app.server.closeAllConnections();
  });
  await app.close();
  limit.cancel();
}
