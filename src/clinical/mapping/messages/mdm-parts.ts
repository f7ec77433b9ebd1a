import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';
import type { DocumentPart } from '../segments/obx-document-reference.ts';

/** OBX and their notes behind TXA: what the document says. OBX before it are observations of an order. */
export function documentPartsOf(message: Hl7Message): DocumentPart[] {
  const parts: (DocumentPart & { readonly notes: Segment[] })[] = [];
  let isBehind = false;
  for (const segment of message.segments()) {
    if (segment.name === 'TXA') isBehind = true;
    else if (!isBehind) continue;
    else if (segment.name === 'OBX') parts.push({ obx: segment, notes: [] });
    else if (segment.name === 'NTE') parts.at(-1)?.notes.push(segment);
  }
  return parts;
}
