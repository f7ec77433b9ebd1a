import type {
  ChargeItem,
  CodeableConcept,
  DocumentReference,
  MedicationRequest,
  Observation,
  Reference,
  Resource,
  Specimen,
} from '@medplum/fhirtypes';
import type { ComponentValue, RepetitionValue } from '../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext, type Writer } from './context.ts';
import { cwe } from './datatypes/cwe.ts';
import { dtm } from './datatypes/dtm.ts';
import { ofField } from './datatypes/marks.ts';
import { xcnOf } from './datatypes/person.ts';
import { cq } from './datatypes/quantity.ts';
import { from, fromEach } from './fields.ts';
import { group } from './parts.ts';
import { each, one, profile } from './profile.ts';
import { askedFor } from './rde-o11.ts';
import type { Related } from './render.ts';
import { type AllergyFacts, allergies } from './segments/allergy.ts';
import { ft1, type SentCharge } from './segments/ft1.ts';
import { type AccountFacts, guarantors } from './segments/gt1.ts';
import { type CoverageFacts, insurances } from './segments/in1.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { notes } from './segments/nte.ts';
import { obrOrder, urgency } from './segments/obr-order.ts';
import { numbered, observed } from './segments/observed.ts';
import { obxFile } from './segments/obx-document.ts';
import { orc, type SentOrder } from './segments/orc.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { quantityTiming } from './segments/quantity-timing.ts';
import { spm } from './segments/spm.ts';
import { timesOfOrder, tq1 } from './segments/tq1.ts';

export interface OrderFacts
  extends PatientFacts,
    VisitOfFacts,
    KinFacts,
    CoverageFacts,
    AllergyFacts,
    AccountFacts,
    Related {
  /** What they cost. */
  readonly charges?: readonly ChargeItem[];
  /** Drugs, for a receiver of ORM^O01. */
  readonly prescriptions?: readonly MedicationRequest[];
  /** New orders, changes and cancellations (ServiceRequest.status revoked), in the order of the message. */
  readonly orders: readonly SentOrder[];
}

const specimensOf = ({ request }: SentOrder, context: WriteContext): Specimen[] =>
  (request.specimen ?? []).flatMap((reference) => resolve(context, reference, 'Specimen') ?? []);

const sample = (order: SentOrder, context: WriteContext): Specimen | undefined =>
  specimensOf(order, context)[0];

/** What was told with the order. */
const toldWith = ({ request }: SentOrder, context: WriteContext): Observation[] =>
  (request.supportingInfo ?? []).flatMap(
    (reference: Reference<Resource>) => resolve(context, reference, 'Observation') ?? [],
  );
const answers = observed<SentOrder>(toldWith);

/** Letters and pictures that come with it. */
const documents = each<SentOrder, DocumentReference>(
  'OBX',
  ({ request }, context) =>
    (request.supportingInfo ?? []).flatMap(
      (reference: Reference<Resource>) => resolve(context, reference, 'DocumentReference') ?? [],
    ),
  obxFile,
);

const orderNotes = notes<SentOrder>(({ request }) => ofField(request.note, 'NTE-3', () => true));

/** DG1-6 is required: a reason for an order is a working diagnosis (0052 W). */
const reasons = each<SentOrder, CodeableConcept>(
  'DG1',
  ({ request }) => ofField(request.reasonCode, 'DG1-3'),
  {
    3: from('ServiceRequest.reasonCode from DG1-3', (reason) => reason, cwe),
    6: 'W',
  },
);

const timed = tq1<SentOrder>(({ request }) => timesOfOrder(request));

const samples = each<SentOrder, Specimen>('SPM', specimensOf, spm);
const costs = each<OrderFacts, SentCharge>(
  'FT1',
  ({ charges = [] }) => charges.map((item) => ({ item })),
  ft1,
);

/** OBR-10 and OBR-39, for which SPM has no fields. */
const collector = from(
  'Specimen.collection.collector',
  (order: SentOrder, context) => sample(order, context)?.collection?.collector,
  xcnOf,
);
const collectorsComment = fromEach(
  'Specimen.note from OBR-39',
  (order: SentOrder, context) => ofField(sample(order, context)?.note, 'OBR-39'),
  ({ text }) => (text === undefined ? undefined : ['', text]),
);

/** Orders that a document answers or that are charged, as far as they are named there: without what belongs to the order alone. */
export const namedOrder = {
  ORC: one<SentOrder>('ORC', orc),
  TQ1: timed,
  OBR: each<SentOrder, SentOrder>('OBR', (order) => [order], {
    ...obrOrder,
    1: numbered,
    4: from('ServiceRequest.code', ({ request }) => request.code, cwe),
  }),
  NTE: orderNotes,
};

