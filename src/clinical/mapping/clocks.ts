import { type DateTimeOptions, type Hl7DateTime, parseDateTime } from '../../standards/hl7v2/index.ts';

/** Offsets found so far: to ask a zone for each time stamp of a report costs more than the rest of the mapping. */
const offsets = new Map<string, number>();
const MAX_OFFSETS = 5000;

/** DTM in the clocks of a zone. Throws HL7_BAD_TIMESTAMP. */
export function parseInZone(text: string, zone: string, options: DateTimeOptions = {}): Hl7DateTime {
  const parsed = parseDateTime(text, options);
  if (parsed.offsetMinutes !== undefined || parsed.hour === undefined) return parsed;
  return { ...parsed, offsetMinutes: offsetOf(text, zone) };
}

function offsetOf(text: string, zone: string): number {
  // To the quarter of an hour: no zone changes its clocks within one.
  const quarter = Math.floor(Number(text.slice(10, 12) || '0') / 15);
  const key = `${zone} ${text.slice(0, 10)} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = parseDateTime(text, { defaultOffset: zone }).offsetMinutes ?? 0;
  if (offsets.size >= MAX_OFFSETS) offsets.clear();
  offsets.set(key, offset);
  return offset;
}
