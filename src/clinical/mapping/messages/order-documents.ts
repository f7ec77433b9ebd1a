import type { DocumentReference } from '@medplum/fhirtypes';
import { type RecordWrite, resourceId } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { placeOf } from '../segment-map.ts';
import { writeOf } from '../write.ts';
import type { About } from './order-patient.ts';
import { attachmentOf } from './oru-document.ts';
import type { Result } from './oru-groups.ts';

/**
 * Documents that come with an order (OBX of ED or RP): a letter of referral, a picture. Each is a DocumentReference (v2-to-FHIR guide,
 * ED[DocumentReference]) that the order leads to, known by its place in the order.
 */
export function orderDocuments(
  documents: readonly Result[],
  context: MapContext,
  { about, key: orderKey }: { readonly about: About; readonly key: string },
): RecordWrite[] {
  return documents.flatMap(({ obx }, index) => {
    const attachment = attachmentOf(obx, context);
    if (!attachment) return [];
    const { encounter, subject } = about.common;
    const creation = attempt(context, placeOf(obx, 14), () => firstOf(obx.field(14), dateTime, context));
    const set = present<DocumentReference>({
      status: obx.field(11).text === 'D' ? 'entered-in-error' : 'current',
      type: cwe()(obx.field(3).repetition(1), context),
      subject: subject as DocumentReference['subject'],
      content: [{ attachment: { ...attachment, ...(creation ? { creation } : {}) } }],
    });
    const key = `told|${orderKey}|document|${index + 1}`;
    return writeOf(context, {
      type: 'DocumentReference',
      id: resourceId('DocumentReference', context.system, key),
      key,
      patient: about.patient,
      patch: { set: { ...set, ...(encounter ? { context: { encounter: [encounter] } } : {}) }, remove: [] },
    });
  });
}
