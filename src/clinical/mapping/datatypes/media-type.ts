import { codeTable } from '../tables.ts';

/** Tables 0191 and 0291, and what senders write there, to media types. */
const MEDIA = codeTable({
  PDF: 'application/pdf',
  RTF: 'text/rtf',
  HTML: 'text/html',
  XML: 'text/xml',
  JPEG: 'image/jpeg',
  JPG: 'image/jpeg',
  PNG: 'image/png',
  TIFF: 'image/tiff',
  GIF: 'image/gif',
  DICOM: 'application/dicom',
  PLAIN: 'text/plain',
  TEXT: 'text/plain',
  TXT: 'text/plain',
  TX: 'text/plain',
  FT: 'text/plain',
});

const TOP_LEVEL: ReadonlySet<string> = new Set(['application', 'audio', 'image', 'text', 'video']);
const NAME = /^[a-z0-9][a-z0-9!#$&^_.+-]*$/;

/** The media type that a type (ED-2, RP-3) and its subtype (ED-3, RP-4) name, or a whole one in either; undefined when they name none. */
export function mediaType(type: string, subtype: string): string | undefined {
  const [top, sub] = [type.trim().toLowerCase(), subtype.trim().toLowerCase()];
  for (const whole of [sub, top]) {
    const [before = '', after = '', ...rest] = whole.split('/');
    if (rest.length === 0 && TOP_LEVEL.has(before) && NAME.test(after)) return whole;
  }
  const known = MEDIA[sub.toUpperCase()] ?? (sub === '' ? MEDIA[top.toUpperCase()] : undefined);
  if (known) return known;
  return TOP_LEVEL.has(top) && NAME.test(sub) ? `${top}/${sub}` : undefined;
}
