import { canonicalOf } from '../node.ts';
import type { CodeSystemView, Definition, TerminologySource } from '../types.ts';
import { compareVersions } from '../versions.ts';

/**
 * Several sources as one: the first that has something wins, except that content wins over a code system that only says it exists (`not-present`);
 * the versions of all are known. A map or supplement that several have in one version is told once.
 */
export function combineSources(sources: readonly TerminologySource[]): TerminologySource {
  const [only] = sources;
  if (only && sources.length === 1) return only;
  return {
    codeSystem: (url, version) => codeSystemOf(sources, url, version),
    codeSystemVersions: (url) => versionsOf(sources.map((source) => source.codeSystemVersions(url))),
    supplements: async (url) => once(await all(sources, (source) => source.supplements(url))),
    valueSet: (url, version) => firstOf(sources, (source) => source.valueSet(url, version)),
    valueSetVersions: (url) => versionsOf(sources.map((source) => source.valueSetVersions(url))),
    conceptMaps: async (query) => once(await all(sources, (source) => source.conceptMaps(query))),
  };
}

async function codeSystemOf(
  sources: readonly TerminologySource[],
  url: string,
  version: string | undefined,
): Promise<CodeSystemView | undefined> {
  let stub: CodeSystemView | undefined;
  for (const source of sources) {
    const found = await source.codeSystem(url, version);
    if (found && found.content !== 'not-present') return found;
    stub ??= found;
  }
  return stub;
}

async function firstOf<T>(
  sources: readonly TerminologySource[],
  ask: (source: TerminologySource) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const source of sources) {
    const found = await ask(source);
    if (found !== undefined) return found;
  }
  return undefined;
}

const all = async <T>(
  sources: readonly TerminologySource[],
  ask: (source: TerminologySource) => Promise<readonly T[]>,
): Promise<readonly T[]> => (await Promise.all(sources.map(ask))).flat();

async function versionsOf(asked: readonly Promise<readonly string[]>[]): Promise<readonly string[]> {
  const found = await Promise.all(asked);
  return [...new Set(found.flat())].sort(compareVersions);
}

function once<T extends Definition | { readonly url: string; readonly version?: string }>(
  found: readonly T[],
): readonly T[] {
  const seen = new Map<string, T>();
  for (const one of found) {
    const { url, version } = one as { readonly url?: unknown; readonly version?: unknown };
    const key = canonicalOf(String(url), version === undefined ? undefined : String(version));
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}
