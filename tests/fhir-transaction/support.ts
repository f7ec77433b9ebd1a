import { type Answer, type Call, startApi, type TestApi } from '../fhir/support/api.ts';

export interface Entry {
  readonly fullUrl?: string;
  readonly resource?: object;
  readonly request: { readonly method: string; readonly url: string; readonly [condition: string]: string };
}

/** One entry of an answer, with the number of its status. */
export interface Told {
  readonly status: number;
  readonly location?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly resource?: any;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly outcome?: any;
}

export interface BundleApi extends TestApi {
  post(type: string, entry: readonly unknown[], call?: Call): Promise<Answer>;
  /** A transaction that is expected to succeed. */
  transact(...entry: Entry[]): Promise<Told[]>;
  batch(...entry: unknown[]): Promise<Told[]>;
  /** The total of a search. */
  count(query: string): Promise<number>;
}

export async function startBundleApi(): Promise<BundleApi> {
  const api = await startApi();
  const post: BundleApi['post'] = (type, entry, call) =>
    api.call('POST', '', { body: { resourceType: 'Bundle', type, entry }, ...call });
  const told = async (type: string, entry: readonly unknown[]) => {
    const { status, body, text } = await post(type, entry);
    if (status !== 200 || body.type !== `${type}-response`) throw new Error(`${status}: ${text}`);
    return toldOf(body);
  };
  return {
    ...api,
    post,
    transact: (...entry) => told('transaction', entry),
    batch: (...entry) => told('batch', entry),
    async count(query) {
      const { body } = await api.get(`/${query}${query.includes('?') ? '&' : '?'}_summary=count`);
      return body.total as number;
    },
  };
}

export const toldOf = (body: {
  entry?: { resource?: unknown; response: { status: string } & Omit<Told, 'status'> }[];
}): Told[] =>
  (body.entry ?? []).map(({ resource, response }) => ({
    ...response,
    status: Number(response.status.slice(0, 3)),
    ...(resource === undefined ? {} : { resource }),
  }));

export const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const create = (
  resource: { resourceType: string; [element: string]: unknown },
  parts: object = {},
  fullUrl?: string,
): Entry => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...parts },
});
export const put = (url: string, resource: object, parts: object = {}, fullUrl?: string): Entry => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'PUT', url, ...parts },
});
export const remove = (url: string, parts: object = {}): Entry => ({
  request: { method: 'DELETE', url, ...parts },
});
export const get = (url: string, parts: object = {}): Entry => ({
  request: { method: 'GET', url, ...parts },
});
export const patch = (url: string, operations: unknown, parts: object = {}): Entry => ({
  resource: {
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(operations)).toString('base64'),
  },
  request: { method: 'PATCH', url, ...parts },
});
