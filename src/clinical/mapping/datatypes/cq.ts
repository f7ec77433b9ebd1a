import type { Quantity } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, present } from '../convert.ts';
import { codeSystemUri } from './cwe.ts';
import { type ExactQuantity, quantityOf } from './nm.ts';

/** CQ → Quantity: CQ-1 number, CQ-2 units as CWE of subcomponents. Throws HL7_BAD_NUMBER. */
export const cq: Datatype<Quantity> = (value, context) =>
  quantityOf(value.component(1), unitsAt(value, 2, context)) as Quantity | undefined;

/** CWE of a component, its parts as subcomponents, as units: CWE-1 code, CWE-2 or 9 as shown, CWE-3 system. */
export function unitsAt(
  value: Repetition,
  component: number,
  context: MapContext,
): ExactQuantity | undefined {
  const code = value.component(component, 1);
  const system = codeSystemUri(value.component(component, 3), context);
  return present<ExactQuantity>({
    unit: value.component(component, 9) || value.component(component, 2) || code || undefined,
    system: code === '' ? undefined : system,
    code: code === '' || system === undefined ? undefined : code,
  });
}
