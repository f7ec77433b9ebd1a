import { type Decimal, decimalOf } from '../../../standards/fhir/index.ts';
import { parseDecimal, type Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { codeSystemUri } from './cwe.ts';

/** Quantity whose decimal keeps the digits it was sent with. */
export interface ExactQuantity {
  readonly value?: Decimal;
  readonly comparator?: '<' | '<=' | '>=' | '>';
  readonly unit?: string;
  readonly system?: string;
  readonly code?: string;
}

/** NM with the units of OBX-6 → Quantity. Throws HL7_BAD_NUMBER. */
export function quantityOf(text: string, units: ExactQuantity | undefined): ExactQuantity | undefined {
  if (text.trim() === '') return undefined;
  const value = decimalOf(parseDecimal(text.trim()));
  return present<ExactQuantity>({ value, ...units });
}

/** OBX-6: the unit as the sender shows it, and its code when the system is UCUM. Other systems' codes are kept under their own URI. */
export function unitsOf(value: Repetition | undefined, context: MapContext): ExactQuantity | undefined {
  if (!value) return undefined;
  const code = value.component(1);
  const system = codeSystemUri(value.component(3), context);
  return present<ExactQuantity>({
    unit: value.component(9) || value.component(2) || code || undefined,
    system: code === '' ? undefined : system,
    code: system === undefined || code === '' ? undefined : code,
  });
}
