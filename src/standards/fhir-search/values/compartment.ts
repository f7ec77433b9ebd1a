import { patientCompartment } from '../../fhir/index.ts';
import type { IndexedValue } from '../types.ts';
import { type Elements, textOf } from './shapes.ts';
import { valuesOf } from './values-of.ts';

/** Who a resource is about comes before who took part in it. */
const MAIN_FIRST = ['patient', 'subject', 'beneficiary', 'candidate', 'individual', 'member', 'actor'];

const rank = (param: string): number => {
  const at = MAIN_FIRST.indexOf(param);
  return at === -1 ? MAIN_FIRST.length : at;
};

/**
 * Ids of the patients in whose compartments a resource lies (R4 compartmentdefinition-patient.html), the one it is about first. A Patient lies
 * in its own. `values` are those of `valuesOf`, when the caller has them already.
 */
export function compartmentPatients(
  resource: Elements,
  values: readonly IndexedValue[] = valuesOf(resource),
): string[] {
  const type = textOf(resource.resourceType) ?? '';
  const patients = new Set<string>();
  const own = type === 'Patient' ? textOf(resource.id) : undefined;
  if (own !== undefined) patients.add(own);
  const params = [...patientCompartment(type)].sort((one, other) => rank(one) - rank(other));
  for (const param of params)
    for (const { param: found, value } of values)
      if (found === param && value.kind === 'reference' && value.local?.startsWith('Patient/'))
        patients.add(value.local.slice('Patient/'.length));
  return [...patients];
}
