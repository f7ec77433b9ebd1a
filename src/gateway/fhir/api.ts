import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../foundation/clock/index.ts';
import { errorRegistry, IsthmusError, toIsthmusError } from '../../foundation/errors/index.ts';
import { bearerHook, type ClientCheck, clientOf } from '../../foundation/http/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { isResourceId } from '../../standards/fhir/index.ts';
import type { Access, AccessContext, RecordReader, StoredResource } from '../../trust/access/index.ts';
import { etagOf, historyBundle, searchset } from './bundle.ts';
import { capabilityStatement } from './capability.ts';
import { acceptsJson, queryOf, sendFhir } from './negotiate.ts';
import { operationOutcome } from './outcome.ts';
import { resources } from './resources.ts';
import { countOf, FORM_PARAMETERS, parseSearch, writeCursor } from './search-parameters.ts';

export interface FhirApiOptions {
  readonly access: Pick<Access, 'openRecord'>;
  /** Who is let in. Everything but `metadata` asks. */
  readonly check: ClientCheck;
  /** For whom the record is opened when this client asks. */
  readonly contextOf: (client: string) => AccessContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** The address that the world knows, `https://isthmus.example/fhir/R4`. Default: as the request names it. */
  readonly baseUrl?: string;
}

const PREFIX = '/fhir/R4';
const HISTORY_COUNT = 50;

/** A fastify plugin that mounts the API at /fhir/R4: `server.app.register(fhirApi(options))`. */
export const fhirApi =
  (options: FhirApiOptions) =>
  async (server: FastifyInstance): Promise<void> => {
    await server.register(async (scope) => mount(scope, options), { prefix: PREFIX });
  };

type InstanceParams = { readonly type: string; readonly id: string; readonly vid?: string };

