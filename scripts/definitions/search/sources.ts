import { corrected, correctedParameters } from '../corrections.ts';
import { type Published, readDefinitions } from '../source.ts';

export interface DefinitionType {
  readonly code: string;
  /** Names of the types that a reference may lead to. */
  readonly targets: readonly string[];
}

export interface DefinitionElement {
  readonly path: string;
  readonly types: readonly DefinitionType[];
  readonly contentReference?: string;
  readonly requiredValueSet?: string;
}

export interface Definition {
  readonly type: string;
  readonly elements: ReadonlyMap<string, DefinitionElement>;
}

export interface ParameterDefinition extends Published {
  readonly url: string;
  readonly code: string;
  readonly type: string;
  readonly base: readonly string[];
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

interface PublishedElement {
  readonly path: string;
  readonly type?: readonly { readonly code: string; readonly targetProfile?: readonly string[] }[];
  readonly contentReference?: string;
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
}

interface PublishedStructure extends Published {
  readonly type: string;
  readonly kind: string;
  readonly abstract: boolean;
  readonly derivation?: string;
  readonly fhirVersion: string;
  readonly snapshot: { readonly element: readonly PublishedElement[] };
}

interface PublishedValueSet extends Published {
  readonly compose?: {
    readonly include?: readonly { readonly system?: string; readonly valueSet?: readonly string[] }[];
  };
}

/** R4's, then those that US Core defines beyond them, then those that other guides ask for. */
export const readParameters = (): ParameterDefinition[] => {
  const published = ['search-parameters.json', 'search-parameters-uscore.json'].flatMap(readDefinitions);
  return [...(correctedParameters(published) as ParameterDefinition[]), ...OF_EXTENSIONS];
};

/** R4's parameters of its own extensions are published apart from the others. IHE PDQm (ITI-78) asks for this one. */
const OF_EXTENSIONS: readonly ParameterDefinition[] = [
  {
    resourceType: 'SearchParameter',
    url: 'http://hl7.org/fhir/SearchParameter/patient-extensions-Patient-mothersMaidenName',
    code: 'mothersMaidenName',
    type: 'string',
    base: ['Patient'],
    expression:
      "Patient.extension.where(url = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName').value.as(string)",
  },
];

/** Types by name, without profiles; and the names of the resource types that can be stored. */
export function readTypes(): { definitions: Map<string, Definition>; resourceTypes: string[] } {
  const definitions = new Map<string, Definition>();
  const resourceTypes: string[] = [];
  for (const published of ['profiles-types.json', 'profiles-resources.json'].flatMap(readDefinitions)) {
    if (published.resourceType !== 'StructureDefinition') continue;
    const { type, kind, abstract, derivation, fhirVersion } = published as PublishedStructure;
    if (derivation === 'constraint' || fhirVersion !== '4.0.1') continue;
    const { snapshot } = corrected(published) as PublishedStructure;
    definitions.set(type, {
      type,
      elements: new Map(snapshot.element.map((one) => [one.path, elementOf(one)])),
    });
    if (kind === 'resource' && !abstract && type !== 'Parameters') resourceTypes.push(type);
  }
  return { definitions, resourceTypes: resourceTypes.sort() };
}

function elementOf({ path, type = [], contentReference, binding }: PublishedElement): DefinitionElement {
  return {
    path,
    types: type.map(({ code, targetProfile = [] }) => ({
      code: code.replace('http://hl7.org/fhirpath/System.String', 'string'),
      targets: targetProfile.map((profile) => profile.slice(profile.lastIndexOf('/') + 1)),
    })),
    ...(contentReference ? { contentReference } : {}),
    ...(binding?.strength === 'required' && binding.valueSet ? { requiredValueSet: binding.valueSet } : {}),
  };
}

/** The code systems that a value set takes codes from. */
export type CodeSystemsOf = (valueSet: string | undefined) => readonly string[];

export function readCodeSystems(): CodeSystemsOf {
  const valueSets = new Map<string, PublishedValueSet>();
  for (const one of ['valuesets.json', 'v3-codesystems.json'].flatMap(readDefinitions))
    if (one.resourceType === 'ValueSet' && one.url) valueSets.set(one.url, one as PublishedValueSet);
  const of = (url: string | undefined): string[] => {
    const includes = valueSets.get(url?.split('|')[0] ?? '')?.compose?.include ?? [];
    return [
      ...new Set(includes.flatMap(({ system, valueSet = [] }) => (system ? [system] : valueSet.flatMap(of)))),
    ].sort();
  };
  return of;
}
