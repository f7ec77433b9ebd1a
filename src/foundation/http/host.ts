import type { FastifyRequest } from 'fastify';
import { IsthmusError } from '../errors/index.ts';
import type { ClientCheck } from './bearer.ts';
import type { HttpServer } from './server.ts';
import type { HttpHandler, HttpHost } from './types.ts';

export interface HttpHostOptions {
  /** When given, a request that it does not know is answered 401 before its body is read, and `peer` is the client's name. */
  readonly check?: ClientCheck;
  /** Default 16 MiB. */
  readonly bodyLimitBytes?: number;
}

/**
 * Lets sources come and go on a server that runs: fastify's routes are fixed once it listens, so one route takes what no other does and looks
 * the path up. Bodies arrive as bytes, whatever their type. To be called before `listen`.
 */
export function httpHost({ app }: HttpServer, options: HttpHostOptions = {}): HttpHost {
  const mounted = new Map<string, HttpHandler>();
  const find = (request: FastifyRequest): HttpHandler => {
    const handler = mounted.get(pathOf(request));
    if (!handler) throw new IsthmusError('NOT_FOUND', { rule: 'no such address' });
    return handler;
  };
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer' },
      async (_request: unknown, body: string | Buffer) => body,
    );
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/*',
      bodyLimit: options.bodyLimitBytes ?? 16 * 1_048_576,
      exposeHeadRoute: false,
      onRequest: async (request) => {
        find(request);
        if (options.check && options.check(request.headers.authorization) === undefined)
          throw new IsthmusError('UNAUTHENTICATED');
      },
      handler: async (request, reply) => {
        const {
          status,
          headers = {},
          body = '',
        } = await find(request)({
          method: request.method,
          headers: flatten(request.headers),
          body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
          peer: options.check?.(request.headers.authorization) ?? request.ip,
        });
        return reply
          .code(status)
          .headers(headers)
          .send(typeof body === 'string' ? body : Buffer.from(body));
      },
    });
  });
  return {
    mount(path, handler) {
      if (!path.startsWith('/') || path.includes('?') || mounted.has(path)) {
        const rule = mounted.has(path) ? 'two sources on one path' : 'a path begins with / and has no query';
        throw new IsthmusError('CONFIG_INVALID', { place: path, rule });
      }
      mounted.set(path, handler);
      return {
        unmount() {
          if (mounted.get(path) === handler) mounted.delete(path);
        },
      };
    },
  };
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? url;

function flatten(headers: FastifyRequest['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
