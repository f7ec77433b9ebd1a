import type { Attachment } from '@medplum/fhirtypes';
import { components, leaveOut, type Writer } from '../context.ts';

/** Tables 0191 and 0291, for the media types that they have. */
const MEDIA: Readonly<Record<string, readonly [type: string, subtype: string]>> = {
  'application/pdf': ['AP', 'PDF'],
  'application/octet-stream': ['AP', 'Octet-stream'],
  'text/rtf': ['TEXT', 'RTF'],
  'text/html': ['TEXT', 'HTML'],
  'text/xml': ['TEXT', 'XML'],
  'text/plain': ['TEXT', 'PLAIN'],
  'image/jpeg': ['IM', 'JPEG'],
  'image/png': ['IM', 'PNG'],
  'image/tiff': ['IM', 'TIFF'],
  'image/gif': ['IM', 'GIF'],
};

/** 0191 by the first part of a media type; the subtype of others is the whole media type. */
const KINDS: Readonly<Record<string, string>> = { text: 'TEXT', image: 'IM', audio: 'AU' };

/** ED-2 and ED-3 of a media type. */
export function mediaOf(contentType: string): readonly [type: string, subtype: string] {
  const [plain = ''] = contentType.split(';');
  const [top = ''] = plain.split('/');
  return MEDIA[plain] ?? (plain === '' ? ['AP', 'Octet-stream'] : [KINDS[top] ?? 'AP', plain]);
}

/** OBX-2: ED for a document with its content, RP for one that stands elsewhere. */
export const attachmentType = ({ data, url }: Attachment): string =>
  data === undefined && url !== undefined ? 'RP' : 'ED';

/** A document as ED in base64, or as RP: its address and kind. */
export const fileOf: Writer<Attachment> = ({ contentType = '', data, url }, context) => {
  const [type, subtype] = mediaOf(contentType);
  if (data !== undefined) return ['', type, subtype, 'Base64', data];
  if (url === undefined) return leaveOut(context, 'a document has content or an address');
  return components(contentType === '' ? [url] : [url, '', type, subtype]);
};
