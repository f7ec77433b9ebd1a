import type { Dosage, Medication, MedicationRequest, Quantity } from '@medplum/fhirtypes';
import { Hl7Error, type LeafValue, type RepetitionValue } from '../../../standards/hl7v2/index.ts';
import { resolve, type WriteContext, type Writer } from './context.ts';
import { asSent, code, cwe } from './datatypes/cwe.ts';
import { ei } from './datatypes/cx.ts';
import { dtm } from './datatypes/dtm.ts';
import { ofField } from './datatypes/marks.ts';
import { nm, unit } from './datatypes/quantity.ts';
import { from, fromEach, needed } from './fields.ts';
import { group } from './parts.ts';
import { each, one, profile } from './profile.ts';
import type { Related } from './render.ts';
import { type AllergyFacts, allergies } from './segments/allergy.ts';
import { type AccountFacts, guarantors } from './segments/gt1.ts';
import { type CoverageFacts, insurances } from './segments/in1.ts';
import { notes } from './segments/nte.ts';
import { fillerOf, numberOf, placerOf } from './segments/order-numbers.ts';
import { orderingPerson } from './segments/order-party.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { tq1 } from './segments/tq1.ts';

export interface PrescriptionFacts
  extends PatientFacts,
    VisitOfFacts,
    CoverageFacts,
    AllergyFacts,
    AccountFacts,
    Related {
  readonly prescriptions: readonly MedicationRequest[];
}

/** ORC-1 (0119) for each status. */
const CONTROLS: Readonly<Record<string, string>> = {
  active: 'NW',
  'on-hold': 'HD',
  cancelled: 'CA',
  stopped: 'DC',
  completed: 'SC',
  'entered-in-error': 'CA',
  unknown: 'SC',
};

function controlOf({ status = 'unknown' }: MedicationRequest): string {
  const control = CONTROLS[status];
  if (control === undefined)
    throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: 'a draft is no prescription yet' });
  return control;
}

/** A resource of its own, or one that the request contains. */
function medicationOf(request: MedicationRequest, context: WriteContext): Medication | undefined {
  const { medicationReference, contained = [] } = request;
  const known = resolve(context, medicationReference, 'Medication');
  const inside = contained.find(({ id }) => medicationReference?.reference === `#${id}`);
  return known ?? (inside?.resourceType === 'Medication' ? inside : undefined);
}
const codeOf = (request: MedicationRequest, context: WriteContext) =>
  request.medicationCodeableConcept ?? medicationOf(request, context)?.code;
const dosageOf = ({ dosageInstruction: [first] = [] }: MedicationRequest): Dosage | undefined => first;

/** The amount to give: a quantity, or a range from the least to the most. */
function doseOf(request: MedicationRequest): { readonly least?: Quantity; readonly most?: Quantity } {
  const [dose] = dosageOf(request)?.doseAndRate ?? [];
  if (dose?.doseQuantity) return { least: dose.doseQuantity };
  const { low, high } = dose?.doseRange ?? {};
  return { ...(low ? { least: low } : {}), ...(high ? { most: high } : {}) };
}

function rateOf(request: MedicationRequest): Quantity | undefined {
  const [dose] = dosageOf(request)?.doseAndRate ?? [];
  return dose?.rateQuantity;
}

const amount: Writer<Quantity> = ({ value }) => nm(value);
const units: Writer<Quantity> = (quantity, context): LeafValue[] | undefined => unit(quantity, context);
const dispense = ({ dispenseRequest }: MedicationRequest) => dispenseRequest;
const placer = from(
  'MedicationRequest.identifier of the placer',
  ({ identifier }: MedicationRequest) => placerOf(identifier),
  ei,
);
const filler = from(
  'MedicationRequest.identifier of the filler',
  ({ identifier }: MedicationRequest) => fillerOf(identifier),
  ei,
);

const SUBSTITUTION = 'http://terminology.hl7.org/CodeSystem/v3-substanceAdminSubstitution';

/** 0167: what was sent, or else whether another may be given. */
function substitution({ substitution: asked }: MedicationRequest, context: WriteContext): RepetitionValue {
  const { allowedCodeableConcept: concept, allowedBoolean: isAllowed } = asked ?? {};
  if (concept) return code(asSent(concept, [SUBSTITUTION]), context);
  return isAllowed === undefined ? undefined : isAllowed ? 'G' : 'N';
}

