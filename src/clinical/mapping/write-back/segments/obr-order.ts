import type { Annotation, CodeableConcept } from '@medplum/fhirtypes';
import type { Writer } from '../context.ts';
import { coded, cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xtnOf } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';
import { callbackOf, parent, parentOf, type SentOrder } from './orc.ts';
import { fillerOf, placerOf } from './order-numbers.ts';
import { orderingPerson } from './order-party.ts';

/** 0485 and OBR-5 of before 2.5. */
export const priority = coded('0485', { stat: 'S', asap: 'A', routine: 'R', urgent: 'URGENT' });
/** OBR-5. */
export const urgency = from(
  'ServiceRequest.priority',
  ({ request }: SentOrder) => request.priority,
  priority,
);
const words: Writer<Annotation> = ({ text }) => (text === undefined ? undefined : ['', text]);
const reasons = ({ request }: SentOrder): CodeableConcept[] =>
  ofField(request.reasonCode, 'OBR-31', () => true);
const details =
  (field: string, fits: boolean) =>
  ({ request }: SentOrder) =>
    ofField(request.orderDetail, field, () => fits);

/** OBR of an order from the ServiceRequest. */
export const obrOrder: Fields<SentOrder> = {
  2: from('ServiceRequest.identifier of the placer', ({ request }) => placerOf(request.identifier), ei),
  3: from('ServiceRequest.identifier of the filler', ({ request }) => fillerOf(request.identifier), ei),
  4: needed(from('ServiceRequest.code', ({ request }) => request.code, cwe)),
  6: from('ServiceRequest.occurrenceDateTime', ({ request }) => request.occurrenceDateTime, dtm),
  11: {
    from: 'ServiceRequest.intent',
    write: ({ request }) => (request.intent === 'reflex-order' ? 'G' : undefined),
  },
  13: fromEach('ServiceRequest.note from OBR-13', ({ request }) => ofField(request.note, 'OBR-13'), words),
  16: from('ServiceRequest.requester', ({ request }) => request.requester, orderingPerson),
  17: from('ServiceRequest.extension(order-callback-phone-number)', callbackOf, xtnOf('work')),
  29: from('ServiceRequest.basedOn from OBR-29', ({ request }) => parentOf(request, 'OBR-29'), parent),
  31: fromEach('ServiceRequest.reasonCode', reasons, cwe),
  46: fromEach('ServiceRequest.orderDetail', details('OBR-46', true), cwe),
  47: fromEach('ServiceRequest.orderDetail from OBR-47', details('OBR-47', false), cwe),
};