/** OML^O21, laboratory order (2.5.1, 4.4.6), with its specimens. */
export const laboratoryOrders = profile<OrderFacts>()({
  message: 'OML^O21',
  parts: {
    PID: pid<OrderFacts>(),
    PD1: pd1<OrderFacts>(),
    NK1: nextOfKin<OrderFacts>(),
    PV1: pv1<OrderFacts>(),
    PV2: pv2<OrderFacts>(),
    INSURANCE: insurances<OrderFacts>(),
    GT1: guarantors<OrderFacts>(),
    AL1: allergies<OrderFacts>(),
    ORDER: group(({ orders }: OrderFacts): readonly SentOrder[] => orders, {
      ORC: one<SentOrder>('ORC', orc),
      TQ1: timed,
      OBR: each<SentOrder, SentOrder>('OBR', (order) => [order], {
        ...obrOrder,
        1: numbered,
        10: collector,
        39: collectorsComment,
      }),
      NTE: orderNotes,
      DG1: reasons,
      OBX: answers,
      DOCUMENT: documents,
      SPM: samples,
    }),
    FT1: costs,
  },
});

/** OMG^O19, general clinical order (2.5.1, 4.4.4): the same segments in the same order. */
export const generalOrders = profile<OrderFacts>()({ ...laboratoryOrders, message: 'OMG^O19' });

/** SPS (OBR-15) of a specimen: its type, its additive, what is noted, where it was taken, and its state; parts of codes are subcomponents. */
const source: Writer<Specimen> = ({ type, container, collection, note, condition }, context) =>
  components<ComponentValue>([
    subcomponents(type, context),
    subcomponents(container?.[0]?.additiveCodeableConcept, context),
    ofField(note, 'SPM-14', ({ id }) => id === undefined)[0]?.text,
    subcomponents(collection?.bodySite, context),
    undefined,
    subcomponents(condition?.[0], context),
  ]);

function subcomponents(concept: CodeableConcept | undefined, context: WriteContext): ComponentValue {
  const written: RepetitionValue = concept && cwe(concept, context);
  return Array.isArray(written) ? (written.slice(0, 3) as ComponentValue) : undefined;
}

/**
 * ORM^O01, the general order of before 2.5 (2.5.1, 4.4.1): without TQ1 and SPM, so timing and urgency stand in ORC-7 and OBR-5, and of the first
 * specimen what OBR has fields for.
 */
export const orders = profile<OrderFacts>()({
  message: 'ORM^O01',
  parts: {
    PID: pid<OrderFacts>(),
    PD1: pd1<OrderFacts>(),
    NK1: nextOfKin<OrderFacts>(),
    PV1: pv1<OrderFacts>(),
    PV2: pv2<OrderFacts>(),
    INSURANCE: insurances<OrderFacts>(),
    GT1: guarantors<OrderFacts>(),
    AL1: allergies<OrderFacts>(),
    ORDER: group(({ orders: all }: OrderFacts): readonly SentOrder[] => all, {
      ORC: one<SentOrder>('ORC', {
        ...orc,
        7: quantityTiming,
      }),
      OBR: each<SentOrder, SentOrder>('OBR', (order) => [order], {
        ...obrOrder,
        1: numbered,
        5: urgency,
        7: from(
          'Specimen.collection.collected',
          (order, context) => {
            const { collectedDateTime, collectedPeriod } = sample(order, context)?.collection ?? {};
            return collectedDateTime ?? collectedPeriod?.start;
          },
          dtm,
        ),
        8: from(
          'Specimen.collection.collectedPeriod.end',
          (order, context) => sample(order, context)?.collection?.collectedPeriod?.end,
          dtm,
        ),
        9: from(
          'Specimen.collection.quantity',
          (order, context) => sample(order, context)?.collection?.quantity,
          cq,
        ),
        10: collector,
        14: from('Specimen.receivedTime', (order, context) => sample(order, context)?.receivedTime, dtm),
        15: from('Specimen.type', sample, source),
        39: collectorsComment,
      }),
      NTE: orderNotes,
      DG1: reasons,
      OBX: answers,
      DOCUMENT: documents,
    }),
    PRESCRIPTION: group(
      ({ prescriptions = [] }: OrderFacts): readonly MedicationRequest[] => prescriptions,
      askedFor,
    ),
    FT1: costs,
  },
});

export type { SentOrder };
