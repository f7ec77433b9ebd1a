import type { ErrorCode } from '../../../foundation/errors/index.ts';

/** The system's own name of an error (`ECONNREFUSED`), or its class. Texts may quote input and are never passed on. */
export function errorName(error: unknown): string {
  if (error instanceof Error) {
    const code = (error as NodeJS.ErrnoException).code;
    return typeof code === 'string' ? code : error.name;
  }
  return 'unknown';
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
const tlsNames =
  /^(ERR_TLS|ERR_SSL|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/;

/** Which code of the registry a socket's error is, while connecting or later. */
export function connectCode(error: unknown): Extract<ErrorCode, `CONNECT_${string}`> {
  const name = errorName(error);
  if (unreachable.has(name)) return 'CONNECT_REFUSED';
  if (name === 'ETIMEDOUT') return 'CONNECT_TIMEOUT';
  if (tlsNames.test(name)) return 'CONNECT_TLS';
  return 'CONNECT_LOST';
}
