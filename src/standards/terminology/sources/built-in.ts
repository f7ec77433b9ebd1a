import { publishedCanonicals, publishedTerminology, type TerminologyType } from '../../fhir/index.ts';
import { textOf } from '../node.ts';
import type { CodeSystemView, ConceptMapView, Definition, TerminologySource } from '../types.ts';
import { compareVersions } from '../versions.ts';
import { codeSystemView } from '../views/code-system.ts';
import { conceptMapView } from '../views/concept-map.ts';
import { grammarSystem } from './grammars.ts';
import { leads } from './resources.ts';

/** Code systems whose concepts are kept in memory; what was asked for longest ago goes first. */
const MAX_VIEWS = 100;

/**
 * What FHIR itself requires: the code systems, value sets and concept maps of R4 4.0.1, HL7's v2 tables (http://terminology.hl7.org/CodeSystem/v2-0001 …) and v3
 * vocabulary. Languages (BCP 47) and media types, which have a grammar instead of a list, are
 * among them. Of each there is one version. Nothing is unpacked before it is asked for.
 */
export function builtInSource(): TerminologySource {
  const views = new Map<string, CodeSystemView>();
  let maps: readonly ConceptMapView[] | undefined;
  return {
    codeSystem: async (url, version) => {
      const grammar = grammarSystem(url);
      if (grammar) return version === undefined ? grammar : undefined;
      const canonical = canonicalIn(url, version);
      const view = views.get(canonical) ?? viewOf(canonical);
      if (!view || (version !== undefined && view.version !== version)) return undefined;
      views.delete(canonical);
      views.set(canonical, view);
      const [oldest] = views.keys();
      if (views.size > MAX_VIEWS && oldest !== undefined) views.delete(oldest);
      return view;
    },
    codeSystemVersions: async (url) => {
      const definition = found('CodeSystem', url);
      return definition ? versionsOf(definition) : versionsWithin(url);
    },
    supplements: async () => [],
    valueSet: async (url, version) => {
      const definition = found('ValueSet', url);
      return version === undefined || (definition && textOf(definition, 'version') === version)
        ? definition
        : undefined;
    },
    valueSetVersions: async (url) => versionsOf(found('ValueSet', url)),
    conceptMaps: async (query) => {
      maps ??= publishedCanonicals('ConceptMap').flatMap((url) => {
        const definition = found('ConceptMap', url);
        return definition ? [conceptMapView(definition)] : [];
      });
      return maps.filter(
        (map) =>
          (query.url === undefined || map.url === query.url) &&
          (query.version === undefined || map.version === query.version) &&
          leads(map, query),
      );
    },
  };
}

/** By its own url: a version within is asked for apart. */
function found(type: TerminologyType, url: string): Definition | undefined {
  const definition = publishedTerminology(type, url);
  return definition && textOf(definition, 'url') === url ? definition : undefined;
}

/** R4 publishes a few code systems under canonicals that have the version in them (http://terminology.hl7.org/CodeSystem/v2-0360|2.7). */
function canonicalIn(url: string, version: string | undefined): string {
  const within = found('CodeSystem', url) ? [] : versionsWithin(url);
  const wanted = within.find((one) => one === version) ?? within.at(-1);
  return wanted === undefined ? url : `${url}|${wanted}`;
}

function viewOf(canonical: string): CodeSystemView | undefined {
  const definition = found('CodeSystem', canonical);
  if (!definition || definition.content === 'supplement') return undefined;
  const bar = canonical.lastIndexOf('|');
  if (bar === -1) return codeSystemView(definition);
  return codeSystemView({ ...definition, url: canonical.slice(0, bar), version: canonical.slice(bar + 1) });
}

const versionsWithin = (url: string): readonly string[] =>
  publishedCanonicals('CodeSystem')
    .flatMap((canonical) => (canonical.startsWith(`${url}|`) ? [canonical.slice(url.length + 1)] : []))
    .sort(compareVersions);

function versionsOf(definition: Definition | undefined): readonly string[] {
  const version = definition && textOf(definition, 'version');
  return version === undefined ? [] : [version];
}
