import type { FastifyRequest } from 'fastify';
import { equalSecrets } from '../crypto/index.ts';
import { IsthmusError } from '../errors/index.ts';

export interface BearerClient {
  /** For logs and audit. */
  readonly name: string;
  readonly token: string;
}

/** Whose request this is, by its Authorization header; undefined when it is nobody's. */
export type ClientCheck = (authorization: string | undefined) => string | undefined;

/** Compares with every token in a time that does not tell how much of it was right. An empty list lets nobody in. */
export function bearerCheck(clients: readonly BearerClient[]): ClientCheck {
  return (authorization) => {
    const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    let found: string | undefined;
    for (const client of clients) {
      if (client.token !== '' && equalSecrets(client.token, token)) found = client.name;
    }
    return found;
  };
}

const clients = new WeakMap<FastifyRequest, string>();

/** An onRequest hook (before a body is read) that throws UNAUTHENTICATED unless the check knows the client. */
export function bearerHook(check: ClientCheck): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const name = check(request.headers.authorization);
    if (name === undefined) throw new IsthmusError('UNAUTHENTICATED');
    clients.set(request, name);
  };
}

/** The client that `bearerHook` let in. Throws UNAUTHENTICATED where the hook was forgotten, so that nothing is served unasked. */
export function clientOf(request: FastifyRequest): string {
  const name = clients.get(request);
  if (name === undefined) throw new IsthmusError('UNAUTHENTICATED');
  return name;
}
