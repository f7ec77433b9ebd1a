import type { Attachment } from '@medplum/fhirtypes';
import type { Repetition, Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { orNothing, present } from '../convert.ts';
import { mediaType } from '../datatypes/media-type.ts';
import { placeOf } from '../segment-map.ts';
import { DOCUMENT_TYPES } from '../segments/obx-value.ts';
import type { Result } from './oru-groups.ts';

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** A document of OBX-5 → Attachment: ED with its content, RP with its address. What is neither is a finding. */
export function attachmentOf(obx: Segment, context: MapContext): Attachment | undefined {
  const place = placeOf(obx, 5);
  const isPointer = obx.field(2).text.trim().toUpperCase() === 'RP';
  return attempt(context, place, () => {
    const value = obx.field(5).repetition(1);
    const content = isPointer ? pointed(value) : embedded(value);
    if (!content) {
      const rule = isPointer ? 'a pointer is an address of http or https' : 'a document is ED in base64';
      context.findings.push({ place, rule });
      return undefined;
    }
    const title = orNothing(obx.field(3).component(2)) ?? orNothing(obx.field(3).component(1));
    return present<Attachment>({ ...content, title });
  });
}

const UNKNOWN_MEDIA = 'application/octet-stream';

/** ED-2 type, ED-3 subtype, ED-4 encoding, ED-5 data. */
function embedded(value: Repetition): Attachment | undefined {
  const data = value.component(5).replaceAll(/\s/g, '');
  if (value.component(4).toUpperCase() !== 'BASE64' || !BASE64.test(data)) return undefined;
  return { contentType: mediaType(value.component(2), value.component(3)) ?? UNKNOWN_MEDIA, data };
}

/** RP-1 pointer, RP-3 type and RP-4 subtype. */
function pointed(value: Repetition): Attachment | undefined {
  const url = value.component(1).trim();
  if (!/^https?:\/\/\S+$/i.test(url)) return undefined;
  return { contentType: mediaType(value.component(3), value.component(4)) ?? UNKNOWN_MEDIA, url };
}

/** Is the value of this OBX a document (ED, RP)? */
export const isDocument = ({ obx }: Pick<Result, 'obx'>): boolean =>
  DOCUMENT_TYPES.has(obx.field(2).text.trim().toUpperCase());
