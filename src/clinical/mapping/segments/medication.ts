import type { CodeableConcept } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { type ExactQuantity, quantityOf, unitsOf } from '../datatypes/nm.ts';
import { placeOf } from '../segment-map.ts';

/** Where RXO and RXE say what the drug is. */
interface DrugFields {
  readonly code: number;
  readonly form: number;
  readonly strength: number;
  readonly volume: number;
}
const RXO: DrugFields = { code: 1, form: 5, strength: 18, volume: 25 };
const RXE: DrugFields = { code: 2, form: 6, strength: 25, volume: 33 };

export interface Drug {
  readonly code: CodeableConcept | undefined;
  /** Set where the code alone does not say all: form, strength, ingredients. It is contained, so that it is read wherever the order is. */
  readonly contained: object | undefined;
}

/** RXE, or RXO where nothing is encoded yet, and RXC → the drug (v2-to-FHIR guide, RXO[MedicationRequest] medication). */
export function drugOf(
  {
    rxe,
    rxo,
    components,
  }: { rxe?: Segment | undefined; rxo?: Segment | undefined; components: readonly Segment[] },
  context: MapContext,
): Drug {
  const segment = rxe ?? rxo;
  if (!segment) return { code: undefined, contained: undefined };
  const fields = rxe ? RXE : RXO;
  const code = read(segment, fields.code, cwe(), context);
  const form = read(segment, fields.form, cwe(), context);
  const strength = strengthOf(segment, fields, context);
  const parts = components.flatMap((rxc) => ingredientOf(rxc, context) ?? []);
  const whole = strength && code ? [{ itemCodeableConcept: code, strength }] : [];
  const ingredient = parts.length > 0 ? parts : whole;
  if (!form && ingredient.length === 0) return { code, contained: undefined };
  const contained = {
    resourceType: 'Medication',
    id: 'medication',
    ...present<object>({ code, form }),
    ...(ingredient.length > 0 ? { ingredient } : {}),
  };
  return { code, contained };
}

/** RXC: RXC-1 base or additive (0166), RXC-2 what, RXC-3 and 4 how much of it, RXC-5 and 6 how strong. */
function ingredientOf(rxc: Segment, context: MapContext): object | undefined {
  const itemCodeableConcept = read(rxc, 2, cwe(), context);
  if (!itemCodeableConcept) return undefined;
  const kind = rxc.field(1).text.trim().toUpperCase();
  const amount = amountAt(rxc, 3, context) ?? amountAt(rxc, 5, context);
  return {
    itemCodeableConcept,
    ...(kind === 'A' || kind === 'B' ? { isActive: kind === 'A' } : {}),
    ...(amount ? { strength: perOne(amount) } : {}),
  };
}

/** How much drug in how much of it; a ratio needs both (R4, rat-1), so a strength alone is that of one. */
function strengthOf(segment: Segment, { strength, volume }: DrugFields, context: MapContext) {
  const numerator = amountAt(segment, strength, context);
  const denominator = amountAt(segment, volume, context);
  return numerator && (denominator ? { numerator, denominator } : perOne(numerator));
}

const perOne = (numerator: ExactQuantity) => ({ numerator, denominator: { value: 1 } });

/** A number with its unit in the next field. */
export const amountAt = (segment: Segment, field: number, context: MapContext): ExactQuantity | undefined =>
  attempt(context, placeOf(segment, field), () =>
    segment.field(field).state === 'valued'
      ? quantityOf(segment.field(field).text.trim(), unitsOf(segment, field + 1, context))
      : undefined,
  );

const read = <T>(
  segment: Segment,
  field: number,
  datatype: Datatype<T>,
  context: MapContext,
): T | undefined =>
  attempt(context, placeOf(segment, field), () => firstOf(segment.field(field), datatype, context));
