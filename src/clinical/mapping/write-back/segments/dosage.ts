import type { CodeableConcept, Dosage, MedicationRequest, Quantity } from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { components, type WriteContext } from '../context.ts';
import { asSent, cwe } from '../datatypes/cwe.ts';
import { dtm } from '../datatypes/dtm.ts';
import { type Fields, from } from '../fields.ts';
import type { Timed } from './tq1.ts';

const firstOf = ({ dosageInstruction: [first] = [] }: MedicationRequest): Dosage | undefined => first;

/** How much to give, and how fast: a quantity, or a range from the least to the most. */
export function dosesOf(request: MedicationRequest): {
  readonly least?: Quantity;
  readonly most?: Quantity;
  readonly rate?: Quantity;
} {
  const [dose] = firstOf(request)?.doseAndRate ?? [];
  const { low, high } = dose?.doseRange ?? {};
  const least = dose?.doseQuantity ?? low;
  return {
    ...(least ? { least } : {}),
    ...(high ? { most: high } : {}),
    ...(dose?.rateQuantity ? { rate: dose.rateQuantity } : {}),
  };
}

const isCoded = ({ coding = [] }: CodeableConcept): boolean => coding.length > 0;

/** What is to be heeded: a code goes to RXR-5, words alone to TQ1-10, what is left to where the text is. */
function instructionsOf({ additionalInstruction = [], asNeededCodeableConcept }: Dosage) {
  const coded = additionalInstruction.filter(isCoded);
  const words = additionalInstruction.filter((one) => !isCoded(one));
  const condition = asNeededCodeableConcept ? undefined : words.shift();
  return { routing: coded.shift(), condition, others: [...coded, ...words] };
}

/** RXE-7 and RXO-7: how to take it, line by line. Several dosages have it in TQ1-11 each. */
export function wordsOf({ dosageInstruction = [] }: MedicationRequest): CodeableConcept[] {
  const [only, ...more] = dosageInstruction;
  if (!only || more.length > 0) return [];
  return [...linesOf(only).map((text) => ({ text })), ...instructionsOf(only).others];
}
const linesOf = ({ text }: Dosage): string[] => (text === undefined ? [] : text.split(/\r\n|\r|\n/));

/** Each dosage as a TQ1, unless it is just one moment, for which RXE-1 has a place. */
export function timesOf({ dosageInstruction = [], priority }: MedicationRequest): Timed[] {
  const isOne = dosageInstruction.length < 2;
  const timed = dosageInstruction.map((dosage, index): Timed => {
    const { asNeededBoolean, asNeededCodeableConcept: reason } = dosage;
    return {
      timing: dosage.timing?.event ? undefined : dosage.timing,
      priority: index === 0 ? priority : undefined,
      isAsNeeded: asNeededBoolean === true || reason !== undefined ? true : undefined,
      condition: reason
        ? (reason.text ?? reason.coding?.[0]?.display)
        : instructionsOf(dosage).condition?.text,
      instructions: isOne ? undefined : linesOf(dosage),
    };
  });
  return timed.length > 0 || priority === undefined ? timed : [{ priority }];
}

/** TQ of RXE-1 for a single moment. */
export function onceAt(request: MedicationRequest, context: WriteContext): RepetitionValue {
  const { event: [at] = [], code } = firstOf(request)?.timing ?? {};
  const pattern = code?.coding?.[0]?.code ?? code?.text;
  return at === undefined ? undefined : components(['', pattern, '', dtm(at, context) as string]);
}

const ROUTE = 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration';
const SITE = 'http://terminology.hl7.org/CodeSystem/v3-ActSite';
const SNOMED = 'http://snomed.info/sct';

/** The concept as it was sent, behind the code of FHIR's that its own table has. */
const sentOf = (concept: CodeableConcept | undefined, system: string) =>
  concept && ((concept.coding?.length ?? 0) > 1 ? asSent(concept, [system]) : concept);

/** RXR from the dosage (2.5.1, 4.14.2). */
export const rxr: Fields<Dosage> = {
  1: from('dosageInstruction.route', ({ route }) => sentOf(route, ROUTE), cwe),
  2: from('dosageInstruction.site', ({ site }) => sentOf(site, SITE), cwe),
  4: from('dosageInstruction.method', ({ method }) => sentOf(method, SNOMED), cwe),
  5: from('dosageInstruction.additionalInstruction', (dosage) => instructionsOf(dosage).routing, cwe),
};

/** One route for an order: that of the first dosage. */
export const routesOf = (request: MedicationRequest): Dosage[] =>
  [firstOf(request)].flatMap((dosage) =>
    dosage && (dosage.route || dosage.site || dosage.method || instructionsOf(dosage).routing)
      ? [dosage]
      : [],
  );
