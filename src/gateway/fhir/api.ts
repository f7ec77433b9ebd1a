import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from '../../foundation/admission/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import { sealedTokens } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { type ClientCheck, fromFastify } from '../../foundation/http/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { resourceTypes } from '../../standards/fhir/index.ts';
import type { Validator } from '../../standards/fhir-validation/index.ts';
import type { Access, AccessContext } from '../../trust/access/index.ts';
import { admitted } from './admitted.ts';
import { execute, failed } from './execute.ts';
import { parametersOf } from './http/address.ts';
import { BodyBudget, type BodyLimits, defaultLimits, readBody } from './http/body.ts';
import { type Exchange, openExchange, PREFIX } from './http/exchange.ts';
import { preferenceOf } from './http/prefer.ts';
import { replyForm, sendAnswer } from './http/reply.ts';
import type { FhirAnswer, FhirRequest, Interaction, Method, Noted, Services } from './interaction.ts';
import { createRouter } from './router.ts';
import { interactions } from './table.ts';

export interface FhirApiOptions {
  readonly access: Pick<Access, 'openRecord'>;
  /** Who is let in. Everything but `metadata` asks. */
  readonly check: ClientCheck;
  /** For whom the record is opened when this client asks. */
  readonly contextOf: (client: string) => AccessContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  readonly validator: Validator;
  /** What cursors of pages are sealed with; the same on every node of one database. */
  readonly secret: string;
  /** The address that the world knows, `https://isthmus.example/fhir/R4`. Default: as the request names it. */
  readonly baseUrl?: string;
  /** Profiles that are loaded, by type, for the CapabilityStatement. */
  readonly profilesOf?: (type: string) => readonly string[];
  /** Rows of other modules for the table. */
  readonly further?: readonly Interaction[];
  readonly limits?: Partial<BodyLimits>;
  /** Searches, histories and transactions that run at the same time, each on a connection; default 4. */
  readonly concurrency?: number;
  /** Is told of every answer to a known client before it leaves. When it throws, the answer does not leave. */
  readonly heard?: (heard: readonly Heard[]) => Promise<void>;
}

/** Who asked for what, and what came of it. Without an interaction there was none at the address. */
export interface Heard extends Omit<Noted, 'interaction'> {
  readonly interaction: Interaction | undefined;
  readonly caller: string;
  readonly correlationId: string;
}

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
}

function mount(scope: FastifyInstance, options: FhirApiOptions): void {
  const table = [...interactions, ...(options.further ?? [])];
  const services = servicesOf(options, table);
  const limits = { ...defaultLimits, ...options.limits };
  const budget = new BodyBudget(limits.heldBytes);
  const types = new Set(resourceTypes);
  const router = createRouter(table, (type) => types.has(type));
  const { clock } = options;
  const requests = new Admission({ clock, running: MAX_REQUESTS });
  const connections = new Admission({ clock, running: options.concurrency ?? 4 });
  const standings = new WeakMap<FastifyRequest, Standing>();

  const leave = async (request: FastifyRequest, reply: FastifyReply, answer: FhirAnswer) => {
    const standing = standings.get(request);
    const form = replyForm(standing?.exchange?.parameters ?? []);
    try {
      await tell(options, request, standing, answer);
    } catch (thrown) {
      return sendAnswer(reply, failed(thrown, request.id, services), form);
    }
    return sendAnswer(reply, answer, form);
  };
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', requestIdOf(request));
    const standing: Standing = { caller: options.check(request.headers.authorization), noted: [] };
    standings.set(request, standing);
    const exchange = openExchange(request, { caller: standing.caller, router, limits, budget });
    standing.exchange = exchange;
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
    const asked = askedOf(request, { ...standing, exchange, connections }, options);
    const answer = await requests.run(() => execute(exchange.routed.interaction, asked, services));
    return leave(request, reply, answer);
  };
  for (const url of ['', '/*']) scope.all(url, { exposeHeadRoute: false }, handler);
}

function servicesOf(options: FhirApiOptions, table: readonly Interaction[]): Services {
  const { clock, logger, validator, version, secret } = options;
  return {
    ...{ clock, logger, validator },
    interactions: table,
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

function askedOf(
  request: FastifyRequest,
  {
    caller,
    noted,
    exchange,
    connections,
  }: Standing & {
    readonly exchange: Exchange;
    readonly connections: Admission;
  },
  { access, contextOf, baseUrl }: FhirApiOptions,
): FhirRequest {
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
    note: (one) => void noted.push(one),
  };
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
