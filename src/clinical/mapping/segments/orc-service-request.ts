import type { Extension, Identifier, ServiceRequest } from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei, eip } from '../datatypes/ei.ts';
import { IDENTIFIER_TYPES } from '../datatypes/identifier.ts';
import { xtn } from '../datatypes/xtn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';

export const CALLBACK = 'http://hl7.org/fhir/StructureDefinition/servicerequest-order-callback-phone-number';
const STATUS_REASON = 'http://hl7.org/fhir/StructureDefinition/request-statusReason';

/** The number to call back, as the extension that FHIR has for it. */
export const callback: Datatype<Extension> = (value, context) => {
  const contact = xtn('work')(value, context);
  return contact && { url: CALLBACK, valueContactPoint: contact };
};

/** Another number of the placer: typed as such. */
export const alternatePlacer: Datatype<Identifier> = (value, context) => {
  const identifier = cx(value, context);
  return identifier && { ...identifier, type: { coding: [{ system: IDENTIFIER_TYPES, code: 'PLAC' }] } };
};

/** ORC-9 is when the order was made only where ORC-1 says that it is new. */
const authored: Convert = (field, context, at) =>
  at.segment.field(1).text === 'NW' ? first(dateTime)(field, context, at) : undefined;

const statusReason: Datatype<Extension> = (value, context) => {
  const reason = cwe()(value, context);
  return reason && { url: STATUS_REASON, valueCodeableConcept: reason };
};

/** ORC-8: the order that this one is a part of, by its numbers (EIP). */
const parents: Convert = (field, context) => {
  const identifiers = field.repetitions.flatMap(
    (value) => eip({ placer: 'PLAC', filler: 'FILL' })(value, context) ?? [],
  );
  return identifiers.length === 0
    ? undefined
    : identifiers.map((identifier) => ({ type: 'ServiceRequest', identifier }));
};

/** ORC → ServiceRequest (v2-to-FHIR guide, ORC[ServiceRequest]). Status: messages/order-control.ts; who asks: messages/service-request.ts. */
export const orcServiceRequest: SegmentMap<ServiceRequest> = {
  segment: 'ORC',
  resource: 'ServiceRequest',
  rows: [
    { field: 2, to: 'identifier@ORC-2', as: listOf(first(ei('PLAC'))) },
    { field: 3, to: 'identifier@ORC-3', as: listOf(first(ei('FILL'))) },
    { field: 4, to: 'requisition', as: first(ei('PGN')) },
    { field: 8, to: 'basedOn@ORC-8', as: parents },
    { field: 9, to: 'authoredOn', as: authored, with: [1] },
    { field: 14, to: `extension[url=${CALLBACK}]`, as: listOf(first(callback)) },
    { field: 16, to: `extension[url=${STATUS_REASON}]`, as: listOf(first(statusReason)) },
    { field: 29, to: 'locationCode@ORC-29', as: listOf(first(cwe('0482'))) },
    { field: 33, to: 'identifier@ORC-33', as: each(alternatePlacer) },
    { field: 38, to: 'identifier@ORC-38', as: listOf(first(ei('FGN'))) },
  ],
  elsewhere: [1, 5, 7, 12, 21, 22, 23, 24],
};
