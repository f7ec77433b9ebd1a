import type { StoredResource } from '../../trust/access/index.ts';

/** Bundles are put together from the texts of the resources, which are not parsed for it. */

export interface BundleLinks {
  readonly self: string;
  readonly next?: string;
}

export function searchset(base: string, matches: readonly StoredResource[], links: BundleLinks): string {
  const entries = matches.map(
    ({ type, id, json }) =>
      `{"fullUrl":${quoted(`${base}/${type}/${id}`)},"resource":${json},"search":{"mode":"match"}}`,
  );
  return bundle('searchset', links, entries);
}

/** Newest first. What made a version is told as a PUT: the record's writes decide themselves where they go (bdl-3, bdl-4). */
export function historyBundle(
  base: string,
  versions: readonly StoredResource[],
  links: BundleLinks & { readonly total?: number },
): string {
  const entries = versions.map(({ type, id, json, version, lastUpdated }) => {
    const request = { method: 'PUT', url: `${type}/${id}` };
    const response = {
      status: version === 1 ? '201' : '200',
      etag: etagOf(version),
      lastModified: lastUpdated.toISOString(),
    };
    const fullUrl = quoted(`${base}/${type}/${id}`);
    return `{"fullUrl":${fullUrl},"resource":${json},"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`;
  });
  return bundle('history', links, entries, links.total);
}

export const etagOf = (version: number): string => `W/"${version}"`;

function bundle(
  type: string,
  { self, next }: BundleLinks,
  entries: readonly string[],
  total?: number,
): string {
  const link = [
    { relation: 'self', url: self },
    ...(next === undefined ? [] : [{ relation: 'next', url: next }]),
  ];
  const parts = [
    '"resourceType":"Bundle"',
    `"type":${quoted(type)}`,
    ...(total === undefined ? [] : [`"total":${total}`]),
    `"link":${JSON.stringify(link)}`,
    ...(entries.length === 0 ? [] : [`"entry":[${entries.join(',')}]`]),
  ];
  return `{${parts.join(',')}}`;
}

const quoted = (text: string): string => JSON.stringify(text);
