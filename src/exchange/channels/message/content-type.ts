/** What kind of content a media type means for the steps. */
export type ContentKind = 'hl7' | 'json' | 'other';

export const hl7ContentType = 'application/hl7-v2';

export function contentKind(contentType: string): ContentKind {
  const [essence = ''] = contentType.toLowerCase().split(';');
  const media = essence.trim();
  if (media === hl7ContentType || media === 'x-application/hl7-v2+er7' || media === 'application/hl7-v2+er7')
    return 'hl7';
  return media === 'application/json' || media.endsWith('+json') ? 'json' : 'other';
}
