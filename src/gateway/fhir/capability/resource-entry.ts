import { resourceTypes } from '../../../standards/fhir/index.ts';
import { type SearchParameter, searchParametersOf } from '../../../standards/fhir-search/index.ts';
import type { Interaction } from '../interaction.ts';
import { capabilitiesOf } from './capabilities-of.ts';

interface EntryOptions {
  readonly type: string;
  /** Canonical URLs of the profiles that are loaded for the type. */
  readonly profiles: readonly string[];
  readonly interactions: readonly Interaction[];
}

/** What is served for one type: CapabilityStatement.rest.resource. */
export function resourceEntry({ type, profiles, interactions }: EntryOptions): object {
  const has = (name: string) => interactions.some((one) => one.name === name);
  const parameters = [...searchParametersOf(type).values()];
  const includes = parameters.filter(isReference).map(({ code }) => `${type}:${code}`);
  const revincludes = referrersOf(type);
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(profiles.length === 0 ? {} : { supportedProfile: profiles }),
    interaction: codesOf(interactions).map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: has('vread'),
    updateCreate: has('update'),
    conditionalCreate: has('create'),
    conditionalRead: has('read') ? 'full-support' : 'not-supported',
    conditionalUpdate: has('conditional-update'),
    conditionalDelete: has('conditional-delete') ? 'single' : 'not-supported',
    ...(includes.length === 0 ? {} : { searchInclude: includes }),
    ...(revincludes.length === 0 ? {} : { searchRevInclude: revincludes }),
    searchParam: parameters.map(({ code, url, type: kind }) => ({
      name: code,
      ...(url === undefined ? {} : { definition: url }),
      type: kind,
    })),
    ...operationsOf(type, interactions),
  };
}

const isReference = ({ type }: SearchParameter): boolean => type === 'reference';

function codesOf(interactions: readonly Interaction[]): string[] {
  const codes = capabilitiesOf(interactions, 'type').flatMap((one) => ('code' in one ? [one.code] : []));
  return [...new Set(codes)];
}

function operationsOf(type: string, interactions: readonly Interaction[]): object {
  const found = new Map<string, { name: string; definition: string }>();
  for (const one of capabilitiesOf(interactions, 'type')) {
    if (!('operation' in one) || !(one.types?.includes(type) ?? true)) continue;
    found.set(one.operation, { name: one.operation, definition: one.definition });
  }
  return found.size === 0 ? {} : { operation: [...found.values()] };
}

let referrers: ReadonlyMap<string, readonly string[]> | undefined;

/** `Observation:subject` and all else by which resources refer to this type. */
function referrersOf(type: string): readonly string[] {
  referrers ??= allReferrers();
  return referrers.get(type) ?? [];
}

function allReferrers(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const source of resourceTypes) {
    for (const parameter of searchParametersOf(source).values()) {
      if (!isReference(parameter)) continue;
      for (const target of parameter.targets ?? []) {
        const before = found.get(target) ?? [];
        found.set(target, before);
        before.push(`${source}:${parameter.code}`);
      }
    }
  }
  return found;
}
