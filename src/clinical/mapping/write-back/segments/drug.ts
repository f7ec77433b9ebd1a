import type {
  Medication,
  MedicationIngredient,
  MedicationRequest,
  Quantity,
  Ratio,
} from '@medplum/fhirtypes';
import type { LeafValue, RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { resolve, type WriteContext, type Writer } from '../context.ts';
import { asSent, cwe } from '../datatypes/cwe.ts';
import { ofField } from '../datatypes/marks.ts';
import { cq, nm, unit } from '../datatypes/quantity.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';
import { dosesOf, wordsOf } from './dosage.ts';
import { producer } from './obx.ts';

/** Where RXO and RXE have the same things. */
interface DrugFields {
  readonly code: number;
  /** From how much; to how much and in what follow it. */
  readonly dose: number;
  readonly form: number;
  readonly words: number;
  readonly substitution: number;
  readonly dispensed: number;
  readonly refills: number;
  readonly strength: number;
  readonly volume: number;
  readonly reason: number;
  readonly rate: number;
  readonly most: number;
  readonly dispenser: number;
  readonly note: number;
}

const RXO: DrugFields = {
  code: 1,
  dose: 2,
  form: 5,
  note: 6,
  words: 7,
  substitution: 9,
  dispensed: 11,
  refills: 13,
  strength: 18,
  reason: 20,
  rate: 21,
  most: 23,
  volume: 25,
  dispenser: 32,
};
const RXE: DrugFields = {
  code: 2,
  dose: 3,
  form: 6,
  words: 7,
  substitution: 9,
  dispensed: 10,
  refills: 12,
  most: 19,
  note: 21,
  rate: 23,
  strength: 25,
  reason: 27,
  volume: 33,
  dispenser: 40,
};

/** A resource of its own, or one that the request contains. */
function medicationOf(request: MedicationRequest, context: WriteContext): Medication | undefined {
  const { medicationReference, contained = [] } = request;
  const known = resolve(context, medicationReference, 'Medication');
  const inside = contained.find(({ id }) => medicationReference?.reference === `#${id}`);
  return known ?? (inside?.resourceType === 'Medication' ? inside : undefined);
}
const codeOf = (request: MedicationRequest, context: WriteContext) =>
  request.medicationCodeableConcept ?? medicationOf(request, context)?.code;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** One ingredient that is the drug itself says how strong it is. */
function strengthOf(request: MedicationRequest, context: WriteContext): Ratio | undefined {
  const { ingredient: [only, ...others] = [], code } = medicationOf(request, context) ?? {};
  return only && others.length === 0 && same(only.itemCodeableConcept, code) ? only.strength : undefined;
}

/** What a compound is made of, for RXC. */
export function ingredientsOf(request: MedicationRequest, context: WriteContext): MedicationIngredient[] {
  const { ingredient = [] } = medicationOf(request, context) ?? {};
  return strengthOf(request, context) ? [] : ingredient;
}

/** The volume that a strength is of, unless it is of one. */
function volumeOf(request: MedicationRequest, context: WriteContext): Quantity | undefined {
  const denominator = strengthOf(request, context)?.denominator;
  return denominator && nm(denominator.value) === '1' && denominator.unit === undefined
    ? undefined
    : denominator;
}

export const amount: Writer<Quantity> = ({ value }) => nm(value);
const units: Writer<Quantity> = (quantity, context): LeafValue[] | undefined => unit(quantity, context);

const SUBSTITUTION = 'http://terminology.hl7.org/CodeSystem/v3-substanceAdminSubstitution';

/** 0161 and 0167: what was sent, or else whether another may be given. */
function substitution({ substitution: asked }: MedicationRequest, context: WriteContext): RepetitionValue {
  const { allowedCodeableConcept: concept, allowedBoolean: isAllowed } = asked ?? {};
  if (concept) return cwe(asSent(concept, [SUBSTITUTION]), context);
  return isAllowed === undefined ? undefined : isAllowed ? 'G' : 'N';
}

type Get = (request: MedicationRequest, context: WriteContext) => Quantity | undefined;
const quantity = (at: number, path: string, get: Get): Fields<MedicationRequest> => ({
  [at]: from(path, get, amount),
  [at + 1]: from(path, get, units),
});

function drugFields(at: DrugFields): Fields<MedicationRequest> {
  const dose = 'dosageInstruction.doseAndRate.dose[x]';
  return {
    [at.code]: needed(from('MedicationRequest.medication[x]', codeOf, cwe)),
    [at.dose]: from(dose, (request) => dosesOf(request).least, amount),
    [at.dose + 1]: from(dose, (request) => dosesOf(request).most, amount),
    [at.dose + 2]: from(dose, (request) => dosesOf(request).least ?? dosesOf(request).most, units),
    [at.form]: from('Medication.form', (request, context) => medicationOf(request, context)?.form, cwe),
    [at.words]: fromEach('dosageInstruction.text, additionalInstruction', wordsOf, cwe),
    [at.substitution]: { from: 'MedicationRequest.substitution.allowed[x]', write: substitution },
    ...quantity(at.dispensed, 'dispenseRequest.quantity', ({ dispenseRequest }) => dispenseRequest?.quantity),
    [at.refills]: from(
      'dispenseRequest.numberOfRepeatsAllowed',
      ({ dispenseRequest }) => dispenseRequest?.numberOfRepeatsAllowed,
      (count) => count,
    ),
    [at.most]: from(
      'dosageInstruction.maxDosePerPeriod',
      ({ dosageInstruction }) => dosageInstruction?.[0]?.maxDosePerPeriod?.numerator,
      cq,
    ),
    [at.note]: fromEach(
      'MedicationRequest.note for the pharmacy',
      ({ note }) => ['RXO-6', 'RXE-21'].flatMap((field) => ofField(note, field)),
      ({ text }) => (text === undefined ? undefined : ['', text]),
    ),
    ...quantity(at.rate, 'dosageInstruction.doseAndRate.rateQuantity', (request) => dosesOf(request).rate),
    ...quantity(
      at.strength,
      'Medication.ingredient.strength',
      (request, context) => strengthOf(request, context)?.numerator,
    ),
    [at.reason]: fromEach('MedicationRequest.reasonCode', ({ reasonCode }) => reasonCode, cwe),
    ...quantity(at.volume, 'Medication.ingredient.strength, of how much', volumeOf),
    [at.dispenser]: from(
      'dispenseRequest.performer',
      ({ dispenseRequest }) => dispenseRequest?.performer,
      producer,
    ),
  };
}

/** RXO, what is asked for, and RXE, as it is encoded (2.5.1, 4.14.1 and 4.14.4), from the MedicationRequest. */
export const rxo = drugFields(RXO);
export const rxe = drugFields(RXE);

/** 0166: additive, base. */
const kind = ({ isActive }: MedicationIngredient): string | undefined =>
  isActive === undefined ? undefined : isActive ? 'A' : 'B';

/** RXC from each ingredient of a compound. */
export const rxc: Fields<MedicationIngredient> = {
  1: { from: 'Medication.ingredient.isActive', write: kind },
  2: from('Medication.ingredient.item[x]', ({ itemCodeableConcept }) => itemCodeableConcept, cwe),
  3: from('Medication.ingredient.strength', ({ strength }) => strength?.numerator, amount),
  4: from('Medication.ingredient.strength', ({ strength }) => strength?.numerator, units),
};
