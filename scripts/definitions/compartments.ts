import { type Generated, readJson } from './source.ts';

interface CompartmentDefinition {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

/** Where the package says something else than HL7's of 4.0.1: Task is in no patient's compartment. */
const CHANGED: Readonly<Record<string, readonly string[]>> = { Encounter: ['patient'], Task: [] };

/** Resource type → the search parameters that put it into a patient's compartment. */
export function compartments(): Generated {
  const { resource } = readJson('compartmentdefinition-patient.json') as CompartmentDefinition;
  const members = resource.flatMap(({ code, param }) => {
    const parameters = CHANGED[code] ?? param ?? [];
    return parameters.length > 0 ? [[code, parameters.join(' ')]] : [];
  });
  return { 'src/standards/fhir/definitions/r4/patient-compartment.json': Object.fromEntries(members) };
}
