import { type Decimal, decimalOf } from '../../../standards/fhir/index.ts';
import { parseDecimal, type Segment } from '../../../standards/hl7v2/index.ts';
import { isValidUnit } from '../../../standards/ucum/index.ts';
import type { MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { placeOf } from '../segment-map.ts';
import { codingsOf } from './cwe.ts';

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

const UCUM = 'http://unitsofmeasure.org';

/**
 * A field of units, such as OBX-6: the unit as the sender shows it, and its code under the system that the sender names; of several, the one
 * of UCUM.
 */
export function unitsOf(segment: Segment, field: number, context: MapContext): ExactQuantity | undefined {
  const [value] = segment.field(field).repetitions;
  if (!value) return undefined;
  return present<ExactQuantity>({
    unit: value.component(9) || value.component(2) || value.component(1) || undefined,
    ...unitCode(codingsOf(value, context), context, placeOf(segment, field)),
  });
}

interface UnitCoding {
  readonly system?: string;
  readonly code?: string;
}

/** A code that says it is UCUM's and is none would be taken for what it isn't: its text stays, its system does not (units, UC15). */
export function unitCode(codings: readonly UnitCoding[], context: MapContext, place: string): UnitCoding {
  let other: UnitCoding = {};
  for (const { system, code } of codings) {
    if (system === undefined || code === undefined) continue;
    if (system !== UCUM) other = other.code === undefined ? { system, code } : other;
    else if (isValidUnit(code)) return { system, code };
    else foundOnce(context, place);
  }
  return other;
}

const RULE = 'a unit of UCUM is written as UCUM has it';

/** The values of one OBX share its unit. */
function foundOnce({ findings }: MapContext, place: string): void {
  if (findings.some((finding) => finding.place === place && finding.rule === RULE)) return;
  findings.push({ place, rule: RULE });
}
