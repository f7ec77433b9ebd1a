import type { FastifyRequest } from 'fastify';
import type { Admission } from '../../../foundation/admission/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { admitted } from '../admitted.ts';
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
}

/** A request of HTTP, with its body, as interactions take it. Throws INVALID_REQUEST for a form with too many parameters. */
export function requestOf(request: FastifyRequest, options: RequestOptions): FhirRequest {
  const { access, contextOf, baseUrl, caller, exchange, connections, note } = options;
  const { path, routed, contentType } = exchange;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const isForm = routed.interaction.body === 'form' && body.length > 0;
  return {
    method: request.method as Method,
    base: baseUrl ?? `${request.protocol}://${request.host}${PREFIX}`,
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
    correlationId: request.id,
    note,
  };
}
