import {
  type TerminologySource,
  type TranslateRequest,
  type Translation,
  translateCodings,
} from '../../../standards/terminology/index.ts';
import { localUnits } from '../../../standards/ucum/index.ts';
import { type Added, addedOf } from './added.ts';
import type { Lookup } from './lookups.ts';
import type { Found } from './memory.ts';
import { type CompiledRules, OWN_MAPS, ownMapOf } from './rules.ts';
import { UCUM } from './targets.ts';

/**
 * What was decided under the name of the translation, wherever it leads to; what that does not know, by what is loaded; units at last by the
 * spellings that are known of themselves. One call for all codes each.
 */
export async function findAll(
  lookups: readonly Lookup[],
  rules: CompiledRules,
  source: TerminologySource,
): Promise<Found[]> {
  const decided = await byOwnMap(lookups, rules, source);
  const open = lookups.filter((_, index) => decided[index] === undefined);
  const requests = open.map((lookup) => ({
    ...requestOf(lookup, lookup.targets),
    ...(rules.maps ? { maps: rules.maps } : {}),
  }));
  const loaded = await translateCodings(withoutOwnMaps(source), requests);
  const byLoaded = new Map(open.map((lookup, index) => [lookup, addedBy(loaded[index])]));
  return lookups.map((lookup, index) => ({
    added: decided[index] ?? byLoaded.get(lookup) ?? bySpelling(lookup),
  }));
}

async function byOwnMap(
  lookups: readonly Lookup[],
  { name }: CompiledRules,
  source: TerminologySource,
): Promise<(readonly Added[] | undefined)[]> {
  const url = ownMapOf(name);
  const maps = await source.conceptMaps({ url });
  const targets = [...new Set(maps.flatMap(({ groups }) => groups.flatMap(({ target }) => target ?? [])))];
  if (targets.length === 0) return [];
  const found = await translateCodings(
    source,
    lookups.map((lookup) => ({ ...requestOf(lookup, targets), maps: [url] })),
  );
  return lookups.map((_, index) => addedBy(found[index]));
}

const requestOf = (
  { system, version, code, display, isProcedure = false }: Lookup,
  targets: readonly string[],
): TranslateRequest => ({
  coding: {
    ...{ system, code },
    ...(version === undefined ? {} : { version }),
    ...(display === undefined ? {} : { display }),
  },
  targets,
  isProcedure,
});

/** Only what is a translation: candidates are for a person to review. Undefined for none. */
function addedBy(translation: Translation | undefined): readonly Added[] | undefined {
  const matches = translation?.matches.filter(({ isTranslation }) => isTranslation) ?? [];
  const added = matches.flatMap(addedOf);
  return added.length > 0 ? added : undefined;
}

/** What was decided for one translation is no decision for another. */
const withoutOwnMaps = (source: TerminologySource): TerminologySource => ({
  codeSystem: (url, version) => source.codeSystem(url, version),
  codeSystemVersions: (url) => source.codeSystemVersions(url),
  supplements: (url) => source.supplements(url),
  valueSet: (url, version) => source.valueSet(url, version),
  valueSetVersions: (url) => source.valueSetVersions(url),
  conceptMaps: async (query) =>
    (await source.conceptMaps(query)).filter(({ url }) => !url.startsWith(OWN_MAPS)),
});

/** The map of spellings that this version of the product knows. */
export const UNIT_SPELLINGS = 'urn:isthmus:units';

function bySpelling({ kind, code }: Lookup): readonly Added[] {
  const known = kind === 'unit' ? localUnits(code) : undefined;
  return known === undefined
    ? []
    : [{ system: UCUM, code: known, map: UNIT_SPELLINGS, equivalence: 'equal' }];
}
