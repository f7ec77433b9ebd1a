import type { FastifyRequest } from 'fastify';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Interaction, Parameter } from '../interaction.ts';
import type { Routed, Router } from '../router.ts';
import { addressOf, parametersOf } from './address.ts';
import { type BodyBudget, type BodyLimits, BodyShare, checkLength, limitOf } from './body.ts';
import { checkAccepted, checkContentType } from './media.ts';

export const PREFIX = '/fhir/R4';

/** What is known of a request before its body is read. */
export interface Exchange {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly routed: Routed;
  readonly contentType: string;
  readonly body: { readonly limit: number; readonly share: BodyShare };
}

export interface ExchangeOptions {
  /** Who asks; undefined for nobody we know. */
  readonly caller: string | undefined;
  readonly router: Router;
  readonly limits: BodyLimits;
  readonly budget: BodyBudget;
}

/**
 * Everything that can be refused by the address and the headers: nobody's bytes are read before they are known. Throws UNAUTHENTICATED,
 * NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, UNSUPPORTED_MEDIA_TYPE, TOO_LARGE, BUSY.
 */
export function openExchange(request: FastifyRequest, options: ExchangeOptions): Exchange {
  const { caller, router, limits, budget } = options;
  const { path, query } = addressOf(request.url, PREFIX);
  const routed = routeFor(caller, () => router(request.method, path));
  const parameters = parametersOf(query);
  const { interaction } = routed;
  checkAccepted(request.headers.accept, parameters, interaction.produces);
  const body = { limit: limitOf(interaction.body, limits), share: new BodyShare(budget) };
  const contentType = checkBody(request, interaction, body);
  return { path, parameters, routed, contentType, body };
}

/** The content type; empty where no body is coming, or none is looked at. */
function checkBody({ headers }: FastifyRequest, { body: kind }: Interaction, body: Exchange['body']): string {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return '';
  checkLength(headers['content-length'], body.limit, body.share);
  if (kind === 'none') return '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new IsthmusError('UNSUPPORTED_MEDIA_TYPE', { place: 'Content-Encoding', rule: 'identity' });
  return checkContentType(kind, headers['content-type']);
}

/** Who is not known is not told which addresses there are. */
function routeFor(caller: string | undefined, route: () => Routed): Routed {
  if (caller !== undefined) return route();
  try {
    const routed = route();
    if (routed.interaction.open) return routed;
  } catch (error) {
    if (!(error instanceof IsthmusError)) throw error;
  }
  throw new IsthmusError('UNAUTHENTICATED');
}
