import { publishedCanonicals } from '../../../standards/fhir/index.ts';
import type { Services } from '../interaction.ts';

/**
 * TerminologyCapabilities (R4 terminologycapabilities.html), at `/metadata?mode=terminology`: what the operations can do. Of the code systems those that are built in are listed;
 * what a site loads is in its record and its tables, and comes beside them.
 */
export function terminologyCapabilities(base: string, { software }: Services): string {
  return JSON.stringify({
    resourceType: 'TerminologyCapabilities',
    url: `${base}/metadata?mode=terminology`,
    version: software.version,
    name: 'IsthmusTerminologyCapabilities',
    title: 'Isthmus terminology service',
    status: 'active',
    date: software.startedAt.toISOString(),
    description:
      'Code systems, value sets and concept maps of FHIR R4, of the record and of what was loaded.',
    kind: 'instance',
    software: { name: 'Isthmus', version: software.version },
    implementation: { description: 'Isthmus FHIR R4 API', url: base },
    lockedDate: false,
    codeSystem: publishedCanonicals('CodeSystem')
      .toSorted()
      .map((uri) => ({ uri })),
    expansion: {
      hierarchical: true,
      paging: true,
      incomplete: false,
      parameter: EXPANSION.map((name) => ({ name })),
      textFilter:
        'Each word of the filter begins a word of the code, the display or a designation, whatever case and accents.',
    },
    codeSearch: 'all',
    validateCode: { translations: true },
    translation: { needsMap: true },
    closure: { translation: false },
  });
}

const EXPANSION = [
  ...[
    'activeOnly',
    'check-system-version',
    'count',
    'displayLanguage',
    'excludeNested',
    'filter',
    'force-system-version',
  ],
  ...[
    'includeDefinition',
    'includeDesignations',
    'offset',
    'property',
    'system-version',
    'tx-resource',
    'useSupplement',
  ],
];
