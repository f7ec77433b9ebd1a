import { splitCanonical, textOf } from '../node.ts';
import type { CodeSystemView, ConceptMapView, Definition, MapQuery, TerminologySource } from '../types.ts';
import { compareVersions, currentOf } from '../versions.ts';
import { codeSystemView } from '../views/code-system.ts';
import { conceptMapView } from '../views/concept-map.ts';

/**
 * CodeSystem, ValueSet and ConceptMap resources as a source. A resource without `url` is in no one's reach. Views are made when they are first asked for. Of two
 * resources with one canonical and version the first counts.
 */
export function resourceSource(definitions: readonly Definition[]): TerminologySource {
  const systems = byUrl(definitions, 'CodeSystem', (one) => one.content !== 'supplement');
  const valueSets = byUrl(definitions, 'ValueSet');
  const maps = byUrl(definitions, 'ConceptMap');
  const supplements = definitions.filter(
    (one) => one.resourceType === 'CodeSystem' && one.content === 'supplement',
  );
  const systemViews = new Map<Definition, CodeSystemView>();
  const mapViews = new Map<Definition, ConceptMapView>();
  return {
    codeSystem: async (url, version) => {
      const found = chosen(systems.get(url), version);
      return found && kept(systemViews, found, codeSystemView);
    },
    codeSystemVersions: async (url) => versions(systems.get(url)),
    supplements: async (url) =>
      supplements.filter((one) => splitCanonical(textOf(one, 'supplements') ?? '').url === url),
    valueSet: async (url, version) => chosen(valueSets.get(url), version),
    valueSetVersions: async (url) => versions(valueSets.get(url)),
    conceptMaps: async (query) => {
      const among = query.url === undefined ? [...maps.values()].flat() : (maps.get(query.url) ?? []);
      return among
        .filter((one) => query.version === undefined || textOf(one, 'version') === query.version)
        .map((one) => kept(mapViews, one, conceptMapView))
        .filter((view) => leads(view, query));
    },
  };
}

/** Whether a map has a group between the systems; a group that names none may lead anywhere. */
export function leads({ groups }: ConceptMapView, { sourceSystem, targetSystem }: MapQuery): boolean {
  if (sourceSystem === undefined && targetSystem === undefined) return true;
  return groups.some(
    ({ source, target, unmapped }) =>
      (sourceSystem === undefined || source === undefined || source === sourceSystem) &&
      (targetSystem === undefined ||
        target === undefined ||
        target === targetSystem ||
        unmapped?.mode === 'other-map'),
  );
}

function byUrl(
  definitions: readonly Definition[],
  resourceType: string,
  counts: (one: Definition) => boolean = () => true,
): ReadonlyMap<string, readonly Definition[]> {
  const found = new Map<string, Definition[]>();
  for (const one of definitions) {
    const url = textOf(one, 'url');
    if (one.resourceType !== resourceType || url === undefined || !counts(one)) continue;
    const same = found.get(url) ?? [];
    if (!same.some(({ version }) => version === one.version)) found.set(url, [...same, one]);
  }
  return found;
}

function chosen(among: readonly Definition[] = [], version: string | undefined): Definition | undefined {
  if (version !== undefined) return among.find((one) => textOf(one, 'version') === version);
  const labelled = among.map((one) => ({
    one,
    version: textOf(one, 'version'),
    status: textOf(one, 'status'),
  }));
  return currentOf(labelled)?.one;
}

const versions = (among: readonly Definition[] = []): readonly string[] =>
  among.flatMap((one) => textOf(one, 'version') ?? []).sort(compareVersions);

function kept<V>(views: Map<Definition, V>, of: Definition, make: (of: Definition) => V): V {
  const present = views.get(of);
  if (present !== undefined) return present;
  const made = make(of);
  views.set(of, made);
  return made;
}
