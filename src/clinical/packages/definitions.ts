import {
  codeSystemCodes,
  expandValueSet,
  type Structure,
  structureFromDefinition,
  type TerminologySource,
  type ValueSetCodes,
  valueSet as valueSetOfR4,
} from '../../standards/fhir/index.ts';
import type { ProfileSource } from '../../standards/fhir-validation/index.ts';
import { contentOf } from './contents.ts';
import type { DefinitionRow } from './sql.ts';
import { compareVersions } from './versions.ts';

interface Profile {
  readonly kind?: unknown;
  readonly derivation?: unknown;
  readonly type?: unknown;
}

/** The versions of one canonical, the one to be taken without a version last. */
type Versions = { readonly version: string; readonly content: Uint8Array }[];

/**
 * What the loaded packages define, as of one moment. Contents are unpacked when they are first asked for. A canonical without a version is the newest version there is;
 * with one (`url|6.1.0`) it is that version or none.
 */
export class Definitions implements ProfileSource {
  readonly #byType = new Map<string, Map<string, Versions>>();
  readonly #structures = new Map<string, Structure | 'no-snapshot' | undefined>();
  readonly #valueSets = new Map<string, ValueSetCodes | undefined>();
  #profiles: ReadonlyMap<string, readonly string[]> | undefined;
  readonly #terminology: TerminologySource = {
    codeSystem: (canonical) => this.#resource('CodeSystem', canonical),
    valueSet: (canonical) => this.#resource('ValueSet', canonical),
    codes: codeSystemCodes,
    expanded: valueSetOfR4,
  };

  /** Rows in the order in which their packages were loaded. */
  constructor(rows: readonly DefinitionRow[]) {
    for (const { type, url, version, content } of rows) {
      const urls = this.#byType.get(type) ?? new Map<string, Versions>();
      this.#byType.set(type, urls);
      const others = (urls.get(url) ?? []).filter((one) => one.version !== version);
      urls.set(url, [...others, { version, content }].sort(byVersion));
    }
  }

  structure(canonical: string): Structure | 'no-snapshot' | undefined {
    return remembered(this.#structures, canonical, () => {
      const definition = this.#resource('StructureDefinition', canonical);
      return definition === undefined ? undefined : (structureFromDefinition(definition) ?? 'no-snapshot');
    });
  }

  valueSet(canonical: string): ValueSetCodes | undefined {
    return remembered(this.#valueSets, canonical, () => {
      const valueSet = this.#resource('ValueSet', canonical);
      return valueSet === undefined ? undefined : expandValueSet(valueSet, this.#terminology);
    });
  }

  /** Canonical URLs of the profiles that constrain a resource type. */
  profilesOf(type: string): readonly string[] {
    this.#profiles ??= this.#profilesByType();
    return this.#profiles.get(type) ?? [];
  }

  #profilesByType(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const url of [...(this.#byType.get('StructureDefinition')?.keys() ?? [])].sort()) {
      const { kind, derivation, type } = (this.#resource('StructureDefinition', url) ?? {}) as Profile;
      if (kind !== 'resource' || derivation !== 'constraint' || typeof type !== 'string') continue;
      found.set(type, [...(found.get(type) ?? []), url]);
    }
    return found;
  }

  #resource(type: string, canonical: string): unknown {
    const bar = canonical.indexOf('|');
    const versions = this.#byType.get(type)?.get(bar === -1 ? canonical : canonical.slice(0, bar));
    const wanted = bar === -1 ? undefined : canonical.slice(bar + 1);
    const found =
      wanted === undefined ? versions?.at(-1) : versions?.find(({ version }) => version === wanted);
    return found && contentOf(found.content);
  }
}

const byVersion = (one: { version: string }, other: { version: string }): number =>
  compareVersions(one.version, other.version);

/** Canonicals come from resources, so those that lead nowhere are not remembered: they would fill the memory. */
function remembered<Value>(
  known: Map<string, Value | undefined>,
  canonical: string,
  make: () => Value | undefined,
): Value | undefined {
  const present = known.get(canonical);
  if (present !== undefined) return present;
  const made = make();
  if (made !== undefined) known.set(canonical, made);
  return made;
}
