import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditPort } from '../../foundation/audit/index.ts';
import { clientOf } from '../../foundation/http/index.ts';

const apiRoute = /^\/fhir\/R4\/:type(?:\/|$)/;

/**
 * One audit entry for each answer of the FHIR API to a known client: who asked for which resource or searched which type, and whether it was
 * shown. Written before the answer leaves; when it can't be written, the answer does not leave. Parameters of a search may hold
 * identifiers and are not kept. To be called before the API's routes are registered.
 */
export function auditReads(app: FastifyInstance, audit: AuditPort): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const actor = apiRoute.test(request.routeOptions.url ?? '') ? knownClient(request) : undefined;
    if (actor === undefined) return payload;
    const { type = '', id, vid } = request.params as { type?: string; id?: string; vid?: string };
    const shown = reply.statusCode < 400;
    await audit.record({
      action: id === undefined ? 'record.search' : 'record.read',
      actor,
      target: referenceOf({ type, id, vid }),
      outcome: shown ? 'success' : 'refused',
      correlationId: request.id,
      ...(shown ? {} : { reason: `HTTP ${reply.statusCode}` }),
    });
    return payload;
  });
}

/** Without a token there is nobody to name, and a flood of such requests must not fill the disk. */
function knownClient(request: FastifyRequest): string | undefined {
  try {
    return `client ${clientOf(request)}`;
  } catch {
    return undefined;
  }
}

/** What was asked for, when it looks like a reference at all; whatever else somebody wrote into an address is not kept. */
function referenceOf({
  type,
  id,
  vid,
}: {
  type: string;
  id: string | undefined;
  vid: string | undefined;
}): string {
  const parts = [type, id, vid].filter((part) => part !== undefined);
  return parts.every((part) => /^[A-Za-z0-9.-]{1,64}$/.test(part)) ? parts.join('/') : 'no reference';
}
