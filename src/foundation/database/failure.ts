import { IsthmusError } from '../errors/index.ts';
import type { DatabaseFailure } from './types.ts';

/** SQLSTATEs (PostgreSQL, appendix A) by what they mean for the caller; a class of two characters stands for all its codes. */
const unavailable = new Set([
  ...['08', '57', '58', '28', 'XX', 'F0'], // connection, operator intervention, system, authorization, internal, configuration file
  ...['53000', '53200', '53300', '53400'], // resources other than the disk
  ...['25006', '25P03', '25P04'], // read-only after a failover; session limits of an open transaction
  ...['3D000', '26000'], // the database, or a statement prepared behind a pooler, is not there
]);
const full = new Set(['53100', '58030']);
const conflict = new Set(['40', '23505', '23P01', '55P03']);

/** Node's errors of a socket that mean the server is not there, went away or has no room (EAGAIN: the backlog of a unix socket is full). */
const unavailableErrno = new Set([
  ...[
    'ECONNREFUSED',
    'EAGAIN',
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ENOENT',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
  ],
  ...['ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EACCES', 'ENOTSOCK'],
]);

/**
 * What a failed statement means: `unavailable` (try again later, the outcome may be unknown), `full` (the server cannot write),
 * `conflict` (try again now: serialization, deadlock, a unique key), `rejected` (the statement or its data; trying again won't help).
 * By code, never by text.
 */
export function classifyFailure(error: unknown): DatabaseFailure {
  const code = codeOf(error);
  if (code === 'DATABASE_UNAVAILABLE' || unavailableErrno.has(code)) return 'unavailable';
  if (code === 'DATABASE_FULL' || full.has(code)) return 'full';
  if (!/^[0-9A-Z]{5}$/.test(code)) return 'rejected';
  const has = (set: ReadonlySet<string>) => set.has(code) || set.has(code.slice(0, 2));
  if (has(conflict)) return 'conflict';
  return has(unavailable) ? 'unavailable' : 'rejected';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/**
 * For what the driver threw. A server that is gone or full becomes DATABASE_UNAVAILABLE or DATABASE_FULL; an error of the statement
 * stays what it is, so that the caller can see which constraint spoke. The driver's own errors without a code ("Connection
 * terminated unexpectedly", its time limits) tell of the connection; a TypeError tells of a parameter that can't be sent.
 */
export function wrapDriverError(error: unknown, rule?: string): unknown {
  if (error instanceof IsthmusError || error instanceof TypeError || error instanceof RangeError)
    return error;
  const failure = codeOf(error) === '' ? 'unavailable' : classifyFailure(error);
  const options = rule === undefined ? { cause: error } : { cause: error, rule };
  if (failure === 'unavailable') return new IsthmusError('DATABASE_UNAVAILABLE', options);
  return failure === 'full' ? new IsthmusError('DATABASE_FULL', options) : error;
}
