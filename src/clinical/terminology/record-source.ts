import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { SearchInput } from '../../standards/fhir-search/index.ts';
import { parseSearch } from '../../standards/fhir-search/index.ts';
import {
  type Definition,
  resourceSource,
  type TerminologySource,
} from '../../standards/terminology/index.ts';
import { type RecordReader, recordReader, type StoredResource } from '../record/index.ts';
import { LOADED_TAG } from './load/stub.ts';
import { Recent } from './loaded/recent.ts';

/** Resources that are kept parsed, and answers to questions for them. */
const MAX_PARSED = 500;
const MAX_ANSWERS = 2_000;
const PAGE = 100;
/** Of one question; more terminology than this belongs into tables (`isthmus terminology load fhir`). */
const MAX_RESOURCES = 2_000;

type Type = 'CodeSystem' | 'ValueSet' | 'ConceptMap';

/** Resources as they were parsed once, by id and version: they outlive a generation. */
export type Parsed = Recent<Definition>;
export const parsedResources = (): Parsed => new Recent<Definition>(MAX_PARSED);

/**
 * CodeSystem, ValueSet and ConceptMap of the record, found by canonical. What a load wrote to stand for tables is left out. For one generation: what was asked once is not asked again.
 */
export function recordSource(
  database: Database,
  { parsed, keyring }: { readonly parsed: Parsed; readonly keyring?: Keyring },
): TerminologySource {
  const reader = recordReader(database, { scope: { kind: 'everything' }, ...(keyring ? { keyring } : {}) });
  const answers = new Recent<Promise<TerminologySource>>(MAX_ANSWERS);
  const found = (type: Type, input: SearchInput): Promise<TerminologySource> => {
    const key = JSON.stringify([type, input]);
    const known = answers.get(key);
    if (known) return known;
    const asked = definitionsOf(reader, parsed, { type, input }).then(resourceSource);
    answers.set(key, asked);
    // A question that failed is asked again.
    asked.catch(() => answers.delete(key));
    return asked;
  };
  const byUrl = (type: Type, url: string) => found(type, [['url', url]]);
  return {
    codeSystem: async (url, version) => (await byUrl('CodeSystem', url)).codeSystem(url, version),
    codeSystemVersions: async (url) => (await byUrl('CodeSystem', url)).codeSystemVersions(url),
    supplements: async (url) => (await found('CodeSystem', [['supplements', url]])).supplements(url),
    valueSet: async (url, version) => (await byUrl('ValueSet', url)).valueSet(url, version),
    valueSetVersions: async (url) => (await byUrl('ValueSet', url)).valueSetVersions(url),
    conceptMaps: async (query) =>
      (await found('ConceptMap', query.url === undefined ? [] : [['url', query.url]])).conceptMaps(query),
  };
}

interface Asked {
  readonly type: Type;
  readonly input: SearchInput;
}

async function definitionsOf(
  reader: RecordReader,
  parsed: Parsed,
  { type, input }: Asked,
): Promise<Definition[]> {
  const { query } = parseSearch([type], input, {
    ...{ handling: 'strict', now: new Date(0), defaultCount: PAGE, maxCount: PAGE },
  });
  const definitions: Definition[] = [];
  let page = await reader.search(query);
  for (;;) {
    for (const one of page.matches) {
      const definition = definitionOf(one, parsed);
      if (!isStub(definition)) definitions.push(definition);
    }
    if (!page.next || definitions.length >= MAX_RESOURCES) return definitions;
    page = await reader.search(query, { after: page.next });
  }
}

function definitionOf({ type, id, version, json }: StoredResource, parsed: Parsed): Definition {
  const key = `${type}/${id}/${version}`;
  const known = parsed.get(key);
  if (known) return known;
  const definition = JSON.parse(json) as Definition;
  parsed.set(key, definition);
  return definition;
}

function isStub({ meta }: Definition): boolean {
  const tags = typeof meta === 'object' && meta !== null && 'tag' in meta ? meta.tag : undefined;
  return (
    Array.isArray(tags) &&
    tags.some((tag: unknown) => {
      const { system, code } = (tag ?? {}) as { readonly system?: unknown; readonly code?: unknown };
      return system === LOADED_TAG.system && code === LOADED_TAG.code;
    })
  );
}
