import type { Dosage, MedicationIngredient, MedicationRequest, Observation } from '@medplum/fhirtypes';
import { Hl7Error } from '../../../standards/hl7v2/index.ts';
import { resolve, type WriteContext } from './context.ts';
import { cwe } from './datatypes/cwe.ts';
import { ei } from './datatypes/cx.ts';
import { dtm } from './datatypes/dtm.ts';
import { ofField } from './datatypes/marks.ts';
import { xcnOf } from './datatypes/person.ts';
import { type Fields, from } from './fields.ts';
import { group } from './parts.ts';
import { each, one, profile } from './profile.ts';
import type { Related } from './render.ts';
import { type AllergyFacts, allergies } from './segments/allergy.ts';
import { onceAt, routesOf, rxr, timesOf } from './segments/dosage.ts';
import { amount, ingredientsOf, rxc, rxe, rxo } from './segments/drug.ts';
import { type AccountFacts, guarantors } from './segments/gt1.ts';
import { type CoverageFacts, insurances } from './segments/in1.ts';
import { notes } from './segments/nte.ts';
import { observed } from './segments/observed.ts';
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
  'entered-in-error': 'SC',
  unknown: 'SC',
};
/** ORC-5 (0038), where ORC-1 does not say it. */
const STATES: Readonly<Record<string, string>> = { completed: 'CM', 'entered-in-error': 'ER' };

function controlOf({ status = 'unknown' }: MedicationRequest): string {
  const control = CONTROLS[status];
  if (control === undefined)
    throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: 'a draft is no prescription yet' });
  return control;
}

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

/** RXE-15, the number of the prescription. */
const prescriptionNumber = ({ identifier }: MedicationRequest) =>
  numberOf(identifier, { fields: ['RXE-15'], type: 'RXN' })?.value;

/** ORC from the MedicationRequest. */
const orc: Fields<MedicationRequest> = {
  1: { from: 'MedicationRequest.status', write: controlOf, needed: true },
  2: placer,
  3: filler,
  4: from('MedicationRequest.groupIdentifier', ({ groupIdentifier }) => groupIdentifier, ei),
  5: { from: 'MedicationRequest.status', write: ({ status }) => STATES[status ?? ''] },
  9: from('MedicationRequest.authoredOn', ({ authoredOn }) => authoredOn, dtm),
  10: from('MedicationRequest.recorder', ({ recorder }) => recorder, xcnOf),
  12: from('MedicationRequest.requester', ({ requester }) => requester, orderingPerson),
  16: from('MedicationRequest.statusReason', ({ statusReason }) => statusReason, cwe),
};

const told = ({ supportingInformation = [] }: MedicationRequest, context: WriteContext): Observation[] =>
  supportingInformation.flatMap((reference) => resolve(context, reference, 'Observation') ?? []);

const orderNotes = notes<MedicationRequest>(({ note }) => ofField(note, 'NTE-3', () => true));
const route = each<MedicationRequest, Dosage>('RXR', routesOf, { 1: () => undefined, ...rxr });
const compound = each<MedicationRequest, MedicationIngredient>('RXC', ingredientsOf, {
  1: () => undefined,
  ...rxc,
});

/** An order of a drug as it is asked for, with what the order goes by (2.5.1, 4.4.1): without TQ1, so its timing stands in ORC-7. */
export const askedFor = {
  ORC: one<MedicationRequest>('ORC', { ...orc, 7: { from: 'dosageInstruction.timing', write: onceAt } }),
  RXO: one<MedicationRequest>('RXO', rxo),
  NTE: orderNotes,
  RXR: route,
  RXC: compound,
  OBX: observed<MedicationRequest>(told),
};

/**
 * RDE^O11, pharmacy encoded order (2.5.1, 4.13.6): each prescription with its dose, timing, route, components and how much is to be dispensed. The first
 * dosage is the one that RXE has fields for.
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
      ORC: one<MedicationRequest>('ORC', orc),
      RXE: one<MedicationRequest>('RXE', {
        1: { from: 'dosageInstruction.timing.event', write: onceAt },
        ...rxe,
        15: from('MedicationRequest.identifier of the prescription', prescriptionNumber, (value) => value),
        39: from(
          'dispenseRequest.initialFill.quantity',
          ({ dispenseRequest }) => dispenseRequest?.initialFill?.quantity,
          amount,
        ),
        32: from(
          'MedicationRequest.authoredOn',
          (request) => (controlOf(request) === 'NW' ? undefined : request.authoredOn),
          dtm,
        ),
      }),
      NTE: orderNotes,
      TQ1: tq1<MedicationRequest>(timesOf),
      RXR: route,
      RXC: compound,
      OBX: observed<MedicationRequest>(told),
    }),
  },
});
