import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { z } from 'zod';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { errorName } from './net-errors.ts';

/** PEM text, or the path of a file with it. Files are read when the connector starts, so a restart takes a renewed certificate. */
const pem = z.string().min(1);

/** TLS for a listener. With `ca` the peers must show a certificate signed by it (mutual TLS). */
export const serverTlsOptions = z.strictObject({
  cert: pem,
  key: pem,
  ca: pem.optional(),
  /** Subject common names that may connect. Empty means nobody; without the list every certificate of `ca` may. */
  clients: z.array(z.string().min(1)).optional(),
});
export type ServerTls = z.infer<typeof serverTlsOptions>;

/** TLS towards a destination. The peer's certificate is always verified: against `ca`, or else the system's roots. */
export const clientTlsOptions = z.strictObject({
  ca: pem.optional(),
  /** Our own certificate, when the peer asks for mutual TLS. */
  cert: pem.optional(),
  key: pem.optional(),
  /** The name that the peer's certificate must carry, when it is not the host. */
  serverName: z.string().min(1).optional(),
});
export type ClientTls = z.infer<typeof clientTlsOptions>;

function readPem(value: string, place: string): string {
  if (value.includes('-----BEGIN ')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (error) {
    throw new IsthmusError('CONFIG_INVALID', {
      place,
      rule: `PEM text or a readable file: ${errorName(error)}`,
      cause: error,
    });
  }
}

/** Options for `tls.createServer`. Throws CONFIG_INVALID naming the option that can't be read. */
export function toServerOptions(tls: ServerTls): TlsOptions {
  const base = {
    cert: readPem(tls.cert, 'tls.cert'),
    key: readPem(tls.key, 'tls.key'),
    minVersion: 'TLSv1.2' as const,
  };
  if (tls.ca === undefined) return base;
  return { ...base, ca: readPem(tls.ca, 'tls.ca'), requestCert: true, rejectUnauthorized: true };
}

/** Options for `tls.connect` and `https.request`. Throws CONFIG_INVALID naming the option that can't be read. */
export function toClientOptions(tls: ClientTls, host: string): ConnectionOptions {
  const serverName = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: readPem(tls.ca, 'tls.ca') }),
    ...(tls.cert === undefined ? {} : { cert: readPem(tls.cert, 'tls.cert') }),
    ...(tls.key === undefined ? {} : { key: readPem(tls.key, 'tls.key') }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** May a peer with this common name connect? Without a list, whoever the authority vouches for; an empty list is nobody. */
export function clientAllowed(tls: ServerTls | undefined, commonName: string | undefined): boolean {
  if (tls?.clients === undefined) return true;
  return commonName !== undefined && tls.clients.includes(commonName);
}
