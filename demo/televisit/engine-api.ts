import { readFile } from 'node:fs/promises';
import type { Resource } from '@medplum/fhirtypes';
import { parseExact } from '../../src/standards/fhir/index.ts';

/** What came of a request to the engine. `again`: the same request may succeed later. */
type Answer<T> =
  | { readonly outcome: 'ok'; readonly value: T; readonly status: number }
  | { readonly outcome: 'again'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly status: number };

export interface EngineApi {
  /** Reads one resource: `GET {base}/fhir/R4/Observation/123`. */
  read(reference: string, signal: AbortSignal): Promise<Answer<Resource>>;
  /** Hands a finished visit to the engine, under a key that stays the same over every repeat. A stop lets it finish. */
  postVisit(body: string, key: string): Promise<Answer<undefined>>;
}

interface EngineApiOptions {
  /** `http://127.0.0.1:8080` */
  readonly base: string;
  /** Holds the bearer token; read for each request, because the engine writes it at its first start. */
  readonly tokenFile: string;
  readonly timeoutMs?: number;
}

const postLimitMs = 5_000;
const mostBytes = 4 * 1024 * 1024;

export function createEngineApi(options: EngineApiOptions): EngineApi {
  const base = options.base.replace(/\/+$/, '');
  const timeoutMs = options.timeoutMs ?? 10_000;

  const request = async (
    path: string,
    final: ReadonlySet<number>,
    init: RequestInit,
  ): Promise<Answer<Uint8Array>> => {
    try {
      const token = (await readFile(options.tokenFile, 'utf8')).trim();
      const response = await fetch(base + path, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
        redirect: 'error',
      });
      const body = await readBounded(response);
      if (response.ok) return { outcome: 'ok', value: body, status: response.status };
      return classify(response.status, final);
    } catch (thrown) {
      return { outcome: 'again', reason: reasonOf(thrown) };
    }
  };

  return {
    async read(reference, signal) {
      const accept = { accept: 'application/fhir+json' };
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await request(`/fhir/R4/${reference}`, finalForRead, { headers: accept, signal: limit });
      if (answer.outcome !== 'ok') return answer;
      const resource = parseResource(answer.value);
      return resource
        ? { ...answer, value: resource }
        : { outcome: 'again', reason: 'the answer is not a FHIR resource' };
    },
    async postVisit(body, key) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      const signal = AbortSignal.timeout(postLimitMs);
      const answer = await request('/in/visits', finalForPost, { method: 'POST', headers, body, signal });
      return answer.outcome === 'ok' ? { ...answer, value: undefined } : answer;
    },
  };
}

/**
 * Only what can never succeed counts as refused. A missing right may be given later, and a path that is not there may be
 * there again after a reload: a note is not given up for it.
 */
const finalForRead = new Set([400, 404, 406, 410]);
const finalForPost = new Set([400, 409, 413, 415, 422]);

const classify = (status: number, final: ReadonlySet<number>): Answer<never> =>
  final.has(status) ? { outcome: 'refused', status } : { outcome: 'again', reason: `HTTP ${status}` };

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'failed';
  const cause = thrown.cause;
  const code =
    cause instanceof Error && 'code' in cause ? cause.code : 'code' in thrown ? thrown.code : thrown.name;
  return code === 'ENOENT' ? 'the token file does not exist yet' : String(code);
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parseResource(body: Uint8Array): Resource | undefined {
  try {
    const value = parseExact(Buffer.from(body).toString('utf8'));
    return isResource(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isResource = (value: unknown): value is Resource =>
  typeof value === 'object' &&
  value !== null &&
  'resourceType' in value &&
  typeof value.resourceType === 'string';
