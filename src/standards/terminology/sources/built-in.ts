import { publishedCanonicals, publishedTerminology, type TerminologyType } from '../../fhir/index.ts';
import { textOf } from '../node.ts';
import type { CodeSystemView, ConceptMapView, Definition, TerminologySource } from '../types.ts';
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
      const present = views.get(url) ?? (version === undefined ? grammarSystem(url) : undefined);
      const definition = present ? undefined : found('CodeSystem', url);
      const view = present ?? (definition && codeSystemView(definition));
      if (!view || view.content === 'supplement' || (version !== undefined && view.version !== version))
        return undefined;
      views.delete(url);
      views.set(url, view);
      const [oldest] = views.keys();
      if (views.size > MAX_VIEWS && oldest !== undefined) views.delete(oldest);
      return view;
    },
    codeSystemVersions: async (url) => versionsOf(found('CodeSystem', url)),
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

function versionsOf(definition: Definition | undefined): readonly string[] {
  const version = definition && textOf(definition, 'version');
  return version === undefined ? [] : [version];
}
