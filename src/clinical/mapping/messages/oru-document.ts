import type { Attachment } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { orNothing, present } from '../convert.ts';
import { placeOf } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** ED-2 and ED-3 (tables 0191, 0291) and what senders write there, to media types. */
const MEDIA = codeTable({
  PDF: 'application/pdf',
  RTF: 'text/rtf',
  HTML: 'text/html',
  XML: 'text/xml',
  JPEG: 'image/jpeg',
  PNG: 'image/png',
  TIFF: 'image/tiff',
  GIF: 'image/gif',
  PLAIN: 'text/plain',
  TEXT: 'text/plain',
  TXT: 'text/plain',
});

/** An ED of OBX-5 in base64 → Attachment (ED-2 type, ED-3 subtype, ED-4 encoding, ED-5 data). Others are a finding. */
export function attachmentOf(obx: Segment, context: MapContext): Attachment | undefined {
  const place = placeOf(obx, 5);
  return attempt(context, place, () => {
    const value = obx.field(5).repetition(1);
    const data = value.component(5).replaceAll(/\s/g, '');
    if (value.component(4).toUpperCase() !== 'BASE64' || !BASE64.test(data)) {
      context.findings.push({ place, rule: 'a document is ED in base64' });
      return undefined;
    }
    const subtype = value.component(3).toUpperCase();
    const title = orNothing(obx.field(3).component(2)) ?? orNothing(obx.field(3).component(1));
    return present<Attachment>({ contentType: MEDIA[subtype] ?? 'application/octet-stream', data, title });
  });
}
