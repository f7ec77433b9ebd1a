import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from '../../foundation/admission/index.ts';
import { sealedTokens } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { fromFastify } from '../../foundation/http/index.ts';
import { resourceTypes } from '../../standards/fhir/index.ts';
import { builtInSource } from '../../standards/terminology/index.ts';
import { execute, failed } from './execute.ts';

import { BodyBudget, BodyShare, defaultLimits, readBody } from './http/body.ts';
import { type Exchange, openExchange, PREFIX } from './http/exchange.ts';
import { replyForm, sendAnswer, sizeOf } from './http/reply.ts';
import { requestOf } from './http/request.ts';
import type { FhirAnswer, Interaction, Noted, Parameter, Services } from './interaction.ts';
import { identityOperations } from './operations/identity/rows.ts';
import type { FhirApiOptions } from './options.ts';
import { createRouter } from './router.ts';
import { interactions } from './table.ts';

/** A fastify plugin that mounts the API at /fhir/R4: `server.app.register(fhirApi(options))`. */
export const fhirApi =
  (options: FhirApiOptions) =>
  async (server: FastifyInstance): Promise<void> => {
    await server.register(async (scope) => mount(scope, options), { prefix: PREFIX });
  };

/** Requests in work; the others wait in order. */
const MAX_REQUESTS = 128;
const REQUEST_ID = /^[A-Za-z0-9._:/-]{1,128}$/;

/** What is kept of a request while it is answered; without an exchange it was refused at the door. */
interface Standing {
  readonly caller: string | undefined;
  /** Interactions within the one that was asked for. */
  readonly noted: Noted[];
  exchange?: Exchange;
  /** Of the address, and once it was read of the form. */
  parameters: readonly Parameter[];
}

function mount(scope: FastifyInstance, options: FhirApiOptions): void {
  const served = options.identity ? identityOperations : [];
  const table = [...interactions, ...served, ...(options.further ?? [])];
  const services = servicesOf(options, table);
  const limits = { ...defaultLimits, ...options.limits };
  const budget = new BodyBudget(limits.heldBytes);
  const answers = new BodyBudget(limits.answeredBytes, 'answer');
  const types = new Set(resourceTypes);
  const router = createRouter(table, (type) => types.has(type));
  const { clock } = options;
  const requests = new Admission({ clock, running: MAX_REQUESTS });
  const connections = new Admission({ clock, running: options.concurrency ?? 4 });
  const standings = new WeakMap<FastifyRequest, Standing>();

  const leave = async (request: FastifyRequest, reply: FastifyReply, answer: FhirAnswer) => {
    const standing = standings.get(request);
    const form = replyForm(standing?.parameters ?? []);
    try {
      await tell(options, request, standing, answer);
    } catch (thrown) {
      return sendAnswer(reply, failed(thrown, request.id, services), form);
    }
    return sendAnswer(reply, answer, form);
  };
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', requestIdOf(request));
    const caller = options.check(request.headers.authorization);
    const standing: Standing = { caller, noted: [], parameters: [] };
    standings.set(request, standing);
    const exchange = openExchange(request, { caller, router, limits, budget });
    Object.assign(standing, { exchange, parameters: exchange.parameters });
    reply.raw.once('close', () => exchange.body.share.release());
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', async (request: FastifyRequest, stream: FastifyRequest['raw']) => {
    const body = standings.get(request)?.exchange?.body;
    return body && readBody(stream, body.limit, body.share);
  });
  scope.setErrorHandler(async (thrown, request, reply) => {
    const answer = failed(fromFastify(thrown) ?? thrown, request.id, services);
    await leave(request, reply, answer);
  });
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const standing = standings.get(request);
    const { exchange } = standing ?? {};
    if (!standing || !exchange) throw new IsthmusError('INTERNAL');
    const { caller, noted } = standing;
    const note = (one: Noted) => void noted.push(one);
    const share = new BodyShare(answers);
    reply.raw.once('close', () => share.release());
    const hold = (bytes: number) => share.hold(bytes);
    const asked = requestOf(request, { ...options, caller, exchange, connections, note, hold });
    standing.parameters = asked.parameters;
    const { interaction } = exchange.routed;
    const answer = await requests.run(() => execute(interaction, asked, services));
    // What was written is told whatever waits: it is no larger than what was sent, which is counted. What a bundle reads counts itself.
    if (interaction.effect === 'read') hold(sizeOf(answer));
    return leave(request, reply, answer);
  };
  for (const url of ['', '/*']) scope.all(url, { exposeHeadRoute: false }, handler);
}

function servicesOf(options: FhirApiOptions, table: readonly Interaction[]): Services {
  const { clock, logger, validator, version, secret, terminology, identity } = options;
  const builtIn = builtInSource();
  return {
    ...{ clock, logger, validator },
    terminology: async () => terminology?.source() ?? builtIn,
    interactions: table,
    ...(identity ? { identity } : {}),
    cursors: sealedTokens(secret, 'cursors of the FHIR API'),
    profilesOf: options.profilesOf ?? (() => []),
    software: { version, startedAt: clock.now() },
  };
}

/** The caller's own id for the request comes back, if it looks like one (http.html#custom). */
function requestIdOf(request: FastifyRequest): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : request.id;
}

async function tell(
  { heard }: FhirApiOptions,
  request: FastifyRequest,
  standing: Standing | undefined,
  answer: FhirAnswer,
): Promise<void> {
  const { caller, noted, exchange } = standing ?? {};
  if (!heard || caller === undefined) return;
  const { interaction, target } = exchange?.routed ?? {};
  const parts = [target?.type, target?.id, target?.version ?? target?.within];
  const asked = parts.filter((part) => part !== undefined).join('/');
  const reference = answer.reference ?? (asked === '' ? undefined : asked);
  const { status, unwritten = false } = answer;
  const all = [{ interaction, reference, status, unwritten }, ...(noted ?? [])];
  await heard(all.map((one) => ({ ...one, caller, correlationId: request.id })));
}
