import { type Structure, structure, valueSet } from '../../fhir/index.ts';
import { publishedProfile } from '../published/profiles.ts';
import type { ProfileSource } from '../types.ts';
import { compileProfile } from './compile.ts';
import { type CompiledProfile, type Profiles, withoutVersion } from './model.ts';
import { type Element, elementTree } from './tree.ts';

const R4 = 'http://hl7.org/fhir/StructureDefinition/';

/** The profiles of one source, each compiled when it is first met. Compiled ones are kept: a source that changes wants a new registry. */
export function profilesOf(source: ProfileSource | undefined): Profiles {
  const compiled = new Map<string, CompiledProfile | 'no-snapshot' | undefined>();
  const trees = new Map<string, Element | undefined>();
  const find = (canonical: string): Structure | 'no-snapshot' | undefined =>
    source?.structure(canonical) ?? ofR4(canonical);
  const profiles: Profiles = {
    structure: find,
    profile: (canonical) =>
      kept(compiled, canonical, () => {
        const found = find(canonical);
        return typeof found === 'object' ? compileProfile(found, profiles) : found;
      }),
    tree: (canonical) =>
      kept(trees, canonical, () => {
        const found = find(canonical);
        return typeof found === 'object' ? elementTree(found) : undefined;
      }),
    typeOf: (canonical) => {
      const found = find(canonical);
      return typeof found === 'object' ? found.type : undefined;
    },
    codes: (canonical) => source?.valueSet?.(canonical) ?? valueSet(canonical),
  };
  return profiles;
}

/** Canonicals come from resources as well: what nobody knows is not remembered. */
function kept<T>(
  made: Map<string, T | undefined>,
  canonical: string,
  make: () => T | undefined,
): T | undefined {
  const present = made.get(canonical);
  if (present !== undefined) return present;
  const value = make();
  if (value !== undefined) made.set(canonical, value);
  return value;
}

/** The types of R4 have canonicals, too, and it has profiles of its own. */
function ofR4(canonical: string): Structure | undefined {
  const url = withoutVersion(canonical);
  return url.startsWith(R4) ? (structure(url.slice(R4.length)) ?? publishedProfile(url)) : undefined;
}
