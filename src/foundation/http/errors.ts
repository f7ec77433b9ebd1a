import type { FastifyError, FastifyInstance } from 'fastify';
import { errorRegistry, IsthmusError, toIsthmusError } from '../errors/index.ts';
import type { Logger } from '../logging/index.ts';

/** The JSON answer for an error, for routes that answer without throwing. */
export function errorBody(error: IsthmusError, correlationId: string) {
  return { error: error.toPublic(), correlationId };
}

/** Every thrown thing becomes an answer with a code of the registry; what is unknown is INTERNAL and goes to the log. */
export function handleErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = fromFastify(thrown) ?? toIsthmusError(thrown);
    const status = errorRegistry[error.code].http;
    if (status >= 500) {
      logger.error(
        { error, correlationId: request.id, method: request.method, route: request.routeOptions.url },
        'a request failed',
      );
    }
    if (status === 401 && !reply.hasHeader('www-authenticate'))
      reply.header('www-authenticate', 'Bearer realm="isthmus"');
    if (status === 503) reply.header('retry-after', '5');
    return reply.code(status).send(errorBody(error, request.id));
  });
  app.setNotFoundHandler(() => {
    throw new IsthmusError('NOT_FOUND', { rule: 'no such address' });
  });
}

/** fastify's own errors, by code. Their texts can quote the request, so they stay behind as cause. */
export function fromFastify(thrown: unknown): IsthmusError | undefined {
  if (thrown instanceof IsthmusError || !(thrown instanceof Error)) return undefined;
  const { code, statusCode, validation, validationContext } = thrown as FastifyError;
  const cause = thrown;
  if (validation) {
    const [first] = validation;
    const place = `${validationContext ?? 'body'}${first?.instancePath ?? ''}`;
    return new IsthmusError('INVALID_REQUEST', { place, rule: first?.keyword ?? 'schema', cause });
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413)
    return new IsthmusError('TOO_LARGE', { cause });
  const rule = typeof code === 'string' ? rules[code] : undefined;
  if (rule) return new IsthmusError('INVALID_REQUEST', { rule, cause });
  const isClients = typeof code === 'string' && code.startsWith('FST_') && (statusCode ?? 500) < 500;
  return isClients ? new IsthmusError('INVALID_REQUEST', { cause }) : undefined;
}

const rules: Record<string, string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'this content type is not taken here',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as Content-Length says',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'a JSON body is needed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON',
  FST_ERR_BAD_URL: 'the address is not a URL',
};
