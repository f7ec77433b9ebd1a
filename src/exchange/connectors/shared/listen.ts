import type { AddressInfo, Server } from 'node:net';
import { isIPv4 } from 'node:net';
import type { z } from 'zod';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { errorName } from './net-errors.ts';
import type { ServerTls } from './tls.ts';

/** Only this machine can reach it: 127.0.0.0/8, ::1, and the name that every system maps to them. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.split('.')[0] === '127');
}

interface Exposure {
  readonly host: string;
  readonly tls?: ServerTls | undefined;
  readonly allowPlaintextOffLoopback: boolean;
}

/** May this listener be reached from other machines? Off loopback only with mutual TLS, unless the option says otherwise. */
export function mayBind(options: Exposure): boolean {
  return isLoopback(options.host) || options.tls?.ca !== undefined || options.allowPlaintextOffLoopback;
}

export const exposureRule =
  'off loopback only with mutual TLS (tls.ca), or with allowPlaintextOffLoopback: true';

/** The same rule as a zod refinement, so that `isthmus check` shows it beside the other mistakes. */
export function refineExposure(options: Exposure, context: z.RefinementCtx): void {
  if (!mayBind(options)) context.addIssue({ code: 'custom', path: ['host'], message: exposureRule });
}

/** Listens and returns the real port. Throws PORT_TAKEN, or CONFIG_INVALID when the address is none of ours. */
export function listen(server: Server, options: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const place = `${options.host}:${options.port}`;
      const code = errorName(error) === 'EADDRINUSE' ? 'PORT_TAKEN' : 'CONFIG_INVALID';
      reject(new IsthmusError(code, { place, rule: errorName(error), cause: error }));
    };
    server.once('error', failed);
    server.listen({ host: options.host, port: options.port }, () => {
      server.removeListener('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** `host:port` for addresses that people read; IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
