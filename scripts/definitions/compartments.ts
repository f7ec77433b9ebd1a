import { type Generated, readJson } from './source.ts';

interface CompartmentDefinition {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

/** Resource type → the search parameters that put it into a patient's compartment. */
export function compartments(): Generated {
  const { resource } = readJson('compartmentdefinition-patient.json') as CompartmentDefinition;
  const members = resource.flatMap(({ code, param }) => (param?.length ? [[code, param.join(' ')]] : []));
  return { 'src/standards/fhir/definitions/r4/patient-compartment.json': Object.fromEntries(members) };
}
