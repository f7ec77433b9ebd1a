import type { FastifyInstance } from 'fastify';
import { type Clock, pause } from '../../foundation/clock/index.ts';
import type { Settings } from '../../foundation/config/index.ts';
import { type Database, sql } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import {
  type ClientCheck,
  createHttpServer,
  type HttpHost,
  type HttpServer,
  httpHost,
} from '../../foundation/http/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { localOrToken } from '../../operations/flow/index.ts';
import type { NodeState } from '../../operations/status/index.ts';

export interface WebOptions {
  readonly settings: Settings;
  /** When true a taken port is an error; otherwise the next free one is used. */
  readonly portIsFixed: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly database: Database;
  readonly check: ClientCheck;
  readonly state: () => NodeState;
  /** The text for /metrics. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Adds the routes of other modules. */
  readonly routes: (app: FastifyInstance, guard: ReturnType<typeof localOrToken>) => void;
}

export interface Web {
  readonly server: HttpServer;
  /** For sources that are a path on this server. */
  readonly host: HttpHost;
}

/** The HTTP server with everything on it, ready to listen. */
export function createWeb(options: WebOptions): Web {
  const { settings, portIsFixed, clock, logger, check, state } = options;
  const server = createHttpServer({
    host: settings.host,
    port: settings.port,
    portIsFixed,
    logger,
    clock,
  });
  const { app } = server;
  const guard = localOrToken(check);
  refuseWhileClosed(app, state);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const answer = await readiness(options);
    return reply.code(answer.ready ? 200 : 503).send(answer);
  });
  app.get('/metrics', { onRequest: guard }, async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.type(contentType).send(text);
  });
  options.routes(app, guard);
  return { server, host: httpHost(server, { check }) };
}

/**
 * A source's path that is not there because this node is starting, stands by or stops is answered 503, so that a sender comes again; 404
 * would tell it to give up.
 */
function refuseWhileClosed(app: FastifyInstance, state: () => NodeState): void {
  app.addHook('onRequest', async ({ routeOptions }) => {
    const isSourcePath = routeOptions.url === '/*';
    if (isSourcePath && state() !== 'owner')
      throw new IsthmusError('QUEUE_FENCED', { rule: `this node is ${state()}` });
  });
}

const alive = sql('server.alive', 'select 1 as alive');
const answerLimitMs = 2_000;

/** Ready is who owns the queues and reaches the database; a standby says so and takes nothing. */
async function readiness({ state, database, clock }: WebOptions) {
  const now = state();
  if (now !== 'owner') return { ready: false, state: now };
  const limit = new AbortController();
  const answers = database.query(alive).then(
    () => true,
    () => false,
  );
  const late = pause(clock, answerLimitMs, limit.signal).then(() => false);
  const answered = await Promise.race([answers, late]);
  limit.abort();
  return { ready: answered, state: now, database: answered ? 'up' : 'down' };
}
