import { includesOf, revIncludesOf, searchParametersOf } from '../../../standards/fhir-search/index.ts';
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
  const includes = includesOf(type);
  const revincludes = revIncludesOf(type);
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
      definition: url,
      type: kind,
    })),
    ...operationsOf(type, interactions),
  };
}

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