async function mount(scope: FastifyInstance, options: FhirApiOptions): Promise<void> {
  const { access, check, contextOf, clock, baseUrl } = options;
  const software = { version: options.version, startedAt: clock.now() };
  const baseOf = (request: FastifyRequest) => baseUrl ?? `${request.protocol}://${request.host}${PREFIX}`;
  const recordFor = (request: FastifyRequest): RecordReader =>
    access.openRecord(contextOf(clientOf(request)));

  scope.setErrorHandler((thrown, request, reply) =>
    sendError(thrown, { request, reply, logger: options.logger }),
  );
  scope.addHook('onRequest', async (request) => {
    if (!acceptsJson(request)) throw new NotAcceptable();
  });
  scope.get('/metadata', (request, reply) =>
    sendFhir(request, reply, JSON.stringify(capabilityStatement(baseOf(request), software))),
  );
  await scope.register(async (closed) => {
    closed.addHook('onRequest', bearerHook(check));
    closed.get<{ Params: { type: string } }>('/:type', async (request, reply) => {
      const resource = servedType(request.params.type);
      const parameters = queryOf(request);
      const query = parseSearch(resource, parameters);
      const { matches, next } = await recordFor(request).search(query);
      const link = linker(`${baseOf(request)}/${resource.type}`, parameters);
      const links = { self: link({}), ...(next ? { next: link({ _cursor: writeCursor(next) }) } : {}) };
      return sendFhir(request, reply, searchset(baseOf(request), matches, links));
    });
    closed.get<{ Params: InstanceParams }>('/:type/:id', async (request, reply) => {
      const { type, id } = instanceOf(request.params);
      refuseParameters(request);
      return sendResource(request, reply, await recordFor(request).read(type, id));
    });
    closed.get<{ Params: InstanceParams }>('/:type/:id/_history/:vid', async (request, reply) => {
      const { type, id, vid = '' } = instanceOf(request.params);
      refuseParameters(request);
      if (!/^[1-9]\d{0,8}$/.test(vid)) throw notFound();
      return sendResource(request, reply, await recordFor(request).readVersion(type, id, Number(vid)));
    });
    closed.get<{ Params: InstanceParams }>('/:type/:id/_history', async (request, reply) => {
      const { type, id } = instanceOf(request.params);
      return sendFhir(
        request,
        reply,
        await history(recordFor(request), { base: baseOf(request), type, id, request }),
      );
    });
    closed.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/*',
      handler: async () => {
        throw new NotAllowed();
      },
    });
    closed.get('/*', async () => {
      throw notFound();
    });
  });
}

async function history(
  record: RecordReader,
  { base, type, id, request }: { base: string; type: string; id: string; request: FastifyRequest },
): Promise<string> {
  const parameters = queryOf(request);
  let count = HISTORY_COUNT;
  let before: number | undefined;
  for (const [name, value] of parameters) {
    if (name === '_count') count = countOf(value);
    else if (name === '_cursor' && /^[1-9]\d{0,8}$/.test(value)) before = Number(value);
    else if (!FORM_PARAMETERS.has(name)) throw unsupported();
  }
  const found = await record.history(type, id, {
    count: count + 1,
    ...(before === undefined ? {} : { before }),
  });
  if (found.length === 0) throw notFound();
  const shown = found.slice(0, count);
  const last = shown.at(-1);
  const link = linker(`${base}/${type}/${id}/_history`, parameters);
  return historyBundle(base, shown, {
    self: link({}),
    ...(found.length > shown.length && last ? { next: link({ _cursor: String(last.version) }) } : {}),
    // Versions count up from 1 without gaps.
    ...(before === undefined ? { total: found[0]?.version ?? 0 } : {}),
  });
}

function sendResource(
  request: FastifyRequest,
  reply: FastifyReply,
  found: StoredResource | undefined,
): FastifyReply {
  if (!found) throw notFound();
  const etag = etagOf(found.version);
  reply.header('etag', etag).header('last-modified', found.lastUpdated.toUTCString());
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim());
  if (known?.includes(etag)) return reply.code(304).send();
  return sendFhir(request, reply, found.json);
}

function servedType(type: string) {
  const resource = resources.get(type);
  if (!resource) throw new IsthmusError('NOT_FOUND', { rule: 'this type of resource is not served' });
  return resource;
}

function instanceOf(params: InstanceParams): InstanceParams {
  servedType(params.type);
  if (!isResourceId(params.id)) throw notFound();
  return params;
}

function refuseParameters(request: FastifyRequest): void {
  if (queryOf(request).some(([name]) => !FORM_PARAMETERS.has(name))) throw unsupported();
}

/** Links with the parameters that were used, and these in place of their own. */
const linker =
  (address: string, parameters: readonly (readonly [string, string])[]) =>
  (changed: Readonly<Record<string, string>>): string => {
    const kept = parameters.filter(([name]) => changed[name] === undefined);
    const query = new URLSearchParams([
      ...kept.map(([name, value]): [string, string] => [name, value]),
      ...Object.entries(changed),
    ]);
    return query.size === 0 ? address : `${address}?${query}`;
  };

const notFound = () => new IsthmusError('NOT_FOUND');
const unsupported = () =>
  new IsthmusError('INVALID_REQUEST', { place: 'query', rule: 'a parameter is not supported here' });

/** What FHIR answers with a status of HTTP that the registry has no code for. */
class NotAllowed extends IsthmusError {
  constructor() {
    super('INVALID_REQUEST', { rule: 'only reading is served' });
  }
}
class NotAcceptable extends IsthmusError {
  constructor() {
    super('INVALID_REQUEST', {
      place: 'Accept',
      rule: 'application/fhir+json with fhirVersion 4.0 is served',
    });
  }
}

function sendError(
  thrown: unknown,
  { request, reply, logger }: { request: FastifyRequest; reply: FastifyReply; logger: Logger },
): FastifyReply {
  const error = toIsthmusError(thrown);
  const [status, issue] =
    error instanceof NotAllowed
      ? [405, 'not-supported']
      : error instanceof NotAcceptable
        ? [406, 'not-supported']
        : [errorRegistry[error.code].http, undefined];
  if (status >= 500) logger.error({ error, correlationId: request.id }, 'a FHIR request failed');
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="isthmus"');
  if (status === 405) reply.header('allow', 'GET, HEAD');
  if (status === 503) reply.header('retry-after', '5');
  return sendFhir(request, reply.code(status), JSON.stringify(operationOutcome(error, request.id, issue)));
}
