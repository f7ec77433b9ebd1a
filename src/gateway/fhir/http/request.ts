import type { FastifyRequest } from 'fastify';
import type { Admission } from '../../../foundation/admission/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { admitted, admittedIdentity } from '../admitted.ts';
import { invalid } from '../failure.ts';
import type { FhirRequest, Method, Noted } from '../interaction.ts';
import type { FhirApiOptions } from '../options.ts';
import { parametersOf } from './address.ts';
import { type Exchange, PREFIX } from './exchange.ts';
import { preferenceOf } from './prefer.ts';

export interface RequestOptions extends Pick<FhirApiOptions, 'access' | 'contextOf' | 'baseUrl'> {
  readonly caller: string | undefined;
  readonly exchange: Exchange;
  readonly connections: Admission;
  readonly note: (noted: Noted) => void;
  readonly hold: (bytes: number) => void;
}

/** What a URL may have for a host. Others would make links that are none, or lead elsewhere than they seem to. */
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;

/** A request of HTTP, with its body, as interactions take it. Throws INVALID_REQUEST for a form with too many parameters, or a Host that is none. */
export function requestOf(request: FastifyRequest, options: RequestOptions): FhirRequest {
  const { access, contextOf, caller, exchange, connections, note, hold } = options;
  const { path, routed, contentType } = exchange;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const isForm = routed.interaction.body === 'form' && body.length > 0;
  return {
    method: request.method as Method,
    base: options.baseUrl ?? baseOf(request),
    ...{ path, contentType, body },
    target: routed.target,
    parameters: isForm ? [...exchange.parameters, ...parametersOf(body.toString())] : exchange.parameters,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    prefer: preferenceOf(request.headers.prefer === undefined ? undefined : String(request.headers.prefer)),
    caller: caller ?? '',
    get record() {
      if (caller === undefined) throw new IsthmusError('UNAUTHENTICATED');
      const record = access.openRecord({ ...contextOf(caller), correlationId: request.id });
      return admitted(record, connections);
    },
    identity() {
      if (caller === undefined) throw new IsthmusError('UNAUTHENTICATED');
      const door = access.openIdentity({ ...contextOf(caller), correlationId: request.id });
      return admittedIdentity(door, connections);
    },
    correlationId: request.id,
    note,
    hold,
  };
}

function baseOf({ protocol, host }: FastifyRequest): string {
  if (!HOST.test(host)) throw invalid('Host', 'a name or an address, and a port');
  return `${protocol}://${host}${PREFIX}`;
}
