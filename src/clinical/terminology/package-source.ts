import type { Queryable } from '../../foundation/database/index.ts';
import {
  type Definition,
  resourceSource,
  type TerminologySource,
} from '../../standards/terminology/index.ts';
import { readDefinitions } from '../packages/index.ts';
import { Recent } from './loaded/recent.ts';

const MAX_ANSWERS = 500;

/** Code systems, value sets and concept maps of the FHIR packages that are loaded; for one generation. Supplements are looked for in the record only. */
export function packageSource(database: Queryable): TerminologySource {
  const answers = new Recent<Promise<TerminologySource>>(MAX_ANSWERS);
  const found = (
    type: 'CodeSystem' | 'ValueSet' | 'ConceptMap',
    url?: string,
  ): Promise<TerminologySource> => {
    const key = `${type} ${url ?? ''}`;
    const known = answers.get(key);
    if (known) return known;
    const asked = readDefinitions(database, { type, ...(url === undefined ? {} : { url }) }).then((all) =>
      resourceSource(all as Definition[]),
    );
    answers.set(key, asked);
    // A question that failed is asked again.
    asked.catch(() => answers.delete(key));
    return asked;
  };
  return {
    codeSystem: async (url, version) => (await found('CodeSystem', url)).codeSystem(url, version),
    codeSystemVersions: async (url) => (await found('CodeSystem', url)).codeSystemVersions(url),
    supplements: async () => [],
    valueSet: async (url, version) => (await found('ValueSet', url)).valueSet(url, version),
    valueSetVersions: async (url) => (await found('ValueSet', url)).valueSetVersions(url),
    conceptMaps: async (query) => (await found('ConceptMap', query.url)).conceptMaps(query),
  };
}
