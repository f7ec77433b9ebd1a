import encoded from './r4/patient-compartment.json' with { type: 'json' };

const parameters = new Map<string, readonly string[]>(
  Object.entries(encoded).map(([type, names]) => [type, names.split(' ')]),
);
const NONE: readonly string[] = [];

/**
 * The search parameters by which a resource of this type is in a patient's compartment (R4 compartmentdefinition-patient.html): `subject`, `performer` for
 * Observation. None for a type that is in no patient's compartment. (For Patient it is `link`; that a patient is in their own goes without saying.)
 */
export const patientCompartment = (type: string): readonly string[] => parameters.get(type) ?? NONE;
