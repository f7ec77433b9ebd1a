import type { Identifier, ServiceRequest } from '@medplum/fhirtypes';
import { Hl7Error } from '../../../../standards/hl7v2/index.ts';
import type { WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { cx, ei, eip } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { practitionerOf, xon } from '../datatypes/person.ts';
import { xad } from '../datatypes/xad.ts';
import { xtnOf } from '../datatypes/xtn.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import { fillerOf, placerOf } from './order-numbers.ts';
import { orderingFacility, orderingPerson } from './order-party.ts';

/** An order as it is sent. */
export interface SentOrder {
  readonly request: ServiceRequest;
  /** ORC-1 (0119). Without it the status says: NW, CA, HD, or SC with ORC-5. */
  readonly control?: string;
}

/** ORC-1 and ORC-5 for each status (0119, 0038). A status that is unknown, or was never said, changes nothing. */
const STATES: Readonly<Record<string, readonly [control: string, status?: string]>> = {
  active: ['NW'],
  revoked: ['CA'],
  'on-hold': ['HD'],
  completed: ['SC', 'CM'],
  'entered-in-error': ['SC', 'ER'],
  unknown: ['SC'],
};

/** 0038, beside an ORC-1 that does not say it: that of a result, or of a change. */
const ORDER_STATES: Readonly<Record<string, string>> = {
  active: 'IP',
  revoked: 'CA',
  'on-hold': 'HD',
  completed: 'CM',
  'entered-in-error': 'ER',
};

function stateOf({ request }: SentOrder): readonly [string, string?] {
  const state = STATES[request.status ?? 'unknown'];
  if (!state) throw new Hl7Error('HL7_BAD_TABLE_VALUE', { rule: 'a draft is no order yet' });
  return state;
}
const controlOf = (order: SentOrder): string => order.control ?? stateOf(order)[0];

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
const extensionOf = ({ request: { extension = [] } }: SentOrder, name: string) =>
  extension.find(({ url }) => url === `${FHIR}/${name}`);
export const callbackOf = (order: SentOrder) =>
  extensionOf(order, 'servicerequest-order-callback-phone-number')?.valueContactPoint;
const facility = ({ request }: SentOrder, context: WriteContext) =>
  orderingFacility(request.requester, context);

/** The numbers of the order that this one is a part of, from that field; without a field they are ORC-8. */
export function parentOf({ basedOn }: ServiceRequest, field: 'ORC-8' | 'OBR-29'): Identifier[] | undefined {
  const found = ofField(basedOn, field, () => field === 'ORC-8').flatMap(
    ({ identifier }) => identifier ?? [],
  );
  return found.length > 0 ? found : undefined;
}
export const parent = eip({ placer: 'PLAC', filler: 'FILL' });

/** ORC from the ServiceRequest. ORC-9 is when it was ordered, where ORC-1 says that it is new. */
export const orc: Fields<SentOrder> = {
  1: { from: 'ServiceRequest.status', write: controlOf, needed: true },
  2: from('ServiceRequest.identifier of the placer', ({ request }) => placerOf(request.identifier), ei),
  3: from('ServiceRequest.identifier of the filler', ({ request }) => fillerOf(request.identifier), ei),
  4: from('ServiceRequest.requisition', ({ request }) => request.requisition, ei),
  5: {
    from: 'ServiceRequest.status',
    write: (order) =>
      order.control === undefined ? stateOf(order)[1] : ORDER_STATES[order.request.status ?? ''],
  },
  8: from('ServiceRequest.basedOn', ({ request }) => parentOf(request, 'ORC-8'), parent),
  9: from(
    'ServiceRequest.authoredOn',
    (order) => (controlOf(order) === 'NW' ? order.request.authoredOn : undefined),
    dtm,
  ),
  12: from('ServiceRequest.requester', ({ request }) => request.requester, orderingPerson),
  14: from('ServiceRequest.extension(order-callback-phone-number)', callbackOf, xtnOf('work')),
  16: from(
    'ServiceRequest.extension(request-statusReason)',
    (order) => extensionOf(order, 'request-statusReason')?.valueCodeableConcept,
    cwe,
  ),
  21: from('ServiceRequest.requester.organization', facility, xon),
  22: fromEach(
    'ServiceRequest.requester.organization.address',
    (order, context) => facility(order, context)?.address,
    xad,
  ),
  23: fromEach(
    'ServiceRequest.requester.organization.telecom',
    (order, context) => facility(order, context)?.telecom,
    xtnOf('work'),
  ),
  24: fromEach(
    'ServiceRequest.requester.address',
    ({ request }, context) => practitionerOf(request.requester, context)?.address,
    xad,
  ),
  29: from(
    'ServiceRequest.locationCode',
    ({ request }) => ofField(request.locationCode, 'ORC-29', () => true)[0],
    cwe,
  ),
  33: fromEach(
    'ServiceRequest.identifier from ORC-33',
    ({ request }) => ofField(request.identifier, 'ORC-33'),
    cx,
  ),
  38: from(
    'ServiceRequest.identifier from ORC-38',
    ({ request }) => ofField(request.identifier, 'ORC-38')[0],
    ei,
  ),
};
