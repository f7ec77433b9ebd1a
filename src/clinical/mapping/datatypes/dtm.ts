import {
  type Hl7DateTime,
  parseDateTime,
  type Repetition,
  toFhirDate,
  toFhirDateTime,
} from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import type { Datatype } from '../convert.ts';

/** The clocks of a zone don't change within an hour's name often enough to ask for each time stamp of a report. */
const offsets = new Map<string, number>();
const MAX_OFFSETS = 5000;

/** DTM, TS or DT at a component, in the message's clocks. Throws HL7_BAD_TIMESTAMP; undefined when empty. */
export function readDateTime(value: Repetition, context: MapContext, component = 1): Hl7DateTime | undefined {
  const text = value.component(component);
  if (text === '') return undefined;
  const degree = component === 1 ? value.component(2) : '';
  const parsed = parseDateTime(text, { ...(degree.length === 1 ? { degree } : {}) });
  if (parsed.offsetMinutes !== undefined || parsed.hour === undefined) return parsed;
  return { ...parsed, offsetMinutes: offsetOf(text, context.zone) };
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

/** → dateTime, as exact as it was sent. */
export const dateTime: Datatype<string> = (value, context) => {
  const parsed = readDateTime(value, context);
  return parsed && toFhirDateTime(parsed);
};

/** → date, without the time of day. */
export const date: Datatype<string> = (value, context) => {
  const parsed = readDateTime(value, context);
  return parsed && toFhirDate(parsed);
};

/** → instant; undefined when it is less exact than a minute. */
export const instant: Datatype<string> = (value, context) => instantAt(value, context, 1);

export function instantAt(value: Repetition, context: MapContext, component: number): string | undefined {
  const parsed = readDateTime(value, context, component);
  if (parsed?.minute === undefined || parsed.offsetMinutes === undefined) return undefined;
  return toFhirDateTime(parsed);
}
