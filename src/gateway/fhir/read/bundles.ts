import type { HistoryEntry, StoredResource } from '../../../trust/access/index.ts';
import type { BundleLink } from './links.ts';
import type { Shape } from './shape.ts';
import { etagOf } from './validators.ts';

/** Bundles are put together from the texts of the resources, which are not parsed for it. */

export interface Searchset {
  readonly base: string;
  readonly links: readonly BundleLink[];
  readonly shape: Shape;
  readonly matches: readonly StoredResource[];
  readonly included?: readonly StoredResource[];
  readonly total?: number | undefined;
  /** An OperationOutcome about the search itself, as JSON. */
  readonly outcome?: string | undefined;
}

export function searchset({ base, links, shape, matches, included = [], total, outcome }: Searchset): string {
  const entry = (role: 'match' | 'include') => (resource: StoredResource) =>
    `{"fullUrl":${fullUrl(base, resource)},"resource":${shape(resource, role)},"search":{"mode":"${role}"}}`;
  const entries = [...matches.map(entry('match')), ...included.map(entry('include'))];
  if (outcome !== undefined) entries.push(`{"resource":${outcome},"search":{"mode":"outcome"}}`);
  return bundle({ type: 'searchset', links, entries, total });
}

export interface HistoryBundle {
  readonly base: string;
  readonly links: readonly BundleLink[];
  readonly shape: Shape;
  readonly entries: readonly HistoryEntry[];
  readonly total?: number | undefined;
}

/** Each entry with what made the version and how that was answered (bdl-3, bdl-4). */
export function historyBundle({ base, links, shape, entries, total }: HistoryBundle): string {
  const texts = entries.map((entry) => {
    const { type, id, method, version, lastUpdated, resource } = entry;
    const request = { method, url: method === 'POST' ? type : `${type}/${id}` };
    const response = {
      status: statusOf(entry),
      etag: etagOf(version),
      lastModified: lastUpdated.toISOString(),
    };
    const content = resource ? `"resource":${shape(resource)},` : '';
    return `{"fullUrl":${fullUrl(base, entry)},${content}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`;
  });
  return bundle({ type: 'history', links, entries: texts, total });
}

const statusOf = ({ method, version }: HistoryEntry): string => {
  if (method === 'DELETE') return '204';
  return method === 'POST' || version === 1 ? '201' : '200';
};

interface BundleParts {
  readonly type: string;
  readonly links: readonly BundleLink[];
  readonly entries: readonly string[];
  readonly total: number | undefined;
}

function bundle({ type, links, entries, total }: BundleParts): string {
  const parts = [
    '"resourceType":"Bundle"',
    `"type":"${type}"`,
    ...(total === undefined ? [] : [`"total":${total}`]),
    `"link":${JSON.stringify(links)}`,
    ...(entries.length === 0 ? [] : [`"entry":[${entries.join(',')}]`]),
  ];
  return `{${parts.join(',')}}`;
}

const fullUrl = (base: string, { type, id }: { readonly type: string; readonly id: string }): string =>
  JSON.stringify(`${base}/${type}/${id}`);
