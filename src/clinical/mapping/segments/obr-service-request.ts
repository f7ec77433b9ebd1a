import type { Annotation, ServiceRequest } from '@medplum/fhirtypes';
import { choice, type Datatype, each, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei, eip } from '../datatypes/ei.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { alternatePlacer, CALLBACK, callback } from './orc-service-request.ts';
import { priority } from './tq1-service-request.ts';

/** OBR-11 G: the laboratory asks for more because of a result. Everything else is what somebody ordered. */
const intent: Convert = (field) => (field.text === 'G' ? 'reflex-order' : 'order');

/** OBR-29, the parent order, by its numbers; OBR-54 says it better where it is filled. */
const parents: Convert = (field, context, { segment }) => {
  if (segment.field(54).state === 'valued') return undefined;
  const [value] = field.repetitions;
  const identifiers = value && eip({ placer: 'PLAC', filler: 'FILL' })(value, context);
  return identifiers?.map((identifier) => ({ type: 'ServiceRequest', identifier }));
};

/** A concept as the words of a note. */
const noteOf: Datatype<Annotation> = (value, context) => {
  const concept = cwe()(value, context);
  const text = concept?.text ?? concept?.coding?.[0]?.code;
  return text === undefined ? undefined : { text };
};

/** OBR → ServiceRequest (v2-to-FHIR guide, OBR[ServiceRequest]). ORC comes after it, and says the same better. */
export const obrServiceRequest: SegmentMap<ServiceRequest> = {
  segment: 'OBR',
  resource: 'ServiceRequest',
  rows: [
    { field: 2, to: 'identifier@ORC-2', as: listOf(first(ei('PLAC'))) },
    { field: 3, to: 'identifier@ORC-3', as: listOf(first(ei('FILL'))) },
    { field: 4, to: 'code', as: first(cwe()) },
    { field: 5, to: 'priority', as: first(priority) },
    { field: 6, to: 'occurrence[x]', as: choice('DateTime', first(dateTime)) },
    { field: 11, to: 'intent', as: intent },
    { field: 13, to: 'note@OBR-13', as: each(noteOf) },
    { field: 17, to: `extension[url=${CALLBACK}]`, as: listOf(first(callback)) },
    { field: 29, to: 'basedOn@OBR-29', as: parents, with: [54] },
    { field: 31, to: 'reasonCode@OBR-31', as: each(cwe()) },
    { field: 46, to: 'orderDetail@OBR-46', as: each(cwe()) },
    { field: 47, to: 'orderDetail@OBR-47', as: each(cwe()) },
    { field: 53, to: 'identifier@ORC-33', as: each(alternatePlacer) },
  ],
  elsewhere: [1, 16, 27],
};
