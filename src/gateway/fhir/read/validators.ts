import type { FhirRequest } from '../interaction.ts';

interface Versioned {
  readonly version: number;
  readonly lastUpdated: Date;
}

export const etagOf = (version: number): string => `W/"${version}"`;

/** ETag and Last-Modified (http.html#versions). */
export const validatorsOf = ({ version, lastUpdated }: Versioned): Record<string, string> => ({
  etag: etagOf(version),
  'last-modified': lastUpdated.toUTCString(),
});

/**
 * Does the caller have this version already? (http.html#cread; RFC 9110, 13.1). If-None-Match, where it is given, decides alone. A date that
 * is none is ignored, as the RFC wants it.
 */
export function isUnchanged(
  { header }: Pick<FhirRequest, 'header'>,
  { version, lastUpdated }: Versioned,
): boolean {
  const tags = header('if-none-match');
  if (tags !== undefined) return tags.trim() === '*' || versionsIn(tags).includes(version);
  const since = Date.parse(header('if-modified-since') ?? '');
  // Last-Modified has whole seconds.
  return !Number.isNaN(since) && Math.floor(lastUpdated.getTime() / 1_000) <= Math.floor(since / 1_000);
}

/** The versions that a list of entity tags names; those that are none of ours are left out. */
export const versionsIn = (tags: string): number[] =>
  tags.split(',').flatMap((tag) => {
    const version = /^\s*(?:W\/)?"([1-9]\d{0,8})"\s*$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
