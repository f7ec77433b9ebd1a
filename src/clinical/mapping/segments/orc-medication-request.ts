import type { MedicationRequest } from '@medplum/fhirtypes';
import { first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { xcn } from '../datatypes/xcn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';

/** ORC-9 is when the order was made only where ORC-1 says that it is new. */
const authored: Convert = (field, context, at) =>
  at.segment.field(1).text.trim().toUpperCase() === 'NW' ? first(dateTime)(field, context, at) : undefined;

/** ORC → MedicationRequest, as ORC[ServiceRequest] of the guide, which has none for it. Status: messages/rde.ts. */
export const orcMedicationRequest: SegmentMap<MedicationRequest> = {
  segment: 'ORC',
  resource: 'MedicationRequest',
  rows: [
    { field: 2, to: 'identifier@ORC-2', as: listOf(first(ei('PLAC'))) },
    { field: 3, to: 'identifier@ORC-3', as: listOf(first(ei('FILL'))) },
    { field: 4, to: 'groupIdentifier', as: first(ei('PGN')) },
    { field: 9, to: 'authoredOn', as: authored, with: [1] },
    { field: 10, to: 'recorder', as: first(xcn) },
    { field: 12, to: 'requester', as: first(xcn) },
    { field: 16, to: 'statusReason', as: first(cwe()) },
  ],
  elsewhere: [1, 5, 7],
};
