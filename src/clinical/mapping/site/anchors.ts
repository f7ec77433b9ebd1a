import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';

/**
 * The segment that stands for a resource of a message. A segment of the site's own that follows it says something about that resource; one
 * before the first belongs to the first.
 */
const anchors: ReadonlyMap<string, string> = new Map([
  ['Patient', 'PID'],
  ['Encounter', 'PV1'],
  ['Observation', 'OBX'],
  ['DiagnosticReport', 'OBR'],
  ['ServiceRequest', 'OBR'],
  ['Specimen', 'SPM'],
  ['Appointment', 'SCH'],
  ['Coverage', 'IN1'],
  ['DocumentReference', 'TXA'],
]);

export const isAnchored = (resource: string): boolean => anchors.has(resource);

export const isAnchor = (segment: string, resource: string): boolean => anchors.get(resource) === segment;

/** Segments of a name that belong to this one of the anchors. */
export function belongingTo(anchor: Segment, name: string, message: Hl7Message): Segment[] {
  const all = message.segments();
  const own: Segment[] = [];
  let last = 0;
  for (const segment of all) {
    if (segment.name === anchor.name) last = segment.occurrence;
    else if (segment.name === name && Math.max(last, 1) === anchor.occurrence) own.push(segment);
  }
  return own;
}
