import type { FastifyRequest } from 'fastify';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { ClientCheck } from '../../foundation/http/index.ts';

/**
 * Who may see what carries no patient data (the flow page, the metrics): a program on this machine that asks for it by a name of this
 * machine, or a holder of the token.
 *
 * The Host header is compared because a page from elsewhere can make a browser resolve its own name to 127.0.0.1 (DNS rebinding); it
 * can't make it send `Host: localhost`. `Sec-Fetch-Site` tells the same of requests that pages make, and a request that came
 * through a proxy is not from this machine, whatever its address.
 */
export function localOrToken(check: ClientCheck): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (isLocal(request) || check(request.headers.authorization) !== undefined) return;
    throw new IsthmusError('UNAUTHENTICATED', {
      rule: 'from another machine, or by a name that is not of this machine, a token is needed',
    });
  };
}

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

function isLocal({ socket, headers }: FastifyRequest): boolean {
  if (!isLoopback(socket.remoteAddress ?? '')) return false;
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return isOwnName(headers.host ?? '');
}

const isLoopback = (address: string) =>
  /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address) || address === '::1';

const isOwnName = (host: string) =>
  /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i.test(host);
