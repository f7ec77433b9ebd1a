import type { Attachment } from '@medplum/fhirtypes';
import type { Repetition, Segment } from '../../../standards/hl7v2/index.ts';
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

const mediaType = (subtype: string): string => MEDIA[subtype.toUpperCase()] ?? 'application/octet-stream';

/** ED-2 type, ED-3 subtype, ED-4 encoding, ED-5 data. */
function embedded(value: Repetition): Attachment | undefined {
  const data = value.component(5).replaceAll(/\s/g, '');
  if (value.component(4).toUpperCase() !== 'BASE64' || !BASE64.test(data)) return undefined;
  return { contentType: mediaType(value.component(3)), data };
}

/** RP-1 pointer, RP-3 type and RP-4 subtype. */
function pointed(value: Repetition): Attachment | undefined {
  const url = value.component(1).trim();
  return /^https?:\/\/\S+$/i.test(url) ? { contentType: mediaType(value.component(4)), url } : undefined;
}