/** RXE-15, the number of the prescription. */
const prescriptionNumber = ({ identifier }: MedicationRequest) =>
  numberOf(identifier, { fields: ['RXE-15'], type: 'RXN' })?.value ?? fillerOf(identifier)?.value;

/**
 * RDE^O11, pharmacy encoded order (2.5.1, 4.13.6): each prescription with its dose, timing, route and how much is to be dispensed. The first dosage is the
 * one that RXE has fields for; its text is RXE-7.
 */
export const prescriptions = profile<PrescriptionFacts>()({
  message: 'RDE^O11',
  parts: {
    PID: pid<PrescriptionFacts>(),
    PD1: pd1<PrescriptionFacts>(),
    AL1: allergies<PrescriptionFacts>(),
    PV1: pv1<PrescriptionFacts>(),
    PV2: pv2<PrescriptionFacts>(),
    INSURANCE: insurances<PrescriptionFacts>(),
    GT1: guarantors<PrescriptionFacts>(),
    ORDER: group((facts: PrescriptionFacts): readonly MedicationRequest[] => facts.prescriptions, {
      ORC: one<MedicationRequest>('ORC', {
        1: { from: 'MedicationRequest.status', write: controlOf, needed: true },
        2: placer,
        3: filler,
        4: from('MedicationRequest.groupIdentifier', ({ groupIdentifier }) => groupIdentifier, ei),
        9: from('MedicationRequest.authoredOn', ({ authoredOn }) => authoredOn, dtm),
        12: from('MedicationRequest.requester', ({ requester }) => requester, orderingPerson),
        16: from('MedicationRequest.statusReason', ({ statusReason }) => statusReason, cwe),
      }),
      RXE: one<MedicationRequest>('RXE', {
        2: needed(from('MedicationRequest.medication[x]', codeOf, cwe)),
        3: from('dosageInstruction.doseAndRate.dose', (request) => doseOf(request).least, amount),
        4: from('dosageInstruction.doseAndRate.doseRange.high', (request) => doseOf(request).most, amount),
        5: from(
          'dosageInstruction.doseAndRate.dose',
          (request) => doseOf(request).least ?? doseOf(request).most,
          units,
        ),
        6: from('Medication.form', (request, context) => medicationOf(request, context)?.form, cwe),
        7: fromEach(
          'dosageInstruction.text, additionalInstruction',
          (request) => {
            const { text, additionalInstruction = [] } = dosageOf(request) ?? {};
            return [...(text === undefined ? [] : [{ text }]), ...additionalInstruction];
          },
          cwe,
        ),
        9: { from: 'MedicationRequest.substitution.allowed[x]', write: substitution },
        10: from('dispenseRequest.quantity', (request) => dispense(request)?.quantity, amount),
        11: from('dispenseRequest.quantity', (request) => dispense(request)?.quantity, units),
        12: from(
          'dispenseRequest.numberOfRepeatsAllowed',
          (request) => dispense(request)?.numberOfRepeatsAllowed,
          (count) => count,
        ),
        15: from('MedicationRequest.identifier of the prescription', prescriptionNumber, (value) => value),
        23: from('dosageInstruction.doseAndRate.rateQuantity', rateOf, amount),
        24: from('dosageInstruction.doseAndRate.rateQuantity', rateOf, units),
        27: fromEach('MedicationRequest.reasonCode', ({ reasonCode }) => reasonCode, cwe),
      }),
      NTE: notes<MedicationRequest>(({ note }) => ofField(note, 'NTE-3', () => true)),
      TQ1: tq1<MedicationRequest>((request) => ({
        timing: dosageOf(request)?.timing,
        priority: request.priority,
        condition: dosageOf(request)?.asNeededCodeableConcept?.text,
      })),
      RXR: each<MedicationRequest, Dosage>(
        'RXR',
        ({ dosageInstruction = [] }) =>
          dosageInstruction.filter(({ route, site }) => route ?? site).slice(0, 1),
        {
          1: from('dosageInstruction.route', ({ route }) => route, cwe),
          2: from('dosageInstruction.site', ({ site }) => site, cwe),
          4: from('dosageInstruction.method', ({ method }) => method, cwe),
        },
      ),
    }),
  },
});
