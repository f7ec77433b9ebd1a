import { expandValueSet, type TerminologySource } from '../../src/standards/fhir/definitions/expand.ts';
import type { ValueSetCodes } from '../../src/standards/fhir/definitions/types.ts';
import { type Generated, type Published, readDefinitions } from './source.ts';

const FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];
/** Owned by others, whose licences do not let their codes be carried along; their value sets stay open. */
const LICENSED = ['http://snomed.info/sct', 'http://www.ama-assn.org/go/cpt', 'http://loinc.org'];

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

/** Of the package's own making. */
const NOT_OF_R4 = [
  'http://hl7.org/fhir/ValueSet/detectedissue-status',
  'http://hl7.org/fhir/detectedissue-status',
];

/** The codes of R4's value sets and of the code systems they are made of; no texts. */
export function valueSets(): Generated {
  const published = FILES.flatMap(readDefinitions).filter(({ url }) => !NOT_OF_R4.includes(url ?? ''));
  const codeSystems = byUrl(published, 'CodeSystem');
  const sets = byUrl(published, 'ValueSet');
  const source: TerminologySource = {
    codeSystem: (canonical) => codeSystems.get(canonical) ?? codeSystems.get(canonical.split('|')[0] ?? ''),
    valueSet: (canonical) => sets.get(canonical) ?? sets.get(canonical.split('|')[0] ?? ''),
  };
  const systems = new Map<string, string>();
  for (const [url, { content, concept }] of codeSystems)
    if (content === 'complete') systems.set(url, joined(codesOf((concept ?? []) as Concept[])));
  const encoded = [...sets].map(([url, set]) => [url, encode(expandValueSet(set, source), systems)]);
  return {
    'src/standards/fhir/definitions/r4/value-sets.json': {
      codeSystems: Object.fromEntries([...systems].sort()),
      valueSets: Object.fromEntries(encoded.sort()),
    },
  };
}

/** Published twice, the first counts; examples are not meant to be bound to. */
function byUrl(published: readonly Published[], resourceType: string): Map<string, Published> {
  const found = new Map<string, Published>();
  for (const resource of published)
    if (resource.resourceType === resourceType && resource.url && !found.has(resource.url))
      found.set(resource.url, resource);
  return found;
}

function encode({ systems }: ValueSetCodes, kept: ReadonlyMap<string, string>): string {
  if (!systems) return '';
  const parts = [...systems].map(([system, codes]) => {
    if (codes === 'all' || LICENSED.includes(system)) return [system, false];
    const list = joined([...codes]);
    return [system, kept.get(system) === list ? true : list];
  });
  return JSON.stringify(Object.fromEntries(parts));
}

function joined(codes: readonly string[]): string {
  const sorted = [...new Set(codes)].sort();
  if (sorted.some((code) => code.includes('|'))) throw new Error('a code has a bar');
  return sorted.join('|');
}

function codesOf(concepts: readonly Concept[]): string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...codesOf(concept ?? [])]);
}
