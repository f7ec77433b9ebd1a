import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { equalSecrets, randomId, randomToken } from '../crypto/index.ts';
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

/** The token kept in this file, readable by its owner only; made at first start. Two starts at once agree on one token. */
export async function tokenAt(path: string): Promise<string> {
  const found = await readToken(path);
  if (found) return found;
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${randomId()}.new`;
  try {
    await writeFile(aside, `${randomToken()}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // Unlike a rename, a link does not replace the token of one who was faster.
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(path, error);
  } finally {
    await rm(aside, { force: true });
  }
  const token = await readToken(path);
  if (token) return token;
  throw fileError(path);
}

async function readToken(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(path, error);
  }
}

const fileError = (path: string, cause?: unknown) =>
  new IsthmusError('FILE_FAILED', {
    place: path,
    rule: 'the token file',
    ...(cause === undefined ? {} : { cause }),
  });
