import type { StoredIssue, WriteOutcome } from '../../../trust/access/index.ts';
import type { Preference } from '../interaction.ts';
import { etagOf } from '../read/validators.ts';
import type { Found } from './identities.ts';
import type { EntryResult } from './types.ts';

export interface ResultOptions {
  readonly prefer: Preference['return'];
  /** Issues as the JSON of an OperationOutcome, for `return=OperationOutcome`. */
  readonly outcomeOf: (issues: readonly StoredIssue[]) => string;
}

/** What a write is answered with (R4 http.html#transaction-response). */
export function changed(
  outcome: WriteOutcome,
  { issues }: { readonly issues: readonly StoredIssue[] },
  { prefer, outcomeOf }: ResultOptions,
): EntryResult {
  const { kind, type, id, version, lastUpdated, json } = outcome;
  if (kind === 'deleted' || kind === 'absent') {
    return { status: 204, kind, ...(kind === 'deleted' ? { etag: etagOf(version) } : {}) };
  }
  return {
    status: kind === 'created' ? 201 : 200,
    kind,
    location: `${type}/${id}/_history/${version}`,
    etag: etagOf(version),
    ...(lastUpdated ? { lastModified: lastUpdated } : {}),
    ...(prefer === 'representation' && json !== undefined ? { resource: json } : {}),
    ...(prefer === 'OperationOutcome' ? { outcome: outcomeOf(issues) } : {}),
  };
}

/** What a conditional create is answered with that found the resource: in the record, or made by an entry before it. */
export function found(
  existing: Found,
  type: string,
  made: ReadonlyMap<string, WriteOutcome>,
  options: ResultOptions,
): EntryResult {
  if (existing.kind === 'written') {
    const outcome = made.get(`${type}/${existing.id}`);
    return { ...(outcome ? changed(outcome, { issues: [] }, options) : {}), status: 200, kind: 'existing' };
  }
  const { id, version, lastUpdated, json } = existing.resource;
  const outcome: WriteOutcome = { kind: 'unchanged', type, id, version, lastUpdated, json };
  return { ...changed(outcome, { issues: [] }, options), kind: 'existing' };
}

const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
};

/** The answering Bundle, put together from texts: resources are not parsed for it. */
export function responseBundle(type: 'transaction' | 'batch', results: readonly EntryResult[]): string {
  const entries = results.map(({ status, location, etag, lastModified, resource, outcome }) => {
    const phrase = PHRASES[status];
    const response = JSON.stringify({
      status: phrase === undefined ? String(status) : `${status} ${phrase}`,
      location,
      etag,
      lastModified: lastModified?.toISOString(),
    });
    const told = outcome === undefined ? response : `${response.slice(0, -1)},"outcome":${outcome}}`;
    return resource === undefined ? `{"response":${told}}` : `{"resource":${resource},"response":${told}}`;
  });
  const list = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`;
  return `{"resourceType":"Bundle","type":"${type}-response"${list}}`;
}
